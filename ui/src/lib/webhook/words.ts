/** Words for webhooks, in the person's language. */
import { moment, number } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import type { Delivery, Webhook } from './types';

/** What a webhook is called: what it is for, else where it goes. */
export function webhookName(webhook: Webhook): string {
  if (webhook.description) return webhook.description;
  try {
    return new URL(webhook.url).host;
  } catch {
    return webhook.url;
  }
}

/** Where it stands, in a word, and how that looks. */
export function standing(webhook: Webhook): { tone: 'ok' | 'warn' | 'danger' | 'plain'; text: string } {
  if (webhook.disabled_reason) return { tone: 'danger', text: m.webhook_stopped() };
  if (!webhook.active) return { tone: 'plain', text: m.webhook_paused() };
  return webhook.waiting > 0
    ? { tone: 'warn', text: m.webhook_waiting({ count: webhook.waiting, n: number(webhook.waiting) }) }
    : { tone: 'ok', text: m.webhook_delivering() };
}

/** How long an answer took: "182 ms", "10.0 s". */
export function took(ms: number): string {
  return ms < 1000 ? m.api_ms({ n: number(ms) }) : `${number(Math.round(ms / 100) / 10)}\u00a0s`;
}

/** What happened to a delivery, and what happens next. */
export function story(delivery: Delivery): { what: string; next: string } {
  const count = { count: delivery.attempts, n: number(delivery.attempts) };
  const next = delivery.next_attempt_at
    ? m.delivery_next({ when: moment(delivery.next_attempt_at) })
    : m.delivery_kept();
  if (delivery.attempts === 0) return { what: m.delivery_not_tried(), next };
  if (delivery.state === 'delivered')
    return {
      what: m.delivery_taken({ status: String(delivery.status ?? '') }),
      next: delivery.late ? m.delivery_late() : '',
    };
  const what =
    delivery.status === null
      ? m.delivery_unanswered(count)
      : m.delivery_refused({ ...count, status: String(delivery.status) });
  return { what, next: delivery.state === 'failed' ? m.delivery_given_up() : next };
}
