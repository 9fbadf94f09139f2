/** The calls for API keys and the API on this device. */
import { segment } from '@amtia/sdk/core';
import { request } from '../api/client';
import type { Page } from '../api/types';
import type { ApiKey, ApiKeyWithSecret, ApiKeyWrite, LocalApiState, LocalApiWrite } from './types';

const path = (id: string) => `/v1/keys/${segment(id)}`;

export const localApi = {
  get: (signal?: AbortSignal) => request<LocalApiState>('GET', '/v1/api', { signal }),
  update: (body: LocalApiWrite) => request<LocalApiState>('PUT', '/v1/api', { body }),
};

export const apiKeys = {
  list: (signal?: AbortSignal) => request<Page<ApiKey>>('GET', '/v1/keys', { query: { limit: 200 }, signal }),
  create: (body: ApiKeyWrite) => request<ApiKeyWithSecret>('POST', '/v1/keys', { body }),
  rotate: (id: string) => request<ApiKeyWithSecret>('POST', `${path(id)}/rotate`, { body: {} }),
  revoke: (id: string) => request<undefined>('DELETE', path(id)),
};
