/** A form with one file, built as one body that is read as it is sent. */

/** What can be uploaded; in Node, `await openAsBlob(path)` from `node:fs` reads a file as it is sent. */
export type Upload = Blob | Uint8Array | { name: string; data: Blob | Uint8Array };

/** A multipart body. The same key gives the same bytes, so that a repeated upload is seen to be the same. */
export function multipart(file: Upload, fields: Record<string, unknown>, key: string): Blob {
  const boundary = `amtia-${Array.from(key, (letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .slice(0, 60)}`;
  const named = 'name' in file && 'data' in file ? file : { name: nameOf(file), data: file };
  const parts: BlobPart[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    parts.push(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${textOf(value)}\r\n`);
  }
  const kind = named.data instanceof Blob && named.data.type ? named.data.type : 'application/octet-stream';
  parts.push(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted(named.name)}"\r\ncontent-type: ${kind}\r\n\r\n`,
    named.data as BlobPart,
    `\r\n--${boundary}--\r\n`,
  );
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

const nameOf = (file: object): string => ('name' in file && typeof file.name === 'string' && file.name ? file.name : 'document');

const textOf = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.join(',') : String(value);

/** As browsers write names in a form. */
const quoted = (name: string): string => name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
