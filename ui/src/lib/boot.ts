/**
 * What the first screen needs, asked for before anything is drawn: its code and its data load while the
 * shell mounts, instead of one after the other.
 */
import { views } from '../views';
import { api } from './api/client';
import { token } from './api/transport';
import { inWindow } from './host';
import { queries, queryClient } from './queries';
import { router } from './router.svelte';

/** Begins loading. Failures are told by the screen itself, which asks again. */
export function boot(): void {
  if (!inWindow && token.get() === null) return;
  if (!router.match) router.go('/risks', { replace: true });
  const place = router.match?.name ?? 'risks';
  void views[place]().catch(() => undefined);
  void queryClient.prefetchQuery(queries.workspace());
  void queryClient.prefetchQuery(queries.summary());
  if (place !== 'risks' || location.search !== '') return;
  // The map without filters, under the keys of `views/risk`.
  void queryClient.prefetchQuery({
    queryKey: ['risk', 'heatmap', {}],
    queryFn: ({ signal }) => api.risks.heatmap({}, signal),
  });
  void queryClient.prefetchQuery({
    queryKey: ['risk', 'map', {}],
    queryFn: ({ signal }) => api.risks.map({ per_cell: 3 }, signal),
  });
}
