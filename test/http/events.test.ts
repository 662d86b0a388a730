// Server-Sent Events of an operation.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { EVENT_STREAM_HEARTBEAT_MS } from '../../app/src/domain/limits.ts';
import { EventStreams } from '../../app/src/http/rest/event-streams.ts';
import type { EventSink } from '../../app/src/http/rest/route.ts';
import { WATCHER } from '../../app/src/http/rest/machines.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { FakeGateway } from './fake-gateway.ts';
import { eventually, openTestServer, readEvents, type TestServer } from './kit.ts';

const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };

describe('the events of an operation', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer();
  });
  after(() => server.close());

  const watch = (id: string, last?: number): Promise<Response> =>
    server.call('till', `/v1/operations/${id}/events`, {
      headers: last === undefined ? {} : { 'Last-Event-ID': String(last) },
    });

  test('what was comes first, then what happens, and the final event ends the stream', async () => {
    await server.send('PUT', 'till', '/v1/operations/s1', purchase);
    server.gateway.display('s1', 'INSERT CARD');
    const response = await watch('s1');
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    await eventually(() => server.gateway.listeners === 1, 'the stream is open');
    server.gateway.display('s1', 'ENTER PIN');
    server.gateway.approve('s1');
    const events = await readEvents(response);
    assert.deepEqual(
      events.map(({ name, data }) => `${name} ${String(data['text'] ?? data['event'])}`),
      [
        'operation accepted',
        'operation started',
        'display INSERT CARD',
        'display ENTER PIN',
        'operation concluded',
      ],
    );
    const last = events.at(-1)?.data as { final: boolean; operation: { state: string } };
    assert.equal(last.final, true);
    assert.equal(last.operation.state, 'approved');
    assert.equal(server.gateway.listeners, 0);
  });

  test('a client that comes back gets every later event once, and 204 after the last', async () => {
    await server.send('PUT', 'till', '/v1/operations/s2', purchase);
    const broken = await watch('s2');
    const seen = await readEvents(broken, (events) => events.length >= 2);
    await eventually(() => server.gateway.listeners === 0, 'the server saw it go');
    server.gateway.display('s2', 'missed');
    const response = await watch('s2', seen.at(-1)?.id);
    await eventually(() => server.gateway.listeners === 1, 'the stream is open');
    server.gateway.display('s2', 'live');
    server.gateway.approve('s2');
    const rest = await readEvents(response);
    const ids = [...seen, ...rest].map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
    assert.equal(ids.length, 5);
    assert.equal((await watch('s2', ids.at(-1))).status, 204);
  });

  test('what is not a place in the ledger means from the start', async () => {
    const response = await server.call('till', '/v1/operations/s2/events', {
      headers: { 'Last-Event-ID': 'nonsense' },
    });
    assert.equal((await readEvents(response)).length, 5);
  });
});

interface Sink extends EventSink {
  readonly texts: string[];
  readonly ended: () => boolean;
}

function memorySink(): Sink {
  const texts: string[] = [];
  let ended = false;
  const over = new EventEmitter();
  const closed = once(over, 'end').then(() => undefined);
  return {
    texts,
    closed,
    ended: () => ended,
    end: () => {
      ended = true;
      over.emit('end');
    },
    send: (text) => {
      if (ended) return false;
      texts.push(text);
      return true;
    },
  };
}

async function open() {
  const clock = new FakeClock();
  const gateway = new FakeGateway(clock);
  const streams = new EventStreams(gateway, clock);
  const id = 'op' as Parameters<typeof gateway.events>[1];
  await gateway.start(WATCHER, id, purchase as Parameters<typeof gateway.start>[2]);
  const sink = memorySink();
  const run = (): Promise<void> =>
    streams.run({ who: WATCHER, id, language: 'uk', after: 0 }, sink);
  return { clock, gateway, streams, sink, run };
}

describe('streams without a socket', () => {
  test('an event between reading and subscribing is neither lost nor sent twice', async () => {
    const { gateway, sink, run } = await open();
    const events = gateway.events.bind(gateway);
    gateway.events = (...asked) => {
      // The ledger grows while it is read: the subscription has told this one already.
      gateway.display('op', 'in between');
      return events(...asked);
    };
    const done = run();
    gateway.approve('op');
    await done;
    const ids = sink.texts.flatMap((text) => /^id: (\d+)/.exec(text)?.[1] ?? []);
    assert.deepEqual(ids, ['1', '2', '3', '4']);
  });

  test('a silent stream beats, and stops beating when it ends', async () => {
    const { clock, sink, run, streams } = await open();
    const done = run();
    const said = sink.texts.length;
    await clock.advance(EVENT_STREAM_HEARTBEAT_MS * 2);
    assert.deepEqual(sink.texts.slice(said), [':\n\n', ':\n\n']);
    streams.endAll();
    await done;
    assert.equal(clock.pending, 0);
    assert.equal(streams.size, 0);
  });
});
