/** The change feed: what the engine wrote, whoever wrote it, is read again by the screen. */
import type { Change, ChangeKind } from './api/types';
import { inWindow, onChanges } from './host';
import { transport } from './api/transport';
import { invalidate } from './queries';

/** All that the feed tells of. */
const KINDS: ChangeKind[] = [
  'risk',
  'acceptance',
  'incident',
  'asset',
  'vulnerability',
  'document',
  'assessment',
  'audit',
  'finding',
  'framework',
  'webhook',
  'api_key',
  'import',
  'matrix',
  'workshop',
  'workspace',
];
const GATHER_MS = 40;
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];

/** Takes whole events out of a stream of server-sent events; gives back what is not whole yet. */
export function takeEvents(buffer: string, each: (data: string) => void): string {
  const blocks = buffer.replace(/\r\n?/g, '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  for (const block of blocks) {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''));
    if (data.length > 0) each(data.join('\n'));
  }
  return rest;
}

/** Starts listening; the returned function stops it. */
export function startLive(): () => void {
  const kinds = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = new AbortController();

  function onChange(change: Change): void {
    change.kinds.forEach((kind) => kinds.add(kind));
    timer ??= setTimeout(() => {
      timer = undefined;
      invalidate([...kinds]);
      kinds.clear();
    }, GATHER_MS);
  }

  if (inWindow) {
    const off = onChanges((payload) => onChange(payload as Change));
    return () => {
      clearTimeout(timer);
      void off.then((end) => end());
    };
  }

  async function listen(attempt = 0): Promise<void> {
    let next = attempt + 1;
    try {
      const response = await transport('/v1/changes', {
        headers: { accept: 'text/event-stream' },
        signal: stop.signal,
      });
      if (response.status === 401) return;
      if (response.ok && response.body) {
        next = 0;
        // What changed while nobody listened is not known: read everything again.
        if (attempt > 0) invalidate(KINDS);
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let buffer = '';
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          buffer = takeEvents(buffer + part.value, (data) => onChange(JSON.parse(data) as Change));
        }
      }
    } catch {
      if (stop.signal.aborted) return;
    }
    if (stop.signal.aborted) return;
    setTimeout(() => void listen(next), RETRY_MS[Math.min(next, RETRY_MS.length - 1)]);
  }

  void listen();
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
