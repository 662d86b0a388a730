// Who answers a terminal that waits for a corrected sum: the till, or a rule of the shop.
import type { Answer } from '../domain/event.ts';
import { type MinorUnits, minorUnits } from '../domain/money.ts';
import type { TerminalSettings } from './settings-schema.ts';

/** The rule's answer, or null where the till is asked. Rounds the discount down, to the shop. */
export function ruleAnswer(
  loyalty: TerminalSettings['loyalty'],
  amount: MinorUnits,
  discount: MinorUnits,
): Answer | null {
  switch (loyalty.answer) {
    case 'ask-till':
      return null;
    case 'keep-sum':
      return { kind: 'adjust', amount, discount };
    case 'percent': {
      // BigInt: an amount of twelve digits times 10,000 passes 2^53.
      const off = Number((BigInt(amount) * BigInt(loyalty.basisPoints)) / 10_000n);
      const reduced = Math.max(amount - off, 1);
      return {
        kind: 'adjust',
        amount: minorUnits(reduced),
        discount: minorUnits(discount + (amount - reduced)),
      };
    }
  }
}
