// HTTP/1.1 to terminals and tills on the local network: plain, bounded, with kept connections.
import { Agent, type ClientRequest, type IncomingMessage, request as open } from 'node:http';
import type { Socket } from 'node:net';
import { CONNECT_TIMEOUT_MS, FRAME_BYTES_MAX, TCP_KEEPALIVE_IDLE_MS } from '../domain/limits.ts';
import {
  type HttpAnswer,
  type HttpClient,
  HttpClientError,
  type HttpPost,
} from '../ports/http-client.ts';

/** One for the outstanding request, and one for what may be asked beside it. */
const KEPT_PER_PEER_MAX = 2;

export function createHttpClient(): HttpClient {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: KEPT_PER_PEER_MAX });
  const running = new Set<ClientRequest>();
  return {
    post: async (request) => {
      try {
        return await post(request, request.fresh ? null : agent, running);
      } catch (error) {
        if (!(error instanceof StaleError)) throw error;
        return post(request, null, running);
      }
    },
    close: () => {
      agent.destroy();
      for (const one of running) one.destroy(new Error('the client was closed'));
    },
  };
}

/** A kept connection that the peer had closed before it answered anything. */
class StaleError extends Error {}

function post(
  given: HttpPost,
  agent: Agent | null,
  running: Set<ClientRequest>,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (given.signal.aborted) {
      reject(new HttpClientError('aborted', 'aborted before sending', false));
      return;
    }
    const request = begin(given, agent, reject);
    if (request === null) return;
    let sent = false;
    const end = (settle: () => void): void => {
      running.delete(request);
      given.signal.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (code: string, detail: string, cause?: unknown): void => {
      end(() => reject(new HttpClientError(code, detail, sent, cause)));
      request.destroy();
    };
    const onAbort = (): void => fail('aborted', 'the wait was ended', given.signal.reason);
    running.add(request);
    given.signal.addEventListener('abort', onAbort, { once: true });
    request.once('socket', (socket) => {
      whenConnected(socket, () => {
        sent = true;
      });
    });
    request.once('timeout', () => {
      if (!sent) fail('ETIMEDOUT', 'no connection in time');
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (agent !== null && request.reusedSocket && error.code === 'ECONNRESET') {
        end(() => reject(new StaleError()));
      } else fail(error.code ?? 'error', error.message, error);
    });
    request.once('response', (response) => {
      collect(response).then(
        (answer) => end(() => resolve(answer)),
        (error: unknown) => {
          const known = error instanceof HttpClientError ? error.code : 'cut';
          fail(known, 'the answer was cut', error);
        },
      );
    });
    request.end(given.body);
  });
}

function begin(
  given: HttpPost,
  agent: Agent | null,
  reject: (error: HttpClientError) => void,
): ClientRequest | null {
  try {
    return open(given.url, {
      method: 'POST',
      agent: agent ?? false,
      timeout: CONNECT_TIMEOUT_MS,
      headers: {
        Accept: '*/*',
        'Content-Type': given.contentType,
        // A length, never chunks: small servers of terminals do not read them.
        'Content-Length': given.body.length,
      },
    });
  } catch (error) {
    reject(new HttpClientError('bad-address', `${given.url} is no address`, false, error));
    return null;
  }
}

function whenConnected(socket: Socket, callback: () => void): void {
  const connected = (): void => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_IDLE_MS);
    callback();
  };
  if (socket.connecting) socket.once('connect', connected);
  else connected();
}

async function collect(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer; // no encoding is set on the response
    total += bytes.length;
    if (total > FRAME_BYTES_MAX) {
      throw new HttpClientError('too-large', `an answer above ${FRAME_BYTES_MAX} bytes`, true);
    }
    chunks.push(bytes);
  }
  if (!response.complete) throw new HttpClientError('cut', 'the answer was cut', true);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? null,
    body: Buffer.concat(chunks),
  };
}
