// What we say to a message that gets no answer of its own kind. The standard has a notification for
// it, `Reject`, with the message itself inside: whoever sent it knows again what was not taken.
import type { Instant } from '../../domain/ids.ts';
import type { NexoHeader } from '../../xml/nexo/envelope.ts';
import { type NexoNode, node } from '../../xml/nexo/write.ts';

/** Nothing was done. `raw`: the message as it came. */
export function rejectionOf(raw: Uint8Array, details: string, now: Instant): NexoNode {
  const attributes = { TimeStamp: new Date(now).toISOString(), EventToNotify: 'Reject' };
  return node('EventNotification', attributes, [
    node('EventDetails', {}, details),
    node('RejectedMessage', {}, Buffer.from(raw).toString('base64')),
  ]);
}

export function isRejection({ name }: NexoNode): boolean {
  return name === 'EventNotification';
}

/** With the ids of the message that it is about. */
export function rejectionHeader(asked: NexoHeader): NexoHeader {
  return {
    ...asked,
    messageClass: 'Event',
    messageCategory: 'Event',
    messageType: 'Notification',
  };
}
