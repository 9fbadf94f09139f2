/**
 * Typed functions for every call of the contract. Components call these through queries.
 *
 * They are built on the JavaScript SDK: idempotency keys, waits, retries and typed errors are its own.
 */
import { Caller, jsonOf, multipart, newKey, pagesFrom, segment as id, type Call } from '@amtia/sdk/core';
import { saveState } from '../save.svelte';
import { transport } from './transport';
import type * as T from './types';

interface Options extends Omit<Call, 'headers'> {
  /** Not a change of the person's work: says nothing in the title bar. */
  quiet?: boolean;
}

/** Nobody waits longer than this for a further try: it is told, and the person decides. */
const caller = new Caller({ transport, maxRetries: 2, maxRetryWait: 5 });

/** One call, for its answer as it came. */
export const send = (method: string, path: string, call?: Call): Promise<Response> =>
  caller.send(method, path, call);

/** One call; views that are loaded later keep their own calls beside them, on this. */
export async function request<R>(method: string, path: string, options: Options = {}): Promise<R> {
  const response = await tracked(method, options, () => send(method, path, options));
  return (response.status === 204 ? undefined : await jsonOf(response, path)) as R;
}

/** A change shows "Saving…" until it is durable, and why when it is not. */
async function tracked<R>(method: string, options: Options, run: () => Promise<R>): Promise<R> {
  if (method === 'GET' || options.quiet) return run();
  const done = saveState.begin();
  try {
    const result = await run();
    done();
    return result;
  } catch (error) {
    done(error);
    throw error;
  }
}

/** A record with the ETag to send back when it is changed. */
export interface Tagged<R> {
  value: R;
  etag: string | undefined;
}

/** Reads one record with its ETag. */
export async function tagged<R>(path: string, signal?: AbortSignal): Promise<Tagged<R>> {
  const response = await send('GET', path, { signal });
  return { value: (await jsonOf(response, path)) as R, etag: response.headers.get('etag') ?? undefined };
}

/** The rows of all pages of a list. */
export async function everyRow<R>(read: (cursor?: string) => Promise<T.Page<R>>): Promise<R[]> {
  const rows: R[] = [];
  const pages = pagesFrom(
    await read(),
    (page) => page.next_cursor,
    (_, cursor) => read(cursor),
  );
  for await (const page of pages) rows.push(...page.data);
  return rows;
}

/** A form with a file: the same bytes whenever it is sent again. */
export function withFile(file: File, fields: Record<string, unknown> = {}) {
  const idempotencyKey = newKey();
  return { form: multipart(file, fields, idempotencyKey), idempotencyKey };
}

/** Opens, or shows what opens: the answer is kept nowhere, so it is asked for once. */
const ONCE = { quiet: true, idempotencyKey: null } as const;

