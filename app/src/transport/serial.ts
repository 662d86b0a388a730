// A serial or USB-serial line to a terminal. A SerialPort keeps what is written while it is closed
// and sends it on reopening, so each connection has a new object that is never opened twice.
import { SerialPort, type SerialPortOpenOptions } from 'serialport';
import { type BytePipe, type CloseReason, TransportError } from '../ports/transport.ts';
import { createInbox } from './inbox.ts';
import { describeDevice } from './serial-device.ts';
import { serialBinding } from './serial-binding.ts';

type AutoDetect = typeof SerialPort.binding;

export interface SerialAddress {
  readonly path: string;
  readonly baud: number;
}

export async function openSerial(address: SerialAddress, signal: AbortSignal): Promise<BytePipe> {
  if (signal.aborted) throw aborted(signal);
  const settings = {
    binding: serialBinding,
    path: address.path,
    baudRate: address.baud,
    dataBits: 8,
    parity: 'none',
    stopBits: 1,
    autoOpen: false,
  };
  // The constructor takes a binding, its type hides that.
  const port = new SerialPort(settings as SerialPortOpenOptions<AutoDetect>);
  const pipe = { ...pipeOf(port), device: await describeDevice(address.path) };
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (!error) resolve();
      else reject(new TransportError(codeOf(error), error.message, error));
    });
  });
  if (signal.aborted) {
    pipe.close();
    throw aborted(signal);
  }
  // What the line holds from before belongs to nobody.
  await new Promise<void>((resolve) => port.flush(() => resolve()));
  return pipe;
}

function pipeOf(port: SerialPort): BytePipe {
  const inbox = createInbox();
  let reason: CloseReason | null = null;
  const close = (why: CloseReason): void => {
    reason ??= why;
    if (port.isOpen) port.close();
  };
  const closed = new Promise<CloseReason>((resolve) => {
    port.once('close', (error: Error | null) => {
      resolve(
        reason ?? { kind: 'error', code: 'unplugged', detail: error?.message ?? 'line gone' },
      );
    });
  });
  port.on('error', (error: NodeJS.ErrnoException) => {
    reason ??= { kind: 'error', code: codeOf(error), detail: error.message };
    if (port.isOpen) port.close();
  });
  // Attached from the start: without a reader an unplugged adapter is never noticed.
  port.on('data', (chunk: Uint8Array) => {
    if (!inbox.put(chunk)) close({ kind: 'error', code: 'overflow', detail: 'nobody listens' });
  });
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (reason !== null || !port.isOpen) {
          reject(new TransportError('closed', 'the line is closed'));
          return;
        }
        void closed.then(() => reject(new TransportError('closed', 'the line closed meanwhile')));
        port.write(Buffer.from(bytes), (error) => {
          if (!error) resolve();
          else reject(new TransportError(codeOf(error), error.message, error));
        });
      }),
    onData: (listener) => inbox.listen(listener),
    closed,
    close: () => close({ kind: 'closed-by-us' }),
  };
}

function aborted(signal: AbortSignal): TransportError {
  return new TransportError('aborted', 'aborted while opening the line', signal.reason);
}

/** The binding puts the system's words into the message: `Error: No such file or directory…`. */
function codeOf(error: NodeJS.ErrnoException | Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (/No such file/i.test(error.message)) return 'ENOENT';
  if (/Permission denied/i.test(error.message)) return 'EACCES';
  if (/Cannot lock|temporarily unavailable|busy/i.test(error.message)) return 'EBUSY';
  return 'error';
}
