// Status 6: the PIN enters itself, or somebody has to type it; and what the bank makes of it.
import { SIMULATOR_PIN_CARDS_MAX } from '../../domain/limits.ts';
import { cancelled } from './answer.ts';
import type { Card } from './cards.ts';
import type { Device, Exchange } from './device.ts';

/** ISO 9564-1: 4 to 12 digits. */
const PIN = /^\d{4,12}$/;
/** Wrong on every card; every other PIN is right, but on a card that the bank refuses with 0055. */
const WRONG_PIN = '0000';
/** The last wrong one of so many in a row blocks the card: 0075. */
const TRIES = 3;

export function enterPin(device: Device, exchange: Exchange, card: Card, next: () => void): void {
  if (!card.pin) {
    next();
    return;
  }
  if (device.settings.askPin) {
    awaitPin(device, exchange, next);
    return;
  }
  exchange.stage = 'pin';
  if (!device.enterStatus(exchange, '6', 'Введіть ПІН')) return;
  // Where nobody touches anything the PIN enters itself; the red button can still be pressed.
  exchange.wake = (event) => {
    if (event.kind === 'cancel') cancelled(device, exchange);
  };
  device.step(exchange, device.share(exchange, 0.2), () => {
    exchange.wake = null;
    next();
  });
}

/** Until somebody types it; the red button, an interrupt and the terminal's patience end it. */
function awaitPin(device: Device, exchange: Exchange, next: () => void): void {
  exchange.stage = 'pin-entry';
  if (!device.enterStatus(exchange, '6', 'Введіть ПІН')) return;
  const cancelTimer = device.clock.after(device.profile.pinTimeoutMs, () => {
    if (device.running === exchange && exchange.stage === 'pin-entry') cancelled(device, exchange);
  });
  exchange.wake = (event) => {
    if (event.kind !== 'pin' && event.kind !== 'cancel') return;
    cancelTimer();
    exchange.wake = null;
    if (event.kind === 'cancel') {
      cancelled(device, exchange);
      return;
    }
    exchange.pin = event.pin;
    next();
  };
}

/** The digits end here: what goes on is whether they were right. */
export function typePin(device: Device, pin: string): boolean {
  const exchange = device.running;
  if (exchange?.stage !== 'pin-entry' || exchange.wake === null || !PIN.test(pin)) return false;
  exchange.wake({ kind: 'pin', pin: pin === WRONG_PIN ? 'wrong' : 'right' });
  return true;
}

/** The bank counts wrong PINs of a card; null where it has nothing against this one. */
export function pinVerdict(
  { wrongPins }: Device,
  { pin }: Exchange,
  card: Card,
): '0055' | '0075' | null {
  const before = wrongPins.get(card.pan) ?? 0;
  if (card.pin && before >= TRIES) return '0075';
  if (pin === null) return null;
  if (pin === 'right' && card.hostCode !== '0055') {
    wrongPins.delete(card.pan);
    return null;
  }
  const [oldest] = wrongPins.keys();
  if (oldest !== undefined && wrongPins.size >= SIMULATOR_PIN_CARDS_MAX) wrongPins.delete(oldest);
  wrongPins.set(card.pan, before + 1);
  return before + 1 >= TRIES ? '0075' : '0055';
}
