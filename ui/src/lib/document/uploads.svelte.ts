/** Files on their way into the workspace: one after the other, each with its progress, each can be stopped. */
import { fieldWhy, why } from '../api/why';
import { m } from '../i18n/index.svelte';
import { invalidate } from '../queries';
import { toastUndo } from '../undo.svelte';
import { sendDocument, type Source } from './send';
import type { DocumentRecord } from './types';

export interface Upload {
  id: number;
  name: string;
  source: Source;
  sent: number;
  /** Its size; 0 while it is not known. */
  total: number;
  state: 'waiting' | 'sending' | 'failed';
  /** Why it is not here. */
  error: string | null;
}

/** The last part of a path, of whatever system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}

class Uploads {
  all = $state<Upload[]>([]);
  #next = 1;
  #running = false;
  #stops = new Map<number, AbortController>();
  #arrived: (made: DocumentRecord) => void = () => undefined;

  /** Calls back with each document that has arrived; the newest caller only. Returns what ends that. */
  onarrived(callback: (made: DocumentRecord) => void): () => void {
    this.#arrived = callback;
    return () => {
      if (this.#arrived === callback) this.#arrived = () => undefined;
    };
  }

  addFiles(files: Iterable<File>): void {
    for (const file of files) this.#add(file.name, { file }, file.size);
  }

  addPath(path: string): void {
    this.#add(fileName(path), { path }, 0);
  }

  /** Stops it, or takes what failed off the list. Nothing of it is kept. */
  drop(id: number): void {
    this.#stops.get(id)?.abort();
    this.all = this.all.filter((one) => one.id !== id);
  }

  retry(id: number): void {
    this.#change(id, { state: 'waiting', error: null, sent: 0 });
    void this.#run();
  }

  #change(id: number, values: Partial<Upload>): void {
    const one = this.all.find((upload) => upload.id === id);
    if (one) Object.assign(one, values);
  }

  #add(name: string, source: Source, total: number): void {
    this.all.push({ id: this.#next++, name, source, sent: 0, total, state: 'waiting', error: null });
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let one = this.#waiting(); one; one = this.#waiting()) await this.#send(one);
    this.#running = false;
  }

  #waiting(): Upload | undefined {
    return this.all.find(({ state }) => state === 'waiting');
  }

  async #send({ id, source }: Upload): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(id, stop);
    this.#change(id, { state: 'sending' });
    try {
      const told = (sent: number, total: number) => this.#change(id, { sent, total });
      const made = await sendDocument(source, told, stop.signal);
      this.drop(id);
      invalidate(['document']);
      toastUndo(m.document_uploaded({ name: made.title }), made.title);
      this.#arrived(made);
    } catch (error) {
      // One that was stopped is not on the list any more.
      this.#change(id, { state: 'failed', error: fieldWhy(error, 'file') ?? why(error) });
    } finally {
      this.#stops.delete(id);
    }
  }
}

export const uploads = new Uploads();
