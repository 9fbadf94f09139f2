/**
 * The window we may run in. The only file that imports from `@tauri-apps/*`.
 *
 * Everything here works in a browser too: there it answers "no window", and the callers show less.
 */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

/** True inside the desktop window, false in a browser. */
export const inWindow: boolean = typeof window !== 'undefined' && '__TAURI_INTERNALS__' in window;

/** `macos` keeps its native buttons; elsewhere we draw our own. */
export const isMac: boolean = typeof navigator !== 'undefined' && /Mac/.test(navigator.userAgent);

/** One answer of the engine, as it came through the window's door. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

declare global {
  interface Window {
    /** What the window knew when it made the page: bodies of answers of status 200, by path. */
    __AMTIA_FIRST__?: Record<string, string>;
  }
}

/** Loaded again, the page asks anew: by then they may be old. */
const isFirstLoad = (): boolean =>
  performance.getEntriesByType('navigation').every((entry) => 'type' in entry && entry.type === 'navigate');

/** The body of an answer that came with the page. Each is good once. */
export function takeFirst(path: string): string | null {
  const first = window.__AMTIA_FIRST__?.[path];
  if (first === undefined) return null;
  delete window.__AMTIA_FIRST__?.[path];
  return isFirstLoad() ? first : null;
}

/** Sends one API request through the window's command. */
export async function callApi(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Uint8Array,
): Promise<RawAnswer> {
  const answer = await invoke<ArrayBuffer>('api', body, {
    headers: {
      'x-amtia-method': method,
      'x-amtia-path': path,
      'x-amtia-headers': JSON.stringify(headers),
    },
  });
  return readAnswer(answer);
}

/** Takes an answer apart: length of the head (4 bytes, big-endian), the head as JSON, the body. */
export function readAnswer(answer: ArrayBuffer): RawAnswer {
  const length = new DataView(answer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(answer, 4, length))) as {
    status: number;
    headers: Record<string, string>;
  };
  return { status: head.status, headers: head.headers, body: new Uint8Array(answer, 4 + length) };
}

/** Listens to the change feed of the window; returns the function that stops it. */
export async function onChanges(callback: (payload: unknown) => void): Promise<() => void> {
  return listen('amtia-changes', (event) => callback(event.payload));
}

/** A kind of file that a dialog offers. */
export interface FileKind {
  name: string;
  extensions: string[];
}

/** Asks for one existing file; null when the person cancels. Window only. */
export async function pickFile(title: string, kinds: FileKind[]): Promise<string | null> {
  const { open } = await import('@tauri-apps/plugin-dialog');
  return open({ title, multiple: false, directory: false, filters: kinds });
}

/** Asks for one folder; null when the person cancels. Window only. */
export async function pickFolder(title: string, start?: string): Promise<string | null> {
  const { open } = await import('@tauri-apps/plugin-dialog');
  return open({ title, multiple: false, directory: true, ...(start ? { defaultPath: start } : {}) });
}

/** Asks where to save; null when the person cancels. Window only. */
export async function pickSavePath(title: string, name: string, kinds: FileKind[]): Promise<string | null> {
  const { save } = await import('@tauri-apps/plugin-dialog');
  return save({ title, defaultPath: name, filters: kinds });
}

/**
 * The window's own buttons. In a browser they do nothing and are not shown.
 *
 * The commands are meant for the window that sends them. The class of `@tauri-apps/api/window` around them would
 * come whole, for three of its methods.
 */
export const windowButtons = {
  minimise: () => invoke('plugin:window|minimize'),
  toggleMaximise: () => invoke('plugin:window|toggle_maximize'),
  close: () => invoke('plugin:window|close'),
};

/** Tells the window that the first screen is painted and can be used. */
export async function pageReady(): Promise<void> {
  if (inWindow) await invoke('ready');
}
