/** The calls for the risk matrix. */
import { request, tagged, withFile } from '../api/client';
import type { Matrix } from '../api/types';
import type { Fate, Mapping, MatrixInForce, PresetMatrix, Preview, ReadMatrix } from './types';

export const matrices = {
  get: (signal?: AbortSignal) => tagged<MatrixInForce>('/v1/matrix', signal),
  presets: (signal?: AbortSignal) =>
    request<{ data: PresetMatrix[] }>('GET', '/v1/matrix/presets', { signal }),
  /** What it would make of the risks; nothing is saved. */
  preview: (
    matrix: Matrix,
    mapping: Mapping | null,
    query: { fate?: Fate | undefined; cursor?: string | undefined; limit?: number } = {},
    signal?: AbortSignal,
  ) =>
    request<Preview>('POST', '/v1/matrix/preview', {
      body: { matrix, mapping },
      query,
      signal,
      quiet: true,
      idempotencyKey: null,
    }),
  keep: (matrix: Matrix, mapping: Mapping | null, ifMatch?: string) =>
    request<MatrixInForce>('PUT', '/v1/matrix', { body: { matrix, mapping }, ifMatch }),
  read: (file: File) =>
    request<{ data: ReadMatrix[] }>('POST', '/v1/matrix/read', { form: withFile(file).form, quiet: true }),
  /** In the window the engine reads the file by its path. */
  readPath: (path: string) =>
    request<{ data: ReadMatrix[] }>('POST', '/v1/matrix/read', { body: { path }, quiet: true }),
};
