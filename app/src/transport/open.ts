// The one door to terminals' wires: a URL in, a byte pipe out.
import type { BytePipe, Transport } from '../ports/transport.ts';
import { parseAddress } from './address.ts';
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
    case 'serial': {
      // Native code that a shop with terminals on the network never needs.
      const { openSerial } = await import('./serial.ts');
      return openSerial(address, signal);
    }
  }
}
