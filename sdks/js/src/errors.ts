/** What can go wrong, one class for each documented error code. */

/** Everything that this package throws on its own account. */
export class AmtiaError extends Error {
  override name = 'AmtiaError';
}

/** The API could not be reached, or the connection ended before the answer was whole. */
export class ApiConnectionError extends AmtiaError {
  override name = 'ApiConnectionError';
}

/** The API did not answer in time. */
export class ApiTimeoutError extends ApiConnectionError {
  override name = 'ApiTimeoutError';
}

/** One thing that is wrong with one field. `yours` and `current` come with a 412. */
export interface ErrorDetail {
  field: string;
  message: string;
  yours?: unknown;
  current?: unknown;
}

/** What an answer says about its refusal. */
export interface Refusal {
  code: number;
  status: string;
  message: string;
  /** What support and the log know the call by. */
  requestId: string | null;
  /** Every offending field at once. */
  details: ErrorDetail[];
  /** Seconds to wait before the next try, when the API says. */
  retryAfter: number | null;
}

/** A refusal of which at least the code and the message are known. */
type Told = Pick<Refusal, 'code' | 'message'> & Partial<Refusal>;

/** The API answered, and refused. */
export class ApiError extends AmtiaError implements Refusal {
  override name = 'ApiError';
  readonly code: number;
  readonly status: string;
  readonly requestId: string | null;
  readonly details: ErrorDetail[];
  readonly retryAfter: number | null;

  constructor(refusal: Told) {
    super(refusal.message);
    this.code = refusal.code;
    this.status = refusal.status ?? '';
    this.requestId = refusal.requestId ?? null;
    this.details = refusal.details ?? [];
    this.retryAfter = refusal.retryAfter ?? null;
  }

  /** What is wrong with this field, if anything is. */
  field(name: string): string | undefined {
    return this.details.find((detail) => detail.field === name)?.message;
  }
}

/** 400: the request is malformed; `details` lists every offending field. */
export class BadRequestError extends ApiError {
  override name = 'BadRequestError';
}
/** 401: the credentials or the token are missing, wrong, expired or revoked. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}
/** 403: the role of this API key does not allow the operation. */
export class PermissionDeniedError extends ApiError {
  override name = 'PermissionDeniedError';
}
/** 404: there is no such record or path. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}
/** 412: the record changed since it was read; `details` holds both values. */
export class PreconditionFailedError extends ApiError {
  override name = 'PreconditionFailedError';
}
/** 429: more than 1,000 requests in a minute, and the wait would be longer than `maxRetryWait`. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}
/** 500 and above: the API failed. */
export class InternalServerError extends ApiError {
  override name = 'InternalServerError';
}

const CLASSES: Record<number, typeof ApiError> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  412: PreconditionFailedError,
  429: RateLimitError,
};

/** The error that a refusal stands for. */
export function errorFor(refusal: Told): ApiError {
  const kind = CLASSES[refusal.code] ?? (refusal.code >= 500 ? InternalServerError : ApiError);
  return new kind(refusal);
}
