/** Why something failed, in words for the person who asked for it. */
import { ApiConnectionError, ApiError } from '@amtia/sdk/core';
import { m } from '../i18n/index.svelte';

/** The reason of any failure. */
export function why(error: unknown): string {
  if (error instanceof ApiConnectionError) return m.error_unreachable();
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong with this field, if that is why. */
export function fieldWhy(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.field(field) : undefined;
}

/** What a form says of a failure that none of its fields explains. */
export function formWhy(error: unknown): string | null {
  if (!error || (error instanceof ApiError && error.details.length > 0)) return null;
  return why(error);
}
