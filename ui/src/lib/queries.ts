/**
 * The query client, and the queries that several parts share.
 *
 * A key starts with the kind of record it reads (`risk`, `incident`, `framework`, `import`,
 * `workspace`): the change feed reloads by that first word.
 */
import { QueryClient, queryOptions } from '@tanstack/svelte-query';
import { api } from './api/client';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The engine is on this device: being offline says nothing about reaching it.
      networkMode: 'always',
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // The client tries again by itself.
      retry: false,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

export const queries = {
  workspace: () =>
    queryOptions({ queryKey: ['workspace'], queryFn: ({ signal }) => api.workspace.get(signal) }),
  summary: () => queryOptions({ queryKey: ['summary'], queryFn: ({ signal }) => api.summary(signal) }),
  undo: () => queryOptions({ queryKey: ['undo'], queryFn: ({ signal }) => api.undo.state(signal) }),
};

/** Keys that depend on several kinds: reloaded with every change. */
const SHARED = ['summary', 'undo', 'search'];

/** Kinds whose records another kind counts: it is read again with them. */
const COUNTED_BY: Record<string, string[]> = {
  assessment_result: ['assessment'],
  finding: ['audit'],
  // Risks are judged by the matrix, and the workspace tells what its levels are called.
  matrix: ['risk', 'workspace'],
};

/** Marks everything of these kinds as old, so that what is on screen is read again. */
export function invalidate(kinds: readonly string[]): void {
  const stale = new Set([...kinds, ...kinds.flatMap((kind) => COUNTED_BY[kind] ?? []), ...SHARED]);
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => stale.has(String(queryKey[0])) });
}
