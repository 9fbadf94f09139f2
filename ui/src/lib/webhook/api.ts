/** The calls for webhooks. */
import { segment } from '@amtia/sdk/core';
import { request } from '../api/client';
import type { Page } from '../api/types';
import type {
  Delivery,
  DeliveryDetail,
  DeliveryFilters,
  Webhook,
  WebhookWithSecret,
  WebhookWrite,
} from './types';

const path = (id: string) => `/v1/webhooks/${segment(id)}`;
const delivery = (webhook: string, id: string) => `${path(webhook)}/deliveries/${segment(id)}`;

export const webhooks = {
  list: (signal?: AbortSignal) =>
    request<Page<Webhook>>('GET', '/v1/webhooks', { query: { limit: 200 }, signal }),
  create: (body: WebhookWrite) => request<WebhookWithSecret>('POST', '/v1/webhooks', { body }),
  update: (id: string, body: WebhookWrite) => request<Webhook>('PUT', path(id), { body }),
  remove: (id: string) => request<undefined>('DELETE', path(id)),
  rotate: (id: string) => request<WebhookWithSecret>('POST', `${path(id)}/rotate`, { body: {} }),
  test: (id: string) => request<Delivery>('POST', `${path(id)}/test`, { body: {}, quiet: true }),
  deliveries: (id: string, query: DeliveryFilters, signal?: AbortSignal) =>
    request<Page<Delivery>>('GET', `${path(id)}/deliveries`, { query, signal }),
  delivery: (webhook: string, id: string, signal?: AbortSignal) =>
    request<DeliveryDetail>('GET', delivery(webhook, id), { signal }),
  redeliver: (webhook: string, id: string) =>
    request<Delivery>('POST', `${delivery(webhook, id)}/redeliver`, { body: {}, quiet: true }),
};
