// `make run` as a person sees it: a real process, its output, its ports.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start, startGateway, temporaryFolder } from './programs.ts';

const PURCHASE = { kind: 'purchase', amount: 12_345, reference: 'order 77' };

test('the printed line makes a purchase, and the same line again charges nothing', async () => {
  const data = temporaryFolder();
  const gateway = await startGateway(data.path);
  try {
    const printed = await gateway.line((line) => line.includes("-d '{"));
    const body = JSON.parse(/-d '(.*)'$/.exec(printed)?.[1] ?? '') as unknown;
    assert.deepEqual(body, PURCHASE);
    const first = await gateway.call('PUT', '/v1/operations/sale-1?wait=60', body);
    assert.equal(first.status, 200);
    assert.equal(first.body.state, 'approved');
    assert.equal(first.body.approvedAmount, 12_345);
    assert.match(first.body.result.receipt.merchant, /123\.45/);
    const again = await gateway.call('PUT', '/v1/operations/sale-1?wait=60', body);
    assert.deepEqual(again.body, first.body);
    const terminal = await gateway.call('GET', '/v1/simulators/till-1');
    assert.equal(terminal.body.journal.length, 1);
  } finally {
    await gateway.kill();
    data.remove();
  }
});

test('a second gateway on the same folder refuses to start, and the first goes on', async () => {
  const data = temporaryFolder();
  const gateway = await startGateway(data.path);
  try {
    const second = start(['app/src/main.ts'], {
      TILLGATE_DATA: data.path,
      TILLGATE_PORT: '0',
      TILLGATE_TLS_PORT: 'off',
      TILLGATE_HOST: '127.0.0.1',
    });
    await second.line((line) => line.includes('cannot-start'));
    assert.equal(await second.ended, 1);
    assert.equal((await gateway.call('GET', '/health')).status, 200);
  } finally {
    await gateway.kill();
    data.remove();
  }
});

test('the demonstration key is refused outside of the demonstration', async () => {
  const data = temporaryFolder();
  const program = start(['app/src/main.ts'], {
    TILLGATE_DATA: data.path,
    TILLGATE_DEMO_KEY: 'secret-secret',
    TILLGATE_PORT: '0',
    TILLGATE_TLS_PORT: 'off',
  });
  const line = await program.line((text) => text.includes('cannot-start'));
  assert.match(line, /TILLGATE_DEMO_KEY/);
  assert.ok(!line.includes('secret-secret'));
  await program.kill();
  data.remove();
});

test('outside of the demonstration nobody has a key, and nothing is simulated', async () => {
  const data = temporaryFolder();
  const program = start(['app/src/main.ts'], {
    TILLGATE_DATA: data.path,
    TILLGATE_HOST: '127.0.0.1',
    TILLGATE_PORT: '0',
    TILLGATE_TLS_PORT: 'off',
  });
  try {
    const ready = await program.line((line) => line.includes('"event":"ready"'));
    const { port, terminals } = JSON.parse(ready) as { port: number; terminals: number };
    assert.equal(terminals, 0);
    const url = `http://127.0.0.1:${port}/v1/operations/sale-1`;
    const refused = await fetch(url, { method: 'PUT', body: '{}' });
    assert.equal(refused.status, 401);
    await refused.arrayBuffer();
  } finally {
    await program.kill();
    data.remove();
  }
});

test('a payment goes over TLS with the certificate that the first start made', async () => {
  const data = temporaryFolder();
  const gateway = await startGateway(data.path, { TILLGATE_TLS_PORT: '0' });
  try {
    const ready = await gateway.line((line) => line.includes('"event":"ready"'));
    const { tlsPort } = JSON.parse(ready) as { tlsPort: number };
    const made = await gateway.line((line) => line.includes('"event":"certificate"'));
    const { fingerprint } = JSON.parse(made) as { fingerprint: string };
    const { connect } = await import('node:tls');
    const seen = await new Promise<string>((resolve, reject) => {
      const socket = connect(
        { port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        },
      );
      socket.once('error', reject);
    });
    assert.equal(seen, fingerprint);
  } finally {
    await gateway.kill();
    data.remove();
  }
});

test('a stop lets the running payment end and tells its till', async () => {
  const data = temporaryFolder();
  const gateway = await startGateway(data.path);
  try {
    const waiting = gateway.call('PUT', '/v1/operations/sale-1?wait=60', PURCHASE);
    await gateway.line((line) => line.includes('ready'));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const code = gateway.stop();
    const answer = await waiting;
    assert.ok(['approved', 'running'].includes(answer.body.state), answer.body.state);
    assert.equal(await code, 0);
    const next = await startGateway(data.path);
    const found = await next.call('GET', '/v1/operations/sale-1');
    assert.equal(found.body.state, 'approved');
    await next.kill();
  } finally {
    data.remove();
  }
});

test('several simulated terminals may be set up; in a shop there are none', async () => {
  const data = temporaryFolder();
  const settings = { driver: 'privat-json', address: 'sim://privat-json', currency: 'UAH' };
  const gateway = await startGateway(data.path);
  try {
    for (const id of ['sim-2', 'sim-3']) {
      const put = await gateway.call('PUT', `/v1/terminals/${id}`, settings);
      assert.equal(put.status, 201, JSON.stringify(put.body));
    }
    const real = { ...settings, address: 'tcp://127.0.0.1:9' };
    assert.equal((await gateway.call('PUT', '/v1/terminals/tcp-1', real)).status, 201);
    const twice = await gateway.call('PUT', '/v1/terminals/tcp-2', real);
    assert.equal(twice.status, 400);
    assert.equal(twice.body.errors[0].path, 'address');
  } finally {
    await gateway.kill();
  }
  const shop = start(['app/src/main.ts'], {
    TILLGATE_DATA: data.path,
    TILLGATE_HOST: '127.0.0.1',
    TILLGATE_PORT: '0',
    TILLGATE_TLS_PORT: 'off',
  });
  const refused = await shop.line((line) => line.includes('terminal-not-usable'));
  assert.match(refused, /certification/);
  await shop.kill();
  data.remove();
});
