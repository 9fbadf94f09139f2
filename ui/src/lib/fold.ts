/** Matching for people: without case and accents, every character keeps its place. */

/** Lower case and no accents; the text keeps its length, so that positions stay true. */
export function fold(text: string): string {
  let folded = '';
  for (const char of text) {
    const base = char.normalize('NFD').charAt(0).toLowerCase();
    folded += base.length === char.length ? base : char;
  }
  return folded;
}

export interface Piece {
  text: string;
  hit: boolean;
}

/** Cuts a text where its words begin with a word of the query. */
export function pieces(text: string, query: string): Piece[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const folded = fold(text);
  const hits = new Array<boolean>(text.length).fill(false);
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(folded.charAt(at - 1))) hits.fill(true, at, at + word.length);
    }
  }
  const found: Piece[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const hit = hits[at] ?? false;
    const last = found.at(-1);
    if (last?.hit === hit) last.text += text.charAt(at);
    else found.push({ text: text.charAt(at), hit });
  }
  return found;
}

/** Whether each word of the query begins a word of the text. */
export function matchesWords(text: string, query: string): boolean {
  const words = fold(text).split(/[^\p{L}\p{N}]+/u);
  return fold(query)
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => words.some((candidate) => candidate.startsWith(word)));
}
