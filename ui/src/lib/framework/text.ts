/** A control's plain text as lines with their label and depth, so that lists hang as lists. Nothing is ever read as markup. */
export interface Line {
  /** How deep it is indented: two spaces each. */
  depth: number;
  /** `a.`, `(1)`, `-`: what stands before an item; null for a paragraph. */
  label: string | null;
  text: string;
}

export interface Block {
  /** A short line of its own above the rest, such as "Guidance". */
  heading: string | null;
  lines: Line[];
}

const ITEM = /^(\(?[a-z0-9]{1,3}[.)]|\([a-z0-9]{1,3}\)|[-•*])\s+(.*)$/i;
const HEADING_MOST = 60;

function lineOf(raw: string): Line {
  const text = raw.trimStart();
  const depth = Math.floor((raw.length - text.length) / 2);
  const item = ITEM.exec(text);
  return item ? { depth, label: item[1] ?? null, text: item[2] ?? '' } : { depth, label: null, text };
}

/** A line that names what follows: short, not indented, no item, no full stop, and not alone in its block. */
function names(line: Line | undefined, rest: number): boolean {
  if (!line || rest === 0) return false;
  return (
    line.label === null && line.depth === 0 && line.text.length <= HEADING_MOST && !/[.:;,]$/.test(line.text)
  );
}

/** Takes a text apart at its empty lines. */
export function blocksOf(text: string): Block[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n\s*\n/)
    .map((part) =>
      part
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map(lineOf),
    )
    .filter((lines) => lines.length > 0)
    .map((lines) =>
      names(lines[0], lines.length - 1)
        ? { heading: lines[0]?.text ?? null, lines: lines.slice(1) }
        : { heading: null, lines },
    );
}

/** A line in pieces: each place whose home is known by itself, with its address. */
export function linked(
  text: string,
  homes: ReadonlyMap<string, string>,
): { text: string; to: string | null }[] {
  const names = [...homes.keys()].sort((one, other) => other.length - one.length);
  if (names.length === 0) return [{ text, to: null }];
  const any = names.map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|');
  return text
    .split(new RegExp(`(${any})(?![\\w(])`))
    .filter((piece) => piece !== '')
    .map((piece) => ({ text: piece, to: homes.get(piece) ?? null }));
}
