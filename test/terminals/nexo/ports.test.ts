// Ports that change while the program runs: nothing is lost that was under way, nothing new is
// taken at a port that was given up, and one that cannot be had is tried again.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type KeptPort, keepPort } from '../../../app/src/http/nexo/kept-port.ts';
import type { Clock } from '../../../app/src/ports/clock.ts';
import type { NexoPort } from '../../../app/src/ports/nexo-control.ts';
import { NO_LOG, REAL_CLOCK } from '../kit.ts';
import { inHouse } from './house.ts';
import { run, sale, until } from './kit.ts';

const PATH = '/EPASSaleToPOI/3.1';

async function held(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function freePort(): Promise<number> {
  const { port, free } = await held();
  await free();
  return port;
}

const post = (port: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${PATH}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/xml' },
    body: '<SaleToPOIRequest/>',
    signal: AbortSignal.timeout(4_000),
  });

/** A port whose messages wait until they are let go. */
function hanging(clock: Clock = REAL_CLOCK): {
  kept: KeptPort;
  taken: () => number;
  letGo: () => void;
  states: NexoPort[];
} {
  const states: NexoPort[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  const kept = keepPort({
    name: 'facade',
    host: '127.0.0.1',
    clock,
    log: NO_LOG,
    take: async () => {
      taken += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { status: 200, body: '<Done/>' };
    },
    onChange: (state) => states.push(state),
  });
  return {
    kept,
    taken: () => taken,
    letGo: () => {
      for (const go of waiting.splice(0)) go();
    },
    states,
  };
}

test('what is under way at a port that is given up is still answered there', async () => {
  const { kept, taken, letGo } = hanging();
  const [first, second] = [await freePort(), await freePort()];
  try {
    await kept.want(first);
    const answer = post(first);
    await until(() => taken() === 1, 'taken');
    await kept.want(second);
    assert.deepEqual(kept.state(), { kind: 'open', port: second });
    await assert.rejects(post(first), 'nothing new is taken');
    letGo();
    const response = await answer;
    assert.deepEqual([response.status, await response.text()], [200, '<Done/>']);
    const other = post(second);
    await until(() => taken() === 2, 'taken at the new port');
    letGo();
    assert.equal((await other).status, 200);
  } finally {
    letGo();
    await kept.close();
  }
});

test('a connection that was kept open brings nothing new to a port that is given up', async () => {
  const { kept, taken, letGo } = hanging();
  const port = await freePort();
  const { connect } = await import('node:net');
  await kept.want(port);
  const body = '<SaleToPOIRequest/>';
  const message = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  try {
    socket.write(message);
    await until(() => taken() === 1, 'taken');
    await kept.want(null);
    assert.deepEqual(kept.state(), { kind: 'off' });
    letGo();
    await until(() => received.includes('<Done/>'), 'answered');
    socket.write(message);
    await until(() => received.includes('503') || socket.readyState !== 'open', 'refused');
    assert.equal(taken(), 1);
  } finally {
    socket.destroy();
    letGo();
    await kept.close();
  }
});

test('a port that cannot be had is told, tried again, and had when it is free', async () => {
  const timers: { ms: number; callback: () => void }[] = [];
  const clock: Clock = {
    ...REAL_CLOCK,
    after: (ms, callback) => {
      timers.push({ ms, callback });
      return () => undefined;
    },
  };
  const { kept, states } = hanging(clock);
  const { port, free } = await held();
  try {
    await kept.want(port);
    assert.deepEqual(states, [{ kind: 'failed', port, reason: 'EADDRINUSE' }]);
    await free();
    timers.at(-1)?.callback();
    await until(() => kept.state().kind === 'open', 'open');
    const late = await freePort();
    await kept.want(late);
    // A try of the port before, whose time comes late, must not take it back.
    timers.at(-1)?.callback();
    await REAL_CLOCK.sleep(20);
    assert.deepEqual(kept.state(), { kind: 'open', port: late });
  } finally {
    await kept.close();
  }
});

inHouse('a till that is paired anew has to log in again, and then pays there', async (h) => {
  const till = await h.till('light');
  assert.equal((await run(till, sale())).kind, 'approved');
  assert.deepEqual(h.facade.tills(), [{ saleId: 'ECR1', poiId: 'A-POIID', style: 'light' }]);
  await h.settings.change((draft) => {
    draft.nexo.facade.pairings[0]!.unfinished = 'InProgress';
  });
  assert.deepEqual(h.facade.tills(), [], 'its login is over');
  await h.settings.change((draft) => {
    draft.shop.name = 'Another name';
  });
  assert.equal((await run(till, sale())).kind, 'approved');
  assert.equal(h.facade.tills().length, 1);
  await h.settings.change((draft) => {
    draft.shop.name = 'Yet another';
  });
  assert.equal(h.facade.tills().length, 1, 'what does not concern it ends no login');
  await h.settings.change((draft) => {
    draft.nexo.facade.pairings = [];
  });
  assert.deepEqual(h.facade.tills(), []);
  assert.notEqual((await run(till, sale())).kind, 'approved', 'nobody pays unpaired');
});
