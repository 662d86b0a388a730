// «Send a test»: one Register with the sum 0 to the saved processing server, and what it said.
import type { RegistrationCheck, RegistrationTest } from '../../../ports/outbound.ts';
import type { Faults } from '../form.ts';
import { type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';
import { phrase } from '../texts/phrases/index.ts';

type Sent = Extract<RegistrationTest, { kind: 'sent' }>;

const TITLES = {
  accepted: 'testAccepted',
  refused: 'testRefused',
  fault: 'testFault',
  'no-answer': 'testNoAnswer',
} as const satisfies Record<Sent['answer'], TextKey>;

const CHECKS = {
  document: 'checkDocument',
  rules: 'checkRules',
  contract: 'checkContract',
  server: 'checkServer',
  credentials: 'checkCredentials',
  address: 'checkAddress',
  name: 'checkName',
  certificate: 'checkCertificate',
  patience: 'checkPatience',
  publication: 'checkPublication',
} as const satisfies Record<RegistrationCheck, TextKey>;

export function registrationTestModel({ oneTime, gateway }: Services, visit: Visit) {
  const fresh = oneTime.get(visit.token);
  const shown = fresh?.kind === 'registration-test' ? (fresh.values[0] ?? null) : null;
  if (shown !== null) oneTime.delete(visit.token);
  return {
    terminals: gateway.terminals(visit.who).map(({ settings: { id, name } }) => {
      return { value: id, text: name === '' || name === id ? id : `${name} (${id})` };
    }),
    // Written below, a moment ago.
    result: shown === null ? null : shownResult(JSON.parse(shown) as Sent, visit),
  };
}

function shownResult(sent: Sent, { t, f, language }: Visit) {
  const { answer, uid, terminal, url, words, tookMs, check } = sent;
  return {
    good: answer === 'accepted',
    title: t[TITLES[answer]],
    wordsLabel: answer === 'no-answer' ? t.testWhyNone : t.testWords,
    words: phrase(words, language),
    check: t[CHECKS[check]],
    facts: [
      { label: t.testUid, value: uid },
      { label: t.terminal, value: terminal },
      { label: t.serverAddress, value: url },
      { label: t.testTook, value: f.fill(t.testTookMs, { n: f.number(tookMs) }) },
    ],
  };
}

export async function handRegistrationTest(
  { outbound, oneTime, settings }: Services,
  visit: Visit,
  page: string,
): Promise<Reply | Faults> {
  const { form, t } = visit;
  if (outbound === null) return { all: t.notHere };
  // Without an address the form is not shown, and neither is a fault at its box.
  if (settings.current().registration.url === undefined) return { all: t.sendTestNoAddress };
  if (!form.checked('sure')) return { sure: t.sendTestNotSure };
  const terminal = form.text('testTerminal') || undefined;
  const tested = await outbound.test({ terminal }, visit.hurry);
  if (tested.kind === 'not-sent') {
    return tested.why === 'no-address'
      ? { all: t.sendTestNoAddress }
      : { testTerminal: t.noSuchTerminal };
  }
  const { uid, url, answer, status } = tested;
  const after = { uid, terminal: tested.terminal, url, answer, status };
  visit.audit('registration-test', 'registration', null, after);
  oneTime.set(visit.token, { kind: 'registration-test', values: [JSON.stringify(tested)] });
  return see(`${page}?test=1#registration`);
}
