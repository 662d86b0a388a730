// A simulated Caisse-AP terminal: tags of two letters, lengths of three digits, no frame.
import { masked } from '../desk/cards.ts';
import type { Desk } from '../desk/desk.ts';
import type { DeskEntry } from '../desk/journal.ts';
import type { DeskLink } from '../desk/link.ts';
import type { DeskProtocol } from '../desk/member.ts';

/** A request has no end of its own: it is whole, and then quiet for so long. */
const QUIET_MS = 150;
const REQUEST_LENGTH_MAX = 4_096;
const NEEDED: readonly string[] = ['CZ', 'CJ', 'CA', 'CE', 'CB'];

/** What the host says → AF, why it was not done. */
const REASON_STOPPED = '11';
const REASON_REFUSED = '04';
const REASON_FORM = '09';

type Tags = ReadonlyMap<string, string>;

export const CAISSE_AP: DeskProtocol = {
  name: 'caisse-ap',
  faults: [
    { name: 'lost-answer', description: 'The payment is done, its answer never arrives.' },
    { name: 'cut', description: 'The line is cut after the bank’s yes.' },
    { name: 'half-answer', description: 'Half of the answer arrives, then nothing.' },
    { name: 'other-sum', description: 'The answer names another sum than was asked.' },
    { name: 'bare-answer', description: 'The answer has no authorisation number.' },
    { name: 'accepted-only', description: 'The terminal says «accepted» and no result (AE 11).' },
    { name: 'close-after-answer', description: 'The terminal closes the line behind its answer.' },
  ],
  talk: async (link, desk) => {
    for (;;) {
      const tags = await request(link, desk);
      if (tags === null) return;
      await serve(link, desk, tags);
    }
  },
};

/** Null when the client is gone. */
async function request(link: DeskLink, desk: Desk): Promise<Tags | null> {
  let text = '';
  for (;;) {
    const tags = tagsOf(text);
    const byte = await link.next(tags === null ? null : QUIET_MS);
    if (byte === 'silence') return tags;
    if (byte === 'closed') return tags;
    text += String.fromCharCode(byte);
    if (text.length <= REQUEST_LENGTH_MAX) continue;
    desk.remark('a request without an end');
    link.drop();
    return null;
  }
}

/** Null where it is not whole. */
function tagsOf(text: string): Tags | null {
  const tags = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const length = Number(text.slice(at + 2, at + 5) || Number.NaN);
    const value = text.slice(at + 5, at + 5 + length);
    if (text.length < at + 5 || Number.isNaN(length) || value.length < length) return null;
    tags.set(text.slice(at, at + 2), value);
    at += 5 + length;
  }
  return tags.size === 0 ? null : tags;
}

async function serve(link: DeskLink, desk: Desk, tags: Tags): Promise<void> {
  const missing = NEEDED.filter((name) => !tags.has(name));
  const amount = Number(tags.get('CB') ?? Number.NaN);
  if (missing.length > 0 || !Number.isSafeInteger(amount) || amount <= 0) {
    desk.remark(`a request without ${missing.join(', ') || 'a sum'}`);
    return say(link, desk, { ...head(tags), AE: '01', AF: REASON_FORM });
  }
  if (tags.has('BF')) desk.remark('tag BF, which breaks newer terminals');
  // Without a wait for the result it is told that it was taken, and no more.
  if (tags.get('BA') === '1') say(link, desk, { ...head(tags), AE: '11' });
  const kind = tags.get('CD') === '1' ? 'refund' : 'purchase';
  const ended = await desk.serve({ kind, amount }, new AbortController().signal);
  if (tags.get('BA') === '1') return;
  if (desk.takes('cut')) return link.drop();
  if (desk.takes('lost-answer')) return;
  const entry = ended.kind === 'done' ? ended.entry : null;
  say(link, desk, { ...head(tags), ...resultOf(desk, entry, amount, tags) });
  if (desk.takes('close-after-answer')) link.drop();
}

function head(tags: Tags): Record<string, string> {
  const kept = ['CZ', 'CJ', 'CA', 'CE'].map((name) => [name, tags.get(name) ?? '']);
  return Object.fromEntries(kept) as Record<string, string>; // pairs of texts
}

function resultOf(
  desk: Desk,
  entry: DeskEntry | null,
  amount: number,
  tags: Tags,
): Record<string, string> {
  if (entry === null) return { AE: '01', AF: REASON_STOPPED };
  if (entry.status !== 'approved') return { AE: '01', AF: REASON_REFUSED };
  if (desk.takes('accepted-only')) return { AE: '11' };
  const told = amount + (desk.takes('other-sum') ? 1 : 0);
  return {
    AE: '10',
    CB: String(told).padStart(2, '0'),
    CD: tags.get('CD') ?? '0',
    AA: masked(entry.pan),
    ...(desk.takes('bare-answer') ? {} : { AC: entry.authCode }),
    AI: 'A0000000041010',
    CC: '001',
    CI: '2',
    CG: '0000001',
  };
}

function say(link: DeskLink, desk: Desk, values: Readonly<Record<string, string>>): void {
  const text = Object.entries(values)
    .map(([name, value]) => `${name}${String(value.length).padStart(3, '0')}${value}`)
    .join('');
  const bytes = [...Buffer.from(text, 'latin1')];
  link.send(...(desk.takes('half-answer') ? bytes.slice(0, bytes.length / 2) : bytes));
}
