// Ports of the host that nobody has.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';

/** Free ports of the host → these ports of the guest, in their order. */
export async function freePorts(guests: readonly number[]): Promise<Record<number, number>> {
  const servers = guests.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(
    servers.map((server) => new Promise((resolve) => server.once('listening', resolve))),
  );
  const entries = servers.map((server, at) => {
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return [address.port, guests[at] ?? 0] as const;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(entries);
}
