// An administrator's upload may take longer than the body of a payment.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { HttpShared } from '../../app/src/http/context.ts';
import { createHttpServer } from '../../app/src/http/server.ts';
import { openTestServer } from './kit.ts';

test('a body that is held may be slow, and only while it is held', async () => {
  const plain = await openTestServer();
  const server = createHttpServer({
    ...plain.parts,
    timeouts: { headersMs: 200, requestMs: 300, checkMs: 50 },
    facades: [
      ({ holdBodyTimeout }: HttpShared) =>
        async (context, next) => {
          if (!context.path.startsWith('/slow')) return next();
          const release = context.path === '/slow/held' ? holdBodyTimeout() : () => undefined;
          try {
            let bytes = 0;
            for await (const chunk of context.req) bytes += (chunk as Buffer).length;
            context.body = `${bytes} bytes`;
          } finally {
            release();
            release();
          }
        },
    ],
  });
  try {
    const port = await server.listen(0, '127.0.0.1');
    assert.match(await slowly(port, '/slow/held'), /^HTTP\/1\.1 200 [\s\S]*\b5 bytes/);
    assert.doesNotMatch(await slowly(port, '/slow/other'), /200/);
  } finally {
    await server.close(200);
    await plain.close();
  }
});

/** Five bytes in a second; whatever comes back until the connection ends. */
function slowly(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    let sent = 0;
    const timer = setInterval(() => {
      if (sent < 5) socket.write('x');
      sent += 1;
    }, 200);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n`,
    );
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}
