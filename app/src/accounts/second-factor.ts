// The second factor: codes of an authenticator app (RFC 6238) and recovery codes on paper.
import { createHash, createHmac } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import type { Random } from '../ports/clock.ts';

const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226, 4: at least 128 bits, 160 recommended. */
const SECRET_BYTES = 20;
/** Telephones are late or early by some seconds: one step on either side. */
const STEPS_AROUND = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const RECOVERY_CODES = 10;
/** 80 bits: as long as nobody can try. */
const RECOVERY_BYTES = 10;

export function newSecret(random: Random): string {
  return base32(random.bytes(SECRET_BYTES));
}

/** What the QR code holds: an `otpauth:` address that every authenticator app reads. */
export function secretAddress(secret: string, login: string, shop: string): string {
  // Letters that must be escaped make a code that telephones hardly read.
  const issuer = /^[\w .-]{1,30}$/.test(shop) ? `Tillgate ${shop}` : 'Tillgate';
  const label = encodeURIComponent(`${issuer}:${login}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** The time step of a right code that is newer than `lastStep`; null for a wrong or used one. */
export function matchingStep(
  secret: string,
  code: string,
  now: Instant,
  lastStep: number,
): number | null {
  const given = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(given)) return null;
  const current = Math.floor(now / STEP_MS);
  for (let step = current - STEPS_AROUND; step <= current + STEPS_AROUND; step += 1) {
    if (step > lastStep && codeAt(secret, step) === given) return step;
  }
  return null;
}

export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** Shown once; only their hashes are kept. */
export function newRecoveryCodes(random: Random): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const text = base32(random.bytes(RECOVERY_BYTES)).toLowerCase();
    return (text.match(/.{4}/g) ?? []).join('-');
  });
}

export function recoveryHash(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[^a-z2-7]/g, '');
  return createHash('sha256').update(plain).digest('hex');
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text)
    .map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
