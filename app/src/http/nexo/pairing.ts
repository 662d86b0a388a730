// Which till is calling, by SaleID and POIID and by its address or key, and what it may do.
import type { Principal } from '../../operations/gateway.ts';
import type { NexoPairing } from '../../operations/settings-schema.ts';
import type { NexoHeader } from '../../xml/nexo/envelope.ts';
import type { Guard } from '../auth.ts';

export interface Caller {
  readonly pairing: NexoPairing;
  readonly who: Principal;
}

/** Null where no pairing has these names, this address and this key. */
export async function callerOf(
  pairings: readonly NexoPairing[],
  { saleId, poiId }: NexoHeader,
  peer: string,
  authorization: string | null,
  authenticate: Guard['admit'],
): Promise<Caller | null> {
  const named = pairings.filter((one) => one.saleId === saleId && one.poiId === poiId);
  const pairing = named.find((one) => one.address === undefined || one.address === peer);
  if (pairing === undefined) return null;
  if (pairing.key === undefined) return { pairing, who: tillOf(pairing) };
  const admission = await authenticate(authorization ?? undefined, peer);
  if (admission.kind !== 'admitted' || admission.who.name !== pairing.key) return null;
  return { pairing, who: admission.who };
}

/** A till that is known by its address may use its own terminal, and nothing else. */
function tillOf({ saleId, terminal }: NexoPairing): Principal {
  return {
    name: `nexo-${saleId}`,
    role: 'till',
    limits: { terminals: [terminal], kinds: null, amountMax: null },
  };
}
