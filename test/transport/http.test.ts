// Posting over real sockets: what left, what may be sent twice, and where it ends.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { FRAME_BYTES_MAX } from '../../app/src/domain/limits.ts';
import { type HttpClient, HttpClientError } from '../../app/src/ports/http-client.ts';
import { createHttpClient } from '../../app/src/transport/http.ts';

const BODY = Buffer.from('<a/>');

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function post(
  client: HttpClient,
  port: number,
  { signal = AbortSignal.timeout(5_000), fresh = true } = {},
): ReturnType<HttpClient['post']> {
  const url = `http://127.0.0.1:${port}/x`;
  return client.post({ url, body: BODY, contentType: 'application/xml', signal, fresh });
}

async function failure(promise: Promise<unknown>): Promise<HttpClientError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof HttpClientError, String(error));
  return error;
}

test('brings status, type and body, and sends a length', async () => {
  let length: string | undefined;
  const server = createServer((request, response) => {
    length = request.headers['content-length'];
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/xml' }).end('<b/>');
  });
  const client = createHttpClient();
  const answer = await post(client, await listening(server));
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/xml');
  assert.equal(Buffer.from(answer.body).toString(), '<b/>');
  assert.equal(length, '4');
  client.close();
  server.close();
});

test('a peer that is not there was sent nothing', async () => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const client = createHttpClient();
  const error = await failure(post(client, port));
  assert.deepEqual([error.code, error.sent], ['ECONNREFUSED', false]);
  client.close();
});

test('an address that is none was sent nothing', async () => {
  const client = createHttpClient();
  const signal = AbortSignal.timeout(1_000);
  const given = { body: BODY, contentType: 'x/y', signal, fresh: true };
  const error = await failure(client.post({ ...given, url: 'http://:1:2/' }));
  assert.deepEqual([error.code, error.sent], ['bad-address', false]);
  client.close();
});

test('a peer that cuts after the request may have read it', async () => {
  const server = createServer((request) => request.socket.destroy());
  const client = createHttpClient();
  const error = await failure(post(client, await listening(server)));
  assert.equal(error.sent, true);
  client.close();
  server.close();
});

test('an answer that ends before its length is cut', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('<b');
    setTimeout(() => response.destroy(), 20);
  });
  const client = createHttpClient();
  const error = await failure(post(client, await listening(server)));
  assert.deepEqual([error.code, error.sent], ['cut', true]);
  client.close();
  server.close();
});

test('an answer without end is left at the limit', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200);
    response.write(Buffer.alloc(FRAME_BYTES_MAX + 1));
  });
  const client = createHttpClient();
  const error = await failure(post(client, await listening(server)));
  assert.equal(error.code, 'too-large');
  client.close();
  server.closeAllConnections();
  server.close();
});

test('the end of the wait is told apart from a broken line', async () => {
  const server = createServer((request) => request.resume());
  const client = createHttpClient();
  const end = new AbortController();
  const waiting = failure(post(client, await listening(server), { signal: end.signal }));
  setTimeout(() => end.abort(new Error('enough')), 50);
  const error = await waiting;
  assert.deepEqual([error.code, error.sent], ['aborted', true]);
  client.close();
  server.closeAllConnections();
  server.close();
});

/** Answers each connection once, with keep-alive, and cuts it when it is used again. */
async function staleServer(): Promise<{ port: number; requests: () => number; close: () => void }> {
  const sockets: Socket[] = [];
  let requests = 0;
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    let used = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      if (used) {
        socket.resetAndDestroy();
        return;
      }
      used = true;
      requests += 1;
      socket.write('HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n');
    });
  });
  const port = await listening(server);
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, requests: () => requests, close };
}

test('a kept connection that the peer has dropped is replaced, where that is allowed', async () => {
  const server = await staleServer();
  const client = createHttpClient();
  for (let turn = 0; turn < 2; turn++) {
    assert.equal((await post(client, server.port, { fresh: false })).status, 204);
  }
  assert.equal(server.requests(), 2);
  client.close();
  server.close();
});

test('what must not be sent twice has a connection of its own', async () => {
  const server = await staleServer();
  const client = createHttpClient();
  await post(client, server.port, { fresh: false });
  assert.equal((await post(client, server.port)).status, 204);
  assert.equal(server.requests(), 2);
  client.close();
  server.close();
});

test('a client that is closed ends what is under way', async () => {
  const server = createServer((request) => request.resume());
  const port = await listening(server);
  const client = createHttpClient();
  const waiting = failure(post(client, port));
  const probe = connect(port, '127.0.0.1');
  await new Promise<void>((resolve) => probe.once('connect', resolve));
  setTimeout(() => client.close(), 50);
  assert.equal((await waiting).sent, true);
  probe.destroy();
  server.closeAllConnections();
  server.close();
});
