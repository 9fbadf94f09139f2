/** Whether this tab is signed in. The window always is. */
import { api } from './api/client';
import { AuthenticationError } from '@amtia/sdk/core';
import { onRefused, token } from './api/transport';
import { inWindow } from './host';

export type SessionState = 'working' | 'in' | 'none' | 'used' | 'ended';

class Session {
  state = $state<SessionState>('working');
  /** Why signing in failed for another reason than a used link. */
  failure = $state.raw<unknown>(null);

  /** Reads the one-time code of the link, if the address has one, and takes it out of the address. */
  async start(): Promise<void> {
    if (inWindow) {
      this.state = 'in';
      return;
    }
    onRefused(() => {
      token.clear();
      this.state = 'ended';
    });
    const code = new URLSearchParams(location.hash.slice(1)).get('code');
    if (code === null) {
      this.state = token.get() === null ? 'none' : 'in';
      return;
    }
    history.replaceState(history.state, '', location.pathname + location.search);
    await this.#exchange(code);
  }

  async #exchange(code: string): Promise<void> {
    try {
      token.set((await api.auth.link(code)).token);
      this.state = 'in';
    } catch (error) {
      if (token.get() !== null) {
        // The link was used before, by this very tab.
        this.state = 'in';
      } else if (error instanceof AuthenticationError) {
        this.state = 'used';
      } else {
        this.failure = error;
        this.state = 'none';
      }
    }
  }
}

export const session = new Session();
