// Server-Sent Events of a page, and the small news stream of the dashboard.
import type Koa from 'koa';
import {
  EVENT_STREAM_BUFFER_BYTES_MAX,
  EVENT_STREAM_HEARTBEAT_MS,
  EVENT_STREAMS_MAX,
  PAGE_NEWS_MS,
} from '../../domain/limits.ts';
import type { RequestState } from '../context.ts';
import type { EventSink } from '../rest/route.ts';
import type { Services } from './parts.ts';

export async function sendEvents(
  context: Koa.Context,
  run: (sink: EventSink) => Promise<void>,
  /** False once the visitor signed out or lost the right: the stream ends then. */
  allowed: () => boolean,
  { clock, log }: Pick<Services, 'clock' | 'log'>,
): Promise<void> {
  context.respond = false;
  const { res } = context;
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  if (context.method === 'HEAD') {
    res.end();
    return;
  }
  const { hurry } = context.state as RequestState; // the first middleware sets it
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    res.end();
  };
  const closed = new Promise<void>((resolve) => {
    res.once('close', resolve);
    res.once('finish', resolve);
  });
  hurry.addEventListener('abort', end, { once: true });
  if (hurry.aborted) end();
  const send = (text: string): boolean => {
    if (over || res.destroyed) return false;
    // A page that does not read would fill our memory; it comes back by itself.
    if (res.writableLength > EVENT_STREAM_BUFFER_BYTES_MAX) {
      end();
      return false;
    }
    return res.write(text) || true;
  };
  let stopLook: (() => void) | null = null;
  const look = (): void => {
    if (!allowed()) return end();
    stopLook = clock.after(EVENT_STREAM_HEARTBEAT_MS, look);
  };
  stopLook = clock.after(EVENT_STREAM_HEARTBEAT_MS, look);
  try {
    await run({ send, end, closed });
  } catch (error) {
    log.error('page-events-failed', {}, error);
  } finally {
    (stopLook as (() => void) | null)?.();
    end();
  }
}

/** Says «something changed», at most once in PAGE_NEWS_MS; the page fetches itself again. */
export function news({ gateway, clock }: Services): (sink: EventSink) => Promise<void> {
  let open = 0;
  return async (sink) => {
    // A page without its news still works.
    if (open >= EVENT_STREAMS_MAX) return;
    open += 1;
    let waits: (() => void) | null = null;
    const unsubscribe = gateway.subscribeAll(() => {
      waits ??= clock.after(PAGE_NEWS_MS, () => {
        waits = null;
        sink.send('event: news\ndata: {}\n\n');
      });
    });
    let stopHeart: (() => void) | null = null;
    const beat = (): void => {
      // Links come and go without an event of an operation, so a heartbeat is news too.
      if (sink.send('event: news\ndata: {}\n\n'))
        stopHeart = clock.after(EVENT_STREAM_HEARTBEAT_MS, beat);
    };
    stopHeart = clock.after(EVENT_STREAM_HEARTBEAT_MS, beat);
    try {
      sink.send('retry: 2000\n\n');
      await sink.closed;
    } finally {
      open -= 1;
      unsubscribe();
      (stopHeart as (() => void) | null)?.();
      (waits as (() => void) | null)?.();
    }
  };
}
