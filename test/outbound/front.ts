// The whole front door before a shop: REST, SOAP, and the outbox's routes, on a real socket.
import { createHttpServer } from '../../app/src/http/server.ts';
import { createSoapFacade } from '../../app/src/http/soap/facade.ts';
import { putKey } from '../../app/src/operations/keys.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { NO_LIMITS } from '../kit/world.ts';
import type { Shop } from './shop.ts';

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

const ROLES = ['administrator', 'till'] as const;

/** The key of a role: its secret is its own name twice. */
export function keyOf(role: string): string {
  return `Basic ${Buffer.from(`${role}:${role}${role}`).toString('base64')}`;
}

export async function openFront(shop: Shop): Promise<Front> {
  const { gateway, settings, secrets, outbound, clock, log } = shop;
  for (const role of ROLES) {
    await putKey(secrets, clock, { name: role, role, limits: NO_LIMITS, secret: role + role });
  }
  const server = createHttpServer({
    gateway,
    settings,
    secrets,
    outbound,
    simulators: () => null,
    clock,
    random: systemRandom,
    log,
    version: '0',
    mode: 'appliance',
    tls: null,
    facades: [
      ({ guard }) =>
        createSoapFacade({
          gateway,
          settings,
          authenticate: (...asked) => guard.admit(...asked),
          clock,
          log,
        }),
    ],
  });
  const port = await server.listen(0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close(100) };
}
