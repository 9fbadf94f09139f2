/** The calls for documents. */
import { segment } from '@amtia/sdk/core';
import { request, send, tagged } from '../api/client';
import type { HistoryEntry, Page } from '../api/types';
import type { DocumentFilters, DocumentRecord, DocumentWrite } from './types';

const path = (id: string) => `/v1/documents/${segment(id)}`;

export const documents = {
  list: (query: DocumentFilters, signal?: AbortSignal) =>
    request<Page<DocumentRecord>>('GET', '/v1/documents', { query, signal }),
  get: (id: string, signal?: AbortSignal) => tagged<DocumentRecord>(path(id), signal),
  update: (id: string, body: DocumentWrite, ifMatch?: string) =>
    request<DocumentRecord>('PUT', path(id), { body, ifMatch }),
  remove: (id: string) => request<undefined>('DELETE', path(id)),
  history: (id: string, signal?: AbortSignal) =>
    request<Page<HistoryEntry>>('GET', `${path(id)}/history`, { query: { limit: 20 }, signal }),
  /** The file itself. */
  content: async (id: string): Promise<Blob> => {
    const response = await send('GET', `${path(id)}/content`);
    return response.blob();
  },
  /** In the window the engine writes the file where the person said. */
  saveTo: (id: string, target: string) =>
    request<unknown>('POST', `${path(id)}/save`, { body: { path: target }, quiet: true }),
};
