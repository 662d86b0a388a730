// What the privileged hand answers, as a page says it; and the page of a machine that has no hand.
import type { Handed, HandRefusal, MachineHand } from '../../../ports/machine-hand.ts';
import type { Faults } from '../form.ts';
import type { PageRoute, Reply, Services, Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';

/** The page's own name, and what to do on a plain machine. */
export interface HandPage {
  readonly title: TextKey;
  readonly plain: TextKey;
}

/** Makes the routes of a page below `path`, each of which needs the hand. */
export function handRoutes(services: Services, path: string, page: HandPage) {
  return (
    method: 'GET' | 'POST',
    name: string,
    handle: (hand: MachineHand, visit: Visit) => Promise<Reply>,
  ): PageRoute => ({
    method,
    path: `${path}${name}`,
    right: 'configure',
    section: 'system',
    handle: (visit) => withHand(services, visit, page, (hand) => handle(hand, visit)),
  });
}

/** With the hand where there is one; else what to do instead. */
function withHand(
  { hand }: Services,
  visit: Visit,
  page: HandPage,
  show: (hand: MachineHand) => Promise<Reply>,
): Reply | Promise<Reply> {
  if (hand !== null) return show(hand);
  const { t } = visit;
  return {
    kind: 'page',
    template: 'no-hand.njk',
    model: { title: t[page.title], texts: [t.plainMachine, t[page.plain]], alarm: false },
  };
}

/** The page of a hand that does not tell what the page shows. */
export function handSilent(
  answer: Exclude<Handed<unknown>, { kind: 'done' }>,
  visit: Visit,
  page: HandPage,
): Reply {
  return {
    kind: 'page',
    template: 'no-hand.njk',
    model: { title: visit.t[page.title], texts: [answerText(answer, visit)], alarm: true },
    status: 503,
  };
}

/** Parameter of a verb → field of the form, and what to say there. */
export type HandFields = Readonly<Record<string, readonly [field: string, text: TextKey]>>;

export function handFaults(
  answer: Exclude<Handed<unknown>, { kind: 'done' }>,
  visit: Visit,
  fields: HandFields = {},
): Faults {
  if (answer.kind === 'refused' && answer.refusal.code === 'invalid') {
    const known = fields[answer.refusal.field];
    if (known !== undefined) return { [known[0]]: visit.t[known[1]] };
  }
  return { all: answerText(answer, visit) };
}

function answerText(answer: Exclude<Handed<unknown>, { kind: 'done' }>, visit: Visit): string {
  const { t, f } = visit;
  return answer.kind === 'away'
    ? f.fill(t.handAway, { detail: answer.detail })
    : refusalText(answer.refusal, visit);
}

function refusalText(refusal: HandRefusal, { t, f }: Visit): string {
  switch (refusal.code) {
    case 'invalid':
      return t.notValid;
    case 'running':
      return f.fill(t.handRunning, { list: idsOf(refusal.operations) });
    case 'unresolved':
      return f.fill(t.handUnresolved, { list: idsOf(refusal.operations) });
    case 'ledger-unreadable':
      return f.fill(t.handUnreadable, { detail: refusal.detail });
    case 'busy':
      return t.handBusy;
    case 'nothing':
      return t.handNothing;
    case 'failed':
      return f.fill(t.handFailed, { detail: refusal.detail });
  }
}

const SHOWN = 5;

function idsOf(operations: readonly { readonly id: string }[]): string {
  const ids = operations.slice(0, SHOWN).map(({ id }) => id);
  return operations.length > SHOWN ? `${ids.join(', ')}, …` : ids.join(', ');
}