export const api = {
  workspace: {
    get: (signal?: AbortSignal) => request<T.Workspace>('GET', '/v1/workspace', { signal }),
    create: (body: T.WorkspaceNew) => request<T.Workspace>('POST', '/v1/workspace', { body, ...ONCE }),
    open: (body: T.WorkspaceOpen) => request<T.Workspace>('POST', '/v1/workspace/open', { body, ...ONCE }),
    update: (body: T.WorkspacePatch) => request<T.Workspace>('PUT', '/v1/workspace', { body }),
    recoveryKey: (path: string | null = null) =>
      request<{ recovery_key: string }>('POST', '/v1/workspace/recovery-key', {
        body: path === null ? {} : { path },
        ...ONCE,
      }),
    backup: (path: string | null) =>
      request<T.Backup>('POST', '/v1/workspace/backup', { body: { path }, quiet: true }),
  },
  auth: {
    link: (code: string) =>
      request<{ token: string; token_type: 'Bearer' }>('POST', '/v1/auth/link', {
        body: { code },
        ...ONCE,
      }),
  },
  summary: (signal?: AbortSignal) => request<T.Summary>('GET', '/v1/summary', { signal }),
  search: (q: string, limit = 20, signal?: AbortSignal) =>
    request<{ data: T.SearchHit[] }>('GET', '/v1/search', { query: { q, limit }, signal }),
  undo: {
    state: (signal?: AbortSignal) => request<T.UndoState>('GET', '/v1/undo', { signal }),
    undo: () => request<T.Undone>('POST', '/v1/undo', { body: {} }),
    redo: () => request<T.Undone>('POST', '/v1/redo', { body: {} }),
  },
  risks: {
    list: (query: T.RiskFilters & T.ListQuery, signal?: AbortSignal) =>
      request<T.Page<T.Risk>>('GET', '/v1/risks', { query, signal }),
    get: (risk: string, signal?: AbortSignal) => tagged<T.Risk>(`/v1/risks/${id(risk)}`, signal),
    create: (body: T.RiskWrite) => request<T.Risk>('POST', '/v1/risks', { body }),
    update: (risk: string, body: T.RiskWrite, ifMatch?: string) =>
      request<T.Risk>('PUT', `/v1/risks/${id(risk)}`, { body, ifMatch }),
    remove: (risk: string) => request<undefined>('DELETE', `/v1/risks/${id(risk)}`),
    heatmap: (query: T.RiskFilters, signal?: AbortSignal) =>
      request<T.Heatmap>('GET', '/v1/risks/heatmap', { query, signal }),
    map: (query: T.RiskFilters & { per_cell?: number }, signal?: AbortSignal) =>
      request<T.RiskMap>('GET', '/v1/risks/map', { query, signal }),
    lens: (
      query: T.RiskFilters & T.Position & { group: 'category' | 'owner' | 'due' },
      signal?: AbortSignal,
    ) => request<T.RiskLens>('GET', '/v1/risks/lens', { query, signal }),
    facets: (signal?: AbortSignal) => request<T.RiskFacets>('GET', '/v1/risks/facets', { signal }),
    history: (risk: string, query: T.ListQuery = {}, signal?: AbortSignal) =>
      request<T.Page<T.HistoryEntry>>('GET', `/v1/risks/${id(risk)}/history`, { query, signal }),
  },
  incidents: {
    list: (query: T.IncidentFilters & T.ListQuery, signal?: AbortSignal) =>
      request<T.Page<T.Incident>>('GET', '/v1/incidents', { query, signal }),
    get: (incident: string, signal?: AbortSignal) =>
      tagged<T.Incident>(`/v1/incidents/${id(incident)}`, signal),
    create: (body: T.IncidentWrite) => request<T.Incident>('POST', '/v1/incidents', { body }),
    update: (incident: string, body: T.IncidentWrite, ifMatch?: string) =>
      request<T.Incident>('PUT', `/v1/incidents/${id(incident)}`, { body, ifMatch }),
    setStatus: (incident: string, body: T.IncidentStatusWrite, ifMatch?: string) =>
      request<T.Incident>('PUT', `/v1/incidents/${id(incident)}/status`, { body, ifMatch }),
    remove: (incident: string) => request<undefined>('DELETE', `/v1/incidents/${id(incident)}`),
    timeline: (incident: string, query: T.ListQuery = {}, signal?: AbortSignal) =>
      request<T.Page<T.TimelineEntry>>('GET', `/v1/incidents/${id(incident)}/timeline`, { query, signal }),
    comment: (incident: string, body: { text: string; at?: string }) =>
      request<T.TimelineEntry>('POST', `/v1/incidents/${id(incident)}/comments`, { body }),
  },
  frameworks: {
    list: (
      query: T.ListQuery & { publisher?: string; source?: string; locale?: string; q?: string },
      signal?: AbortSignal,
    ) => request<T.Page<T.Framework>>('GET', '/v1/frameworks', { query, signal }),
    get: (framework: string, signal?: AbortSignal) =>
      tagged<T.Framework>(`/v1/frameworks/${id(framework)}`, signal),
    remove: (framework: string) => request<undefined>('DELETE', `/v1/frameworks/${id(framework)}`),
    controls: (framework: string, query: T.ControlFilters & T.ListQuery, signal?: AbortSignal) =>
      request<T.Page<T.Control>>('GET', `/v1/frameworks/${id(framework)}/controls`, { query, signal }),
  },
  controls: {
    get: (control: string, signal?: AbortSignal) =>
      request<T.ControlDetail>('GET', `/v1/controls/${id(control)}`, { signal }),
  },
  imports: {
    /** In the window a file that was dropped goes through its door in one piece. */
    upload: (file: File, signal?: AbortSignal) =>
      request<T.Import>('POST', '/v1/imports', { ...withFile(file), signal, quiet: true }),
    /** In the window the engine reads the file by its path. */
    fromPath: (path: string, slug?: string) =>
      request<T.Import>('POST', '/v1/imports', { body: slug ? { path, slug } : { path }, quiet: true }),
    get: (item: string, signal?: AbortSignal) =>
      request<T.Import>('GET', `/v1/imports/${id(item)}`, { signal }),
    rows: (item: string, query: T.ListQuery & { fate?: T.RowFate }, signal?: AbortSignal) =>
      request<T.Page<T.ImportRow>>('GET', `/v1/imports/${id(item)}/rows`, { query, signal }),
    choose: (item: string, body: T.ImportChoices) =>
      request<T.Import>('PUT', `/v1/imports/${id(item)}`, { body, quiet: true }),
    apply: (item: string, wishes: { slug?: string; leave_out_errors?: boolean } = {}) =>
      request<T.Import>('POST', `/v1/imports/${id(item)}/apply`, { body: wishes }),
    forget: (item: string) => request<undefined>('DELETE', `/v1/imports/${id(item)}`, { quiet: true }),
  },
};
