// The system binding of serialport, with one change: an unplugged line ends. The kernel answers
// every read of a hung-up terminal with zero bytes, and the binding's own loop would read on for
// ever, on a full core, with the unplug never told.
import { read } from 'node:fs';
import { SerialPort } from 'serialport';

type Binding = typeof SerialPort.binding;

/** What a port of the Linux and macOS bindings has; that of Windows reads in another way. */
interface PolledPort {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', callback: (error: Error | null) => void): unknown };
  read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }>;
}

export const serialBinding = {
  list: () => SerialPort.binding.list(),
  open: async (options: Parameters<Binding['open']>[0]) => {
    // Which system's options they are is known to the binding alone.
    const port = await SerialPort.binding.open(options as never);
    if (isPolled(port)) {
      port.read = (buffer, offset, length) => readSome(port, buffer, offset, length);
    }
    return port;
  },
};

async function readSome(
  port: PolledPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    if (port.fd === null) throw canceled();
    const bytesRead = await readOnce(port.fd, buffer, offset, length);
    // VMIN is 1: an open line without data answers EAGAIN, never zero.
    if (bytesRead === 0) throw Object.assign(new Error('the line hung up'), { disconnect: true });
    if (bytesRead !== 'again') return { buffer, bytesRead };
    // Closed while the read was on its way: the poller is gone, and to ask it would end the process.
    if (port.fd === null) throw canceled();
    await new Promise<void>((resolve, reject) => {
      port.poller.once('readable', (error) => (error ? reject(error) : resolve()));
    });
  }
}

function readOnce(
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<number | 'again'> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, length, null, (error, bytesRead) => {
      if (error === null) resolve(bytesRead);
      else if (error.code === 'EAGAIN' || error.code === 'EINTR') resolve('again');
      else reject(Object.assign(error, { disconnect: true }));
    });
  });
}

/** The stream takes this for a close of our own. */
function canceled(): Error {
  return Object.assign(new Error('the line is closed'), { canceled: true });
}

function isPolled(port: object): port is PolledPort {
  return 'fd' in port && 'poller' in port && 'read' in port;
}
