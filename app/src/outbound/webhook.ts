// Tells one receiver of a change of an operation, signed.
import { createHmac } from 'node:crypto';
import { DELIVERY_ERROR_LENGTH_MAX, WEBHOOK_GIVE_UP_MS } from '../domain/limits.ts';
import type { Secrets, Settings } from '../operations/settings-schema.ts';
import type { Clock } from '../ports/clock.ts';
import type { OutboxItem } from '../ports/outbox.ts';
import type { Delivered } from './delivery.ts';
import { ask } from './foreign-server.ts';

export interface WebhookParts {
  readonly settings: { current(): Settings };
  readonly secrets: { current(): Secrets };
  readonly clock: Clock;
}

export function webhookCaller(
  parts: WebhookParts,
): (item: OutboxItem, signal: AbortSignal) => Promise<Delivered> {
  return async (item, signal) => {
    const { settings, secrets, clock } = parts;
    const name = item.lane.slice(0, item.lane.indexOf('/'));
    const hook = settings.current().webhooks.find((one) => one.name === name);
    if (hook === undefined) return { kind: 'park', error: `the webhook ${name} was removed` };
    if (hook.disabled) return { kind: 'retry', error: `the webhook ${name} is switched off` };
    const secret = secrets.current().webhooks[name];
    if (secret === undefined) return { kind: 'retry', error: `the webhook ${name} has no secret` };
    // The payload is a JSON object of our own; its receiver tells repeats by this id.
    const body = `{"id":"${item.id}",${item.payload.slice(1)}`;
    const answer = await ask(
      {
        method: 'POST',
        url: hook.url,
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Tillgate-Delivery': String(item.id),
          'Tillgate-Signature': signature(secret, clock.now(), body),
        },
        body,
        authority: hook.authority,
        timeoutMs: hook.timeoutMs,
      },
      clock,
      signal,
    );
    if (answer.kind === 'answer' && answer.status >= 200 && answer.status < 300) {
      return { kind: 'delivered' };
    }
    const error = answer.kind === 'failed' ? answer.detail : refusal(answer.status, answer.body);
    const gone = answer.kind === 'answer' && answer.status === 410;
    const tooOld = clock.now() - item.createdAt > WEBHOOK_GIVE_UP_MS;
    return { kind: gone || (tooOld && item.attempts > 0) ? 'park' : 'retry', error };
  };
}

/**
 * `t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>` with the webhook's secret. The time
 * is signed, so that an old message cannot be sent again.
 */
export function signature(secret: string, at: number, body: string): string {
  const seconds = Math.floor(at / 1_000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex');
  return `t=${seconds},v1=${mac}`;
}

function refusal(status: number, body: Buffer): string {
  const text = body.toString('utf8').replace(/\s+/g, ' ').slice(0, DELIVERY_ERROR_LENGTH_MAX);
  return `HTTP ${status}: ${text}`;
}
