/** The shapes of webhooks and their deliveries. */
import type { ListQuery } from '../api/types';

/** What others can be told of. */
export const EVENTS = [
  'risk.created',
  'risk.updated',
  'incident.created',
  'incident.resolved',
  'assessment.completed',
  'audit.finding',
] as const;
export type EventType = (typeof EVENTS)[number];

export interface Webhook {
  id: string;
  url: string;
  events: EventType[];
  description: string | null;
  active: boolean;
  /** An administrator's consent to a target on this device or its network. */
  allow_private: boolean;
  /** Why deliveries ended by themselves. */
  disabled_reason: 'gone' | 'failing' | null;
  disabled_at: string | null;
  /** Until when the secret before counts too. */
  previous_secret_until: string | null;
  /** Deliveries that are not there yet. */
  waiting: number;
  created_at: string;
  updated_at: string;
}

/** With the secret, which only the answer to making or rotating it holds. */
export type WebhookWithSecret = Webhook & { secret: string };

export type WebhookWrite = Partial<
  Pick<Webhook, 'url' | 'events' | 'description' | 'active' | 'allow_private'>
>;

export type DeliveryState = 'pending' | 'delivered' | 'failed';

export interface Delivery {
  id: string;
  webhook_id: string;
  event: string;
  state: DeliveryState;
  attempts: number;
  status: number | null;
  latency_ms: number | null;
  error: string | null;
  /** The device slept or was off when it was due. */
  late: boolean;
  created_at: string;
  last_attempt_at: string | null;
  next_attempt_at: string | null;
}

export interface Try {
  number: number;
  at: string;
  status: number | null;
  latency_ms: number;
  error: string | null;
  late: boolean;
}

export interface DeliveryDetail extends Delivery {
  /** What is sent. */
  body: unknown;
  tries: Try[];
}

export interface DeliveryFilters extends ListQuery {
  state?: DeliveryState;
}
