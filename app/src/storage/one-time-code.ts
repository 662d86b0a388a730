// The code of the first start: in a file that only the box's own people can read.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OneTimeCode } from '../ports/accounts.ts';
import type { Random } from '../ports/clock.ts';
import { DurableFile, lastCopyOf } from './durable-file.ts';

/** Letters and digits that nobody mistakes for each other; 32 of them, five bits each. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
/** 60 bits: not to be guessed over a network that lets a guess pass every ten seconds. */
const GROUPS = 3;
const GROUP_LENGTH = 4;

/** Makes the code where `needed` and there is none; an old one is removed otherwise. */
export async function openOneTimeCode(
  folder: string,
  random: Random,
  needed: boolean,
): Promise<OneTimeCode> {
  const path = join(folder, 'one-time-code');
  let code: string | null = null;
  const forget = async (): Promise<void> => {
    code = null;
    await rm(path, { force: true });
    await rm(lastCopyOf(path), { force: true });
  };
  if (needed) {
    const file = new DurableFile(path);
    const kept = (await file.read())?.text.trim() ?? '';
    code = kept === '' ? randomCode(random) : kept;
    if (kept === '') await file.write(`${code}\n`);
  } else {
    await forget();
  }
  return { current: () => code, forget };
}

function randomCode(random: Random): string {
  const letters = [...random.bytes(GROUPS * GROUP_LENGTH)].map((byte) => ALPHABET[byte % 32]);
  return Array.from({ length: GROUPS }, (_, at) =>
    letters.slice(at * GROUP_LENGTH, (at + 1) * GROUP_LENGTH).join(''),
  ).join('-');
}
