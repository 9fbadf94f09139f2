/** One thing that is wrong with one field. `yours` and `current` come with a 412. */
export interface ErrorDetail {
  field: string;
  message: string;
  yours?: unknown;
  current?: unknown;
}

/** Every refusal of the engine, and every failure to reach it (`code` 0). */
export class ApiError extends Error {
  readonly code: number;
  readonly details: ErrorDetail[];
  readonly requestId: string | null;

  constructor(code: number, message: string, details: ErrorDetail[] = [], requestId: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }

  /** What is wrong with this field, if anything is. */
  field(name: string): string | undefined {
    return this.details.find((detail) => detail.field === name)?.message;
  }

  /** The engine could not be reached: the process is gone or the network is. */
  get unreachable(): boolean {
    return this.code === 0;
  }

  /** The browser's token is missing or was refused. */
  get signedOut(): boolean {
    return this.code === 401;
  }

  /** Somebody else changed the record since it was read. */
  get conflict(): boolean {
    return this.code === 412;
  }
}

/** Reads the error format; anything else becomes a plain error with the status. */
export async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as {
      error: { code: number; message: string; request_id?: string; details?: ErrorDetail[] };
    };
    return new ApiError(error.code, error.message, error.details ?? [], error.request_id ?? null);
  } catch {
    return new ApiError(response.status, response.statusText || `HTTP ${response.status}`);
  }
}
