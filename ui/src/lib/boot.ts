/**
 * What the first screen needs, asked for before anything is drawn: its code and its data load while the
 * shell mounts, instead of one after the other.
 */
import type { QueryFunctionContext } from '@tanstack/svelte-query';
import { views } from '../views';
import { api } from './api/client';
import { token } from './api/transport';
import { inWindow, takeFirst } from './host';
import { queries, queryClient } from './queries';
import { router } from './router.svelte';

interface Asked {
  queryKey: readonly unknown[];
  queryFn: (context: QueryFunctionContext) => Promise<unknown>;
}

/** Puts the answer where its query looks for it: the one that came with the page, or the engine's as soon as it is here. */
function fetchFirst(path: string, { queryKey, queryFn }: Asked): void {
  const body = takeFirst(path);
  if (body !== null) queryClient.setQueryData(queryKey, JSON.parse(body));
  else void queryClient.prefetchQuery({ queryKey, queryFn });
}

/** Begins loading. Failures are told by the screen itself, which asks again. */
export function boot(): void {
  if (!inWindow && token.get() === null) return;
  if (!router.match) router.go('/risks', { replace: true });
  const place = router.match?.name ?? 'risks';
  void views[place]().catch(() => undefined);
  // The paths are those of `FIRST_ASKED` in `src-tauri/app/src/door.rs`.
  fetchFirst('/v1/workspace', {
    queryKey: queries.workspace().queryKey,
    queryFn: ({ signal }) => api.workspace.get(signal),
  });
  fetchFirst('/v1/summary', {
    queryKey: queries.summary().queryKey,
    queryFn: ({ signal }) => api.summary(signal),
  });
  if (place !== 'risks' || location.search !== '') return;
  // The map without filters, under the keys of `views/risk`.
  fetchFirst('/v1/risks/heatmap', {
    queryKey: ['risk', 'heatmap', {}],
    queryFn: ({ signal }) => api.risks.heatmap({}, signal),
  });
  fetchFirst('/v1/risks/map?per_cell=3', {
    queryKey: ['risk', 'map', {}],
    queryFn: ({ signal }) => api.risks.map({ per_cell: 3 }, signal),
  });
}
