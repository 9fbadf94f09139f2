/** What came back: a refusal, or JSON. */
import { placeOf } from './address.js';
import { AmtiaError, ApiConnectionError, type ErrorDetail, type Refusal } from './errors.js';

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

/** The JSON of an answer to this address. */
export async function jsonOf(response: Response, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new AmtiaError(`The answer to ${placeOf(url)} is not JSON.`, { cause });
    throw new ApiConnectionError(`The answer to ${placeOf(url)} ended early.`, { cause });
  }
}
