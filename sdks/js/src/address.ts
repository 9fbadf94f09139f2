/** Where a call goes: a path with its identifiers, and a query. */

/** An identifier as one segment of a path. */
export function segment(value: string): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new TypeError(`${JSON.stringify(value)} is not an identifier`);
  }
  return encodeURIComponent(value);
}

/** A path with its identifiers: `path('/risks/{}', id)`. */
export function path(template: string, ...values: string[]): string {
  let next = 0;
  return template.replace(/\{\}/g, () => segment(values[next++] as string));
}

/** `?a=1&b=x` without what is empty; an empty text when nothing is left. */
export function queryString(query: object | undefined): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue;
    search.set(key, value instanceof Date ? value.toISOString() : String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

/** The path of an address, for what an error says of it. */
export const placeOf = (url: string): string => new URL(url, 'http://api').pathname;
