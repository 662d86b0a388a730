// Steady traffic: two tills at each terminal that pay, give back, take back and settle, and an
// administrator who changes settings and keys. Everything that was asked and told is in the book.
import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../kit/prng.ts';
import { type Asked, type AskedKey, type Book, nameOf, toldFinal } from './book.ts';
import type { Call } from './gateway.ts';
import { saleOf } from './rules.ts';
import { TERMINALS } from './terminals.ts';

const TILLS_AT_ONE_TERMINAL = 2;
/** A batch is worth closing from so many sales on. */
const SALES_BEFORE_SETTLEMENT = 6;

export interface Tills {
  book(): Book;
  /** Rejects as soon as something is answered that no till may see. */
  readonly ended: Promise<void>;
  stop(): void;
}

interface Traffic {
  readonly call: Call;
  readonly operations: Asked[];
  readonly keys: AskedKey[];
  readonly name: { asked: number; told: number };
  readonly counts: { operations: number; keys: number };
  /** Approved purchases that nobody has touched since, by terminal. */
  readonly sales: Map<string, string[]>;
  stopping: boolean;
}

export function openTills(call: Call, seed: number): Tills {
  const traffic: Traffic = {
    call,
    operations: [],
    keys: [],
    name: { asked: 0, told: 0 },
    counts: { operations: 0, keys: 0 },
    sales: new Map(TERMINALS.map((terminal) => [terminal, []])),
    stopping: false,
  };
  const places = TERMINALS.flatMap((terminal) => Array(TILLS_AT_ONE_TERMINAL).fill(terminal));
  const tills = places.map((terminal: string, at) => till(traffic, terminal, new Prng(seed + at)));
  const office = administrator(traffic, new Prng(seed + places.length));
  const { operations, keys, name } = traffic;
  return {
    book: () => structuredClone({ operations, keys, name }),
    ended: Promise.all([...tills, office]).then(
      () => undefined,
      (error: unknown) => {
        // A gateway that was ended answers nobody.
        if (!traffic.stopping) throw error;
      },
    ),
    stop: () => {
      traffic.stopping = true;
    },
  };
}

async function till(traffic: Traffic, terminal: string, chance: Prng): Promise<void> {
  while (!traffic.stopping) {
    const asked = next(traffic, terminal, chance);
    traffic.operations.push(asked);
    const hurry = chance.chance(0.1) ? sleep(chance.between(20, 600)) : null;
    void hurry?.then(() => traffic.call('POST', `/v1/operations/${asked.id}/cancel`).catch(ignore));
    await pay(traffic, asked, chance);
    if (asked.body['kind'] === 'purchase' && asked.told?.body.state === 'approved') {
      traffic.sales.get(terminal)?.push(asked.id);
    }
    await sleep(chance.between(0, 250));
  }
}

/** A gateway that the test has ended answers nobody; what matters is in the book. */
function ignore(): void {}

function next(traffic: Traffic, terminal: string, chance: Prng): Asked {
  const number = ++traffic.counts.operations;
  const sales = traffic.sales.get(terminal) ?? [];
  const kind = chance.weighted({ purchase: 10, refund: 2, void: 2, settlement: 1 });
  const common = { terminal, busy: 'wait', reference: `order ${number}` };
  const asked = (body: Asked['body']): Asked => {
    return { id: `${terminal}.${number}`, terminal, body: { ...common, ...body }, told: null };
  };
  if (kind === 'settlement' && sales.length >= SALES_BEFORE_SETTLEMENT) {
    sales.length = 0;
    return asked({ kind });
  }
  const of = sales.shift();
  if (of !== undefined && kind === 'void') return asked({ kind, of });
  if (of !== undefined && kind === 'refund') return asked({ kind, of, amount: number });
  return asked({ kind: 'purchase', amount: saleOf(number) });
}

/** Some hold the line until the end, some come back and ask. */
async function pay(traffic: Traffic, asked: Asked, chance: Prng): Promise<void> {
  const path = `/v1/operations/${asked.id}`;
  const wait = chance.pick([0, 0, 30]);
  asked.told = await traffic.call('PUT', `${path}?wait=${wait}`, asked.body);
  while (asked.told.status === 202 && !traffic.stopping) {
    await sleep(chance.between(50, 300));
    asked.told = await traffic.call('GET', `${path}?wait=${chance.pick([0, 1])}`);
  }
  if (!toldFinal(asked) && !traffic.stopping) {
    throw new Error(`a till was told of ${asked.id}: ${JSON.stringify(asked.told)}`);
  }
}

async function administrator(traffic: Traffic, chance: Prng): Promise<void> {
  const acts = { name: changeName, key: addKey, removal: removeKey };
  while (!traffic.stopping) {
    await acts[chance.weighted({ name: 6, key: 2, removal: 1 })](traffic);
    await sleep(chance.between(20, 300));
  }
}

async function changeName({ call, name }: Traffic): Promise<void> {
  name.asked += 1;
  const count = name.asked;
  const { status } = await call('PATCH', '/v1/settings', { shop: { name: nameOf(count) } });
  if (status !== 200) throw new Error(`the shop's name was answered with ${status}`);
  name.told = count;
}

async function addKey({ call, keys, counts }: Traffic): Promise<void> {
  const key: AskedKey = { name: `key-${++counts.keys}`, secret: null, removal: 'none' };
  keys.push(key);
  const { status, body } = await call('POST', '/v1/keys', { name: key.name, role: 'till' });
  if (status !== 201) throw new Error(`a key was answered with ${status}`);
  key.secret = body.secret;
}

async function removeKey({ call, keys }: Traffic): Promise<void> {
  const key = keys.find(({ secret, removal }) => secret !== null && removal === 'none');
  if (key === undefined) return;
  key.removal = 'asked';
  const { status } = await call('DELETE', `/v1/keys/${key.name}`);
  if (status !== 204) throw new Error(`a removal was answered with ${status}`);
  key.removal = 'done';
}
