/** Knows when records of a kind were written, whoever wrote them: lists that page for themselves read again. */
import { createQuery } from '@tanstack/svelte-query';

/** `at` is another number after each change. Call it while a component starts. */
export function changed(kind: string): { readonly at: number } {
  const beat = createQuery(() => ({
    queryKey: [kind, 'changed'],
    queryFn: () => performance.now(),
    // Only a change makes it old.
    initialData: 0,
    staleTime: Infinity,
  }));
  return {
    get at() {
      return beat.data;
    },
  };
}
