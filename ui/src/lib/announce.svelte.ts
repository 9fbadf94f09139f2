/** What the polite live region says next. */
class Announcer {
  text = $state('');
  #odd = false;

  /** Speaks a sentence, also when it is the same as the last one. */
  say(text: string): void {
    this.#odd = !this.#odd;
    this.text = this.#odd ? text : `${text}\u00a0`;
  }
}

export const announcer = new Announcer();
