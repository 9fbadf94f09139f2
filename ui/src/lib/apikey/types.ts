/** The shapes of API keys and of the API on this device. */

export const ROLES = ['viewer', 'analyst', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface ApiKey {
  /** What signs in as `api_key`. */
  id: string;
  name: string;
  role: Role;
  state: 'live' | 'expired' | 'revoked';
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  calls_30_days: number;
  created_at: string;
}

/** With the secret, which only the answer to making or rotating it holds. */
export type ApiKeyWithSecret = ApiKey & { secret: string };

export interface ApiKeyWrite {
  name: string;
  role: Role;
  expires_at: string | null;
}

/** One call that the API answered. */
export interface Call {
  at: string;
  method: string;
  /** The path's template. */
  path: string;
  status: number;
  duration_ms: number;
  key_name: string | null;
  request_id: string;
}

/** The API on this device. */
export interface LocalApiState {
  /** Whether the person wants it on. */
  enabled: boolean;
  /** Whether it is on. */
  running: boolean;
  /** In the window it can be switched; under `amtia serve` the command line decides. */
  switchable: boolean;
  port: number;
  base_url: string;
  since: string | null;
  /** Why it is not on although it is wanted. */
  message: string | null;
  /** Calls that one key may make in a minute. */
  limit: number;
  /** What the keys have used of it in the last minute; those that are not here have used nothing. */
  used: { key_id: string; requests: number }[];
  calls: Call[];
}

export interface LocalApiWrite {
  enabled?: boolean;
  port?: number;
}
