// Messages to others without others: one parked message, and a processing server that is there.
import type { OutboundControl } from '../../app/src/ports/outbound.ts';
import type { OutboxItem } from '../../app/src/ports/outbox.ts';

export function fakeOutbound(): OutboundControl {
  const item: OutboxItem = {
    id: 7,
    topic: 'registration',
    lane: 'till-1',
    operation: 'a' as OutboxItem['operation'],
    payload: '{"uid":"a","amount":12345}',
    createdAt: 1_767_607_200_000,
    attempts: 1,
    nextAt: 1_767_607_200_000,
    state: 'parked',
    lastError: 'the processing server answered false',
  };
  return {
    list: ({ state, limit }) =>
      state === undefined || state === 'parked' ? [item].slice(0, limit) : [],
    counts: () => [{ topic: 'registration', state: 'parked', count: 1 }],
    replay: async (id) => id === item.id,
    probe: async ({ url }) =>
      url === undefined
        ? { kind: 'refused', url: '', detail: 'no address is set' }
        : {
            kind: 'service',
            url,
            namespace: 'http://www.stampsoft.ru/pos',
            orderNamespace: 'http://www.stampsoft.ru/pos',
            priceElement: 'cost',
            ports: [{ name: 'posSoap', soap: '1.1', address: url, soapAction: 'urn:x' }],
            parameters: ['terminal_id', 'uid'],
            problems: [],
          },
    test: async ({ terminal }) =>
      terminal === 'till-9'
        ? { kind: 'not-sent', why: 'unknown-terminal' }
        : terminal === 'till-8'
          ? { kind: 'not-sent', why: 'no-address' }
          : {
              kind: 'sent',
              uid: 'tillgate-test-0011223344556677',
              terminal: 'till-1',
              url: 'https://server.shop.lan/ws/pos.1cws',
              answer: 'refused',
              status: 200,
              words: '',
              check: 'rules',
              tookMs: 12,
            },
  };
}
