// A till at the core of a simulated terminal: literal bytes in, bytes out, on a fake clock.
import type { Port } from '../../app/src/simulator/privat-json/device.ts';
import {
  defaultProfile,
  type TerminalProfile,
} from '../../app/src/simulator/privat-json/profile.ts';
import {
  PrivatJsonTerminal,
  type TerminalOptions,
} from '../../app/src/simulator/privat-json/terminal.ts';
import { FakeClock } from '../kit/fake-clock.ts';

export type Message = {
  method: string;
  params: Record<string, string>;
  error: boolean;
  errorDescription: string;
};

export interface CoreTill {
  readonly bytes: () => Buffer;
  readonly chunks: Buffer[];
  /** Complete frames that parse; others are null. */
  readonly messages: () => (Message | null)[];
  readonly closed: () => boolean;
  readonly raw: (bytes: Uint8Array) => void;
  readonly send: (method: string, params?: Record<string, string>) => void;
  readonly service: (msgType: string, params?: Record<string, string>) => void;
  readonly last: () => Message;
  readonly leave: () => void;
}

export function world(
  options: Omit<Partial<TerminalOptions>, 'clock' | 'profile'> & {
    profile?: Partial<TerminalProfile>;
  } = {},
) {
  const clock = new FakeClock();
  const profile = defaultProfile(7, options.profile);
  const terminal = new PrivatJsonTerminal({ ...options, clock, profile });
  return { clock, terminal, till: () => connect(terminal) };
}

export function connect(terminal: PrivatJsonTerminal): CoreTill {
  const chunks: Buffer[] = [];
  let closed = false;
  const port = terminal.connect({
    send: (bytes) => chunks.push(Buffer.from(bytes)),
    close: () => {
      closed = true;
    },
  }) as Port; // the tests that cut the power check for null themselves
  const bytes = () => Buffer.concat(chunks);
  const messages = () =>
    bytes()
      .toString('utf8')
      .split('\0')
      .slice(0, -1)
      .map((text) => {
        try {
          return JSON.parse(text) as Message;
        } catch {
          return null;
        }
      });
  const raw = (sent: Uint8Array) => port.receive(sent);
  const send = (method: string, params?: Record<string, string>) => {
    const withParams = params === undefined ? {} : { params };
    raw(Buffer.from(`${JSON.stringify({ method, step: 0, ...withParams })}\0`, 'utf8'));
  };
  return {
    bytes,
    chunks,
    messages,
    closed: () => closed,
    raw,
    send,
    service: (msgType, params = {}) => send('ServiceMessage', { msgType, ...params }),
    last: () => {
      const message = messages().at(-1);
      if (!message) throw new Error('the terminal said nothing readable');
      return message;
    },
    leave: () => port.gone(),
  };
}

export const PURCHASE = { amount: '100.00', discount: '', merchantId: '0', facepay: 'false' };
