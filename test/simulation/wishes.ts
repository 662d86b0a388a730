// What tills want: operations whose sums tell them apart everywhere.
import type { Operation } from '../../app/src/domain/operation.ts';
import type { Prng } from '../kit/prng.ts';

export interface Wish {
  readonly id: string;
  readonly terminal: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** The request's sum as the terminal sees it; null where the kind has none. */
  readonly amount: number | null;
  /** Every sum that this operation may end with. */
  readonly sums: readonly number[];
  /** For a void: the operation that is voided. */
  readonly of: string | null;
  /** What the till corrects the sum to, where it is asked. */
  readonly corrected: number;
}

const KINDS = {
  purchase: 12,
  cashback: 1,
  preauthorization: 1,
  refund: 2,
  'refund-by-rrn': 1,
  void: 2,
  settlement: 0.6,
  totals: 1,
  info: 0.5,
  'receipt-copy': 0.5,
} as const;
type WishKind = keyof typeof KINDS;

/** Kopecks that a till takes off where it is asked for a corrected sum. */
const LOYALTY_OFF = 5_000;

export class WishList {
  readonly #random: Prng;
  readonly #terminals: readonly string[];
  /** What the tills of this story do most. */
  readonly #weights: Readonly<Record<WishKind, number>>;
  readonly #wishes = new Map<string, Wish>();
  readonly #bySum = new Map<number, string>();

  constructor(random: Prng, terminals: readonly string[]) {
    this.#random = random;
    this.#terminals = terminals;
    const favourite = random.chance(0.5) ? random.pick(Object.keys(KINDS)) : null;
    this.#weights = {
      ...KINDS,
      ...(favourite === null ? {} : { [favourite]: 12 }),
      ...(favourite === 'void' ? { settlement: 5 } : {}),
    };
  }

  all(): readonly Wish[] {
    return [...this.#wishes.values()];
  }

  find(id: string): Wish | null {
    return this.#wishes.get(id) ?? null;
  }

  /** The one operation that can have led to a transaction of this sum. */
  bySum(sum: number): string | null {
    return this.#bySum.get(sum) ?? null;
  }

  /** The next wish; `sales` are approved purchases that may be followed up. */
  next(sales: readonly Operation[]): Wish {
    const terminal = this.#random.pick(this.#terminals);
    const sale = this.#saleOn(terminal, sales);
    let kind: WishKind = this.#random.weighted(this.#weights);
    if (sale === null && (kind === 'refund' || kind === 'refund-by-rrn' || kind === 'void')) {
      kind = 'purchase';
    }
    const number = this.#wishes.size + 1;
    const wish = this.#wish(kind, `op-${number}`, terminal, number, sale);
    this.#wishes.set(wish.id, wish);
    for (const sum of wish.sums) this.#bySum.set(sum, wish.id);
    return wish;
  }

  #saleOn(terminal: string, sales: readonly Operation[]): Operation | null {
    const fitting = sales.filter(({ request }) => request.terminal === terminal);
    return fitting.length === 0 ? null : this.#random.pick(fitting);
  }

  #wish(
    kind: WishKind,
    id: string,
    terminal: string,
    number: number,
    sale: Operation | null,
  ): Wish {
    const busy = this.#random.chance(0.5) ? { busy: 'wait' } : {};
    const plain = { id, terminal, of: null, corrected: 0 };
    // Multiples of 1,000.00, so that halves, foreign sales and corrections are nobody else's.
    const sum = (100 + number) * 100_000;
    const small = number * 1_000 + 7;
    switch (kind) {
      case 'purchase':
      case 'preauthorization': {
        const corrected = sum - LOYALTY_OFF;
        const sums = [sum, half(sum), corrected, half(corrected)].flatMap((one) => [
          one,
          one + 100,
        ]);
        return {
          ...plain,
          body: { kind, terminal, amount: sum, ...busy },
          amount: sum,
          sums,
          corrected,
        };
      }
      case 'cashback':
        return {
          ...plain,
          body: { kind, terminal, amount: sum, cash: 2_000, ...busy },
          amount: sum,
          sums: [sum + 2_000, sum + 2_100],
        };
      case 'refund':
        return {
          ...plain,
          body: { kind, terminal, amount: small, of: sale?.id, ...busy },
          amount: small,
          sums: [small, small + 100],
        };
      case 'refund-by-rrn':
        return {
          ...plain,
          body: { kind: 'refund', terminal, amount: small, rrn: sale?.result?.rrn ?? '1', ...busy },
          amount: small,
          sums: [small, small + 100],
        };
      case 'void':
        return {
          ...plain,
          body: { kind, terminal, of: sale?.id, ...busy },
          amount: null,
          sums: [],
          of: sale?.id ?? null,
        };
      default:
        return { ...plain, body: { kind, terminal, ...busy }, amount: null, sums: [] };
    }
  }
}

function half(sum: number): number {
  return Math.trunc(sum / 2);
}
