/** Words for API keys, in the person's language. */
import { m } from '../i18n/index.svelte';
import type { Role } from './types';

/** What a key may do, in a word. */
export function roleWord(role: Role): string {
  const words: Record<Role, () => string> = {
    viewer: m.role_viewer,
    analyst: m.role_analyst,
    admin: m.role_admin,
  };
  return words[role]();
}

/** What a key may do, in a sentence. */
export function roleText(role: Role): string {
  const words: Record<Role, () => string> = {
    viewer: m.role_viewer_text,
    analyst: m.role_analyst_text,
    admin: m.role_admin_text,
  };
  return words[role]();
}

/** `amtia_key_7Qd…f02`: enough to know a key by. */
export function shortKey(id: string): string {
  return id.length > 20 ? `${id.slice(0, 13)}…${id.slice(-3)}` : id;
}
