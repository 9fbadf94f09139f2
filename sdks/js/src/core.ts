/**
 * The parts of a call that need neither token nor waiting: a path, a query, a body, a refusal. The client is built on
 * them, and so can any page be that reaches the API by a way of its own.
 */
import type { ErrorDetail, Refusal } from './errors.js';

/** Works like `fetch`. */
export type Transport = (input: string, init: RequestInit) => Promise<Response>;

/** A path with its identifiers, each as one segment: `path('/risks/{}', id)`. */
export function path(template: string, ...values: string[]): string {
  let next = 0;
  return template.replace(/\{\}/g, () => {
    const value = values[next++];
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new TypeError(`${JSON.stringify(value)} is not an identifier`);
    }
    return encodeURIComponent(value);
  });
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

/** Reads the error format; anything else becomes what its status says. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const refusal: Refusal = {
    code: response.status,
    status: response.statusText,
    message: response.statusText || `HTTP ${response.status}`,
    requestId: response.headers.get('x-request-id'),
    details: [],
    retryAfter: secondsOf(response.headers.get('retry-after')),
  };
  const body = (await response.json().catch(() => null)) as { error?: unknown; error_description?: unknown } | null;
  const error = body?.error as Partial<Record<string, unknown>> | string | null | undefined;
  if (typeof error === 'object' && error) {
    refusal.message = String(error['message'] ?? refusal.message);
    refusal.status = String(error['status'] ?? refusal.status);
    if (typeof error['request_id'] === 'string') refusal.requestId = error['request_id'];
    if (Array.isArray(error['details'])) refusal.details = error['details'] as ErrorDetail[];
  } else if (typeof body?.error_description === 'string') {
    refusal.message = body.error_description;
  }
  return refusal;
}

/** `Retry-After`: seconds, or a date. */
function secondsOf(value: string | null): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000);
}
