/** The matrix in force, as the map has it. */
import { createQuery } from '@tanstack/svelte-query';
import { api } from '../api/client';

export const heatmapMatrix = () =>
  createQuery(() => ({
    queryKey: ['risk', 'matrix'],
    queryFn: async ({ signal }) => (await api.risks.heatmap({}, signal)).matrix,
  }));
