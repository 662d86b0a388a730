// Questions and reports: diagnosis, totals, reconciliation, and reading a card.
import type { MinorUnits } from '../../domain/money.ts';
import type { Operation } from '../../domain/operation.ts';
import { EMPTY_RESULT, failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import { all, at, flag, type NexoMessage, value } from '../../xml/nexo/envelope.ts';
import type { NexoNode } from '../../xml/nexo/write.ts';
import { readAnswer } from './answer.ts';
import type { Core, Running } from './core.ts';
import { serviceIdOf } from './ids.ts';
import type { Ending } from './link.ts';
import * as messages from './messages.ts';
import { concludePlain } from './outcome.ts';
import type { MoneyPlan, Plan } from './plan.ts';

export type PlainPlan = Exclude<Plan, MoneyPlan | { kind: 'refused' }>;

export async function performPlain(
  core: Core,
  running: Running,
  plan: PlainPlan,
): Promise<Outcome> {
  switch (plan.kind) {
    case 'check-host':
      return checkHost(await diagnosed(core, true));
    case 'info':
      return concluded(await diagnosed(core, false), infoOf);
    case 'totals':
      return concluded(await ask(core, 'GetTotals', messages.getTotals()), totalsOf);
    case 'settlement-copy':
      return concluded(await reconciled(core, 'PreviousReconciliation'), totalsOf);
    case 'settlement':
      return settle(core, await reconciled(core, core.options.reconciliation));
    case 'read-card':
      return readCard(core, running);
  }
}

function ask(core: Core, category: messages.Category, body: NexoNode): Promise<Ending> {
  return core.link.ask({ category, body, timeoutMs: core.options.queryTimeoutMs });
}

function diagnosed(core: Core, host: boolean): Promise<Ending> {
  return ask(core, 'Diagnosis', messages.diagnosis(host));
}

function reconciled(core: Core, type: string): Promise<Ending> {
  return core.link.ask({
    category: 'Reconciliation',
    body: messages.reconciliation(type),
    timeoutMs: core.options.reconciliationMs,
    once: type !== 'PreviousReconciliation',
  });
}

type Shown = Readonly<Record<string, string>>;

function concluded(ending: Ending, shown: (message: NexoMessage) => Shown): Outcome {
  if (ending.kind === 'not-sent') return failedOutcome('terminal-offline');
  if (ending.kind !== 'answered') return failedOutcome('no-answer-no-money');
  return concludePlain(ending.response) ?? done(shown(ending.message));
}

function done(extra: Shown): Outcome {
  const text = Object.entries(extra)
    .map((pair) => pair.join(': '))
    .join('\n');
  const receipt = text === '' ? null : { merchant: text, customer: null };
  return {
    kind: 'approved',
    code: 'done',
    approvedAmount: null,
    discount: null,
    bonus: null,
    result: { ...EMPTY_RESULT, extra, receipt },
  };
}

function checkHost(ending: Ending): Outcome {
  const outcome = concluded(ending, infoOf);
  if (outcome.kind !== 'approved' || ending.kind !== 'answered') return outcome;
  const hosts = all(ending.message.body, 'HostStatus').map((host) =>
    flag(value(host, 'IsReachableFlag')),
  );
  return hosts.length === 0 || hosts.includes(false) ? failedOutcome('no-host') : outcome;
}

const STATUS_NAMES = [
  'GlobalStatus',
  'SecurityOKFlag',
  'PEDOKFlag',
  'CardReaderOKFlag',
  'PrinterStatus',
  'CommunicationOKFlag',
];

function infoOf(message: NexoMessage): Shown {
  const status = at(message.body, 'POIStatus');
  const pairs = STATUS_NAMES.flatMap((name) => {
    const found = value(status, name);
    return found === null ? [] : [[name, found]];
  });
  return Object.fromEntries(pairs) as Shown; // pairs of two texts
}

function totalsOf(message: NexoMessage): Shown {
  const rows = all(message.body, 'TransactionTotals').flatMap((totals) =>
    all(totals, 'PaymentTotals').map((one): [string, string] => {
      const name = [
        value(totals, 'PaymentInstrumentType'),
        value(totals, 'CardBrand'),
        value(one, 'TransactionType'),
      ];
      const currency = value(totals, 'PaymentCurrency') ?? '';
      const sum = `${value(one, 'TransactionAmount') ?? '0'} ${currency}`.trim();
      return [name.filter(Boolean).join(' '), `${value(one, 'TransactionCount') ?? '0'} × ${sum}`];
    }),
  );
  const id = value(message.body, 'POIReconciliationID');
  return { ...(id === null ? {} : { reconciliation: id }), ...Object.fromEntries(rows) };
}

/** It closes a day at the acquirer: a doubtful answer stays doubtful. */
function settle(core: Core, ending: Ending): Outcome {
  core.lastStale = true;
  if (ending.kind === 'lost') return unknownOutcome(ending.code);
  if (ending.kind === 'taken') return unknownOutcome('unreadable-answer');
  return concluded(ending, totalsOf);
}

/**
 * SPEC 4.11: a service is opened, a card is read, and the service is given up again, because
 * nothing is paid here.
 */
async function readCard(core: Core, running: Running): Promise<Outcome> {
  const { operation, signal } = running.exchange;
  const opened = await ask(core, 'EnableService', messages.enableService('StartTransaction'));
  if (opened.kind === 'not-sent') return failedOutcome('terminal-offline');
  if (opened.kind === 'lost') return failedOutcome('no-answer-no-money');
  if (opened.kind === 'answered') {
    const refusal = concludePlain(opened.response);
    if (refusal !== null) return refusal;
  }
  const serviceId = serviceIdOf(operation.id, 'acquisition', 0);
  running.reference = { category: 'CardAcquisition', serviceId };
  core.lastStale = true;
  const ending = await core.link.ask({
    category: 'CardAcquisition',
    body: messages.cardAcquisition(operation.id, core.clock.now()),
    serviceId,
    signal,
    timeoutMs: null,
    once: true,
  });
  running.reference = null;
  if (ending.kind !== 'not-sent') {
    await ask(core, 'EnableService', messages.enableService('AbortTransaction'));
  }
  const outcome = concluded(ending, () => ({}));
  if (outcome.kind !== 'approved' || ending.kind !== 'answered') return outcome;
  return withCard(ending.message, operation, outcome);
}

function withCard(message: NexoMessage, operation: Operation, outcome: Outcome): Outcome {
  const answer = readAnswer(message, operation.request.currency);
  if (outcome.kind !== 'approved' || answer === null) return outcome;
  const brand = at(message.body, 'PaymentBrand')?.text.trim();
  const card = answer.result.card ?? { mask: null, brand: null, issuer: null, entry: null };
  const named = {
    ...card,
    brand: card.brand ?? (brand === undefined || brand === '' ? null : brand),
  };
  const approvedAmount: MinorUnits | null = null;
  return { ...outcome, approvedAmount, result: { ...answer.result, card: named } };
}
