/** An upload that ends when the test says so. */
export class Held {
  static all: Held[] = [];
  upload: { onprogress: (event: { loaded: number; total: number }) => void } = {
    onprogress: () => undefined,
  };
  onload = () => undefined;
  onerror = () => undefined;
  onabort = () => undefined;
  status = 0;
  statusText = '';
  responseText = '';
  constructor() {
    Held.all.push(this);
  }
  open(): void {}
  setRequestHeader(): void {}
  send(): void {}
  abort(): void {
    this.onabort();
  }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload();
  }
}
