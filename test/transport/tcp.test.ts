import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { TransportError } from '../../app/src/ports/transport.ts';
import { createTransport } from '../../app/src/transport/open.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

async function withServer(
  onSocket: (socket: Socket) => void,
  work: (address: string, server: Server) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await work(`tcp://127.0.0.1:${port}`, server);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test('bytes go out and come in, also those that came before anybody listened', async () => {
  await withServer(
    (socket) => {
      socket.write('hello ');
      socket.on('data', (chunk: Buffer) => socket.write(chunk.toString('utf8').toUpperCase()));
    },
    async (address) => {
      const pipe = await createTransport().open(address, soon());
      await pipe.write(Buffer.from('world'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      let heard = '';
      const all = new Promise<void>((resolve) => {
        pipe.onData((chunk) => {
          heard += Buffer.from(chunk).toString('utf8');
          if (heard === 'hello WORLD') resolve();
        });
      });
      await Promise.race([all, once(soon(), 'abort')]);
      assert.equal(heard, 'hello WORLD');
      pipe.close();
      assert.deepEqual(await pipe.closed, { kind: 'closed-by-us' });
    },
  );
});

test('nothing is written, or kept for later, once the pipe is closed', async () => {
  let received = 0;
  await withServer(
    (socket) => socket.on('data', (chunk: Buffer) => (received += chunk.length)),
    async (address) => {
      const pipe = await createTransport().open(address, soon());
      pipe.close();
      await assert.rejects(pipe.write(Buffer.from('x')), {
        name: 'TransportError',
        code: 'closed',
      });
      await pipe.closed;
      const next = await createTransport().open(address, soon());
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(received, 0);
      next.close();
      await next.closed;
    },
  );
});

test('a peer that closes or resets ends the pipe, with the reason', async () => {
  await withServer(
    (socket) => socket.end(),
    async (address) => {
      const pipe = await createTransport().open(address, soon());
      assert.deepEqual(await pipe.closed, { kind: 'closed-by-peer' });
      await assert.rejects(pipe.write(Buffer.from('x')), TransportError);
    },
  );
  await withServer(
    (socket) => socket.once('data', () => socket.resetAndDestroy()),
    async (address) => {
      const pipe = await createTransport().open(address, soon());
      await pipe.write(Buffer.from('x'));
      const reason = await pipe.closed;
      assert.deepEqual(
        [reason.kind, reason.kind === 'error' && reason.code],
        ['error', 'ECONNRESET'],
      );
    },
  );
});

test('nobody there, and an abort, reject by code', async () => {
  let address = '';
  await withServer(
    () => undefined,
    (given) => {
      address = given;
      return Promise.resolve();
    },
  );
  await assert.rejects(createTransport().open(address, soon()), { code: 'ECONNREFUSED' });
  await assert.rejects(createTransport().open(address, AbortSignal.abort()), { code: 'aborted' });
});
