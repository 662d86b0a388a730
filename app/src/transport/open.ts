// The one door to terminals' wires: a URL in, a byte pipe out.
import type { BytePipe, Transport } from '../ports/transport.ts';
import { parseAddress } from './address.ts';
import { openSerial } from './serial.ts';
import { openTcp } from './tcp.ts';

export { normaliseAddress } from './address.ts';

export function createTransport(): Transport {
  return { open };
}

async function open(text: string, signal: AbortSignal): Promise<BytePipe> {
  const address = parseAddress(text);
  switch (address.kind) {
    case 'tcp':
      return openTcp(address, signal);
    case 'serial':
      return openSerial(address, signal);
  }
}
