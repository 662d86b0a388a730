// The same purchase without a gateway: a bare TCP client, as a till's own driver would be.
import { connect, type Socket } from 'node:net';

const PING = Buffer.from('\0{"method":"PingDevice","step":0}\0');

export class DirectClient {
  readonly #socket: Socket;
  #text = '';
  #waiting: { method: string; resolve: () => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#heard(chunk));
  }

  static async open(address: string): Promise<DirectClient> {
    const { hostname, port } = new URL(address.replace('tcp:', 'http:'));
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new DirectClient(socket);
    await client.#ask('PingDevice', PING);
    return client;
  }

  purchase(amount: string): Promise<void> {
    const params = { amount, discount: '', merchantId: '0', facepay: 'false' };
    const frame = `${JSON.stringify({ method: 'Purchase', step: 0, params })}\0`;
    return this.#ask('Purchase', Buffer.from(frame));
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(method: string, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { method, resolve };
      this.#socket.write(bytes);
    });
  }

  #heard(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\0'); end >= 0; end = this.#text.indexOf('\0')) {
      const frame = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      const waiting = this.#waiting;
      if (waiting === null || !frame.includes(`"${waiting.method}"`)) continue;
      this.#waiting = null;
      waiting.resolve();
    }
  }
}
