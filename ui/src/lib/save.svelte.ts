import { ApiConnectionError, ApiError } from '@amtia/sdk/core';
import { why } from './api/why';

/** What the title bar says about the person's changes. */
class SaveState {
  /** Changes on their way to the disk. */
  pending = $state(0);
  /** Why the last change is not on the disk; null when it is. */
  failure = $state<string | null>(null);

  /** Call when a change is sent; call the result when it is durable, or with the error. */
  begin(): (error?: unknown) => void {
    this.pending += 1;
    let open = true;
    return (error) => {
      if (!open) return;
      open = false;
      this.pending -= 1;
      if (error === undefined) {
        this.failure = null;
      } else if (error instanceof ApiConnectionError || (error instanceof ApiError && error.code >= 500)) {
        // A refusal (4xx) is told where the change was made; the store itself is fine.
        this.failure = why(error);
      }
    };
  }
}

export const saveState = new SaveState();
