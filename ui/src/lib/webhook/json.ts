/** JSON as coloured text: pieces to draw, never markup. */

export interface Piece {
  text: string;
  kind: 'key' | 'text' | 'plain';
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Takes a value apart as it is shown: names, texts, and the rest. */
export function jsonPieces(value: unknown): Piece[] {
  const text = JSON.stringify(value, null, 2);
  const pieces: Piece[] = [];
  let done = 0;
  for (const found of text.matchAll(TOKEN)) {
    const colon = found[1] ?? '';
    const word = found[0].slice(0, found[0].length - colon.length);
    if (found.index > done) pieces.push({ text: text.slice(done, found.index), kind: 'plain' });
    pieces.push({ text: word, kind: colon ? 'key' : 'text' });
    if (colon) pieces.push({ text: colon, kind: 'plain' });
    done = found.index + found[0].length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), kind: 'plain' });
  return pieces;
}
