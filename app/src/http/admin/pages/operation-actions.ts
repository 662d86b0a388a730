// What may be done with an operation, and how a form of its page does it.
import { TEXT_FIELD_MAX } from '../../../domain/limits.ts';
import { formatDecimal, type MinorUnits } from '../../../domain/money.ts';
import { amountOf, FINAL_STATES, isFinal, type Operation } from '../../../domain/operation.ts';
import { STATE_WORDS } from '../../../domain/texts/states.ts';
import type { OperationBody } from '../../../operations/request-schema.ts';
import { type Reply, see, type Services, type Visit } from '../parts.ts';
import type { Faults } from '../form.ts';
import { phrase } from '../texts/phrases/index.ts';
import { newPageId, pageId } from './page-id.ts';
import { refusalText } from './refusals.ts';

const TAKES_MONEY = ['purchase', 'completion', 'cashback', 'instalment', 'service'];
/** What a person may say that an unknown operation was. */
const VERDICTS = FINAL_STATES;

export function actionsOf({ gateway, random }: Services, operation: Operation, visit: Visit) {
  const { request, state } = operation;
  const view = gateway.terminal(visit.who, request.terminal);
  const can = (kind: OperationBody['kind']): boolean =>
    view?.capabilities.kinds.includes(kind) ?? false;
  const took = state === 'approved' && TAKES_MONEY.includes(request.kind);
  const amount = operation.approvedAmount ?? amountOf(request);
  const decimal = amount === null ? '' : formatDecimal(amount, request.currency);
  const act = visit.may('act');
  const { question } = operation;
  return {
    cancel: act && !isFinal(state) && state !== 'unknown',
    void: act && took && can('void') ? { id: newPageId(random) } : null,
    refund: act && took && can('refund') ? { id: newPageId(random), amount: decimal } : null,
    resolve:
      state === 'unknown' && visit.may('resolve')
        ? {
            amount: decimal,
            verdicts: VERDICTS.map((one) => ({
              value: one,
              text: STATE_WORDS[visit.language][one],
            })),
          }
        : null,
    mayNotResolve: state === 'unknown' && !visit.may('resolve'),
    confirm:
      act && question?.kind === 'confirm' ? { text: phrase(question.text, visit.language) } : null,
    adjust: act && question?.kind === 'adjust' ? { amount: decimal } : null,
  };
}

export async function handVoid(
  services: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const body: OperationBody = {
    kind: 'void',
    of: operation.id,
    terminal: operation.request.terminal,
    ...merchantOf(operation),
  };
  return startNew(services, operation, visit, body);
}

export async function handRefund(
  services: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const { t, form } = visit;
  const { currency } = operation.request;
  const amount = form.money('amount', currency);
  const reason = form.text('reason');
  const most = operation.approvedAmount ?? amountOf(operation.request);
  const faults: Record<string, string> = {};
  if (amount === null) faults['refundAmount'] = t.notASum;
  else if (most !== null && amount > most) faults['refundAmount'] = t.moreThanTaken;
  if (reason === '') faults['refundReason'] = t.required;
  else if (reason.length > TEXT_FIELD_MAX.reference) faults['refundReason'] = t.tooLong;
  if (amount === null || Object.keys(faults).length > 0) return faults;
  return startNew(services, operation, visit, {
    kind: 'refund',
    amount,
    of: operation.id,
    terminal: operation.request.terminal,
    currency,
    reference: reason,
    ...merchantOf(operation),
  });
}

async function startNew(
  { gateway }: Services,
  operation: Operation,
  visit: Visit,
  body: OperationBody,
): Promise<Reply | Faults> {
  const id = pageId(visit.form.text('id'));
  if (id === null) return { all: visit.t.badForm };
  const started = await gateway.start(visit.who, id, body);
  if (started.kind === 'refused') return { all: refusalText(started.refusal, visit) };
  if (!started.repeated) {
    const after = { kind: body.kind, id, ...('amount' in body ? { amount: body.amount } : {}) };
    visit.audit(body.kind, `operation ${operation.id}`, { state: operation.state }, after);
  }
  return see(`/admin/operations/${id}`, 'started');
}

/** A person ends an unknown: verdict, reason, and the sum where the slip shows another. */
export async function handResolve(
  { gateway }: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const { t, form } = visit;
  const verdict = VERDICTS.find((one) => one === form.text('verdict'));
  const reason = form.text('reason');
  const { currency } = operation.request;
  const asked = amountOf(operation.request);
  const faults: Record<string, string> = {};
  if (verdict === undefined) faults['verdict'] = t.chooseVerdict;
  if (reason.length < 3) faults['reason'] = t.reasonNeeded;
  if (reason.length > TEXT_FIELD_MAX.reason) faults['reason'] = t.tooLong;
  const given = form.text('amount') === '' ? null : form.money('amount', currency);
  if (form.text('amount') !== '' && given === null) faults['resolveAmount'] = t.notASum;
  if (verdict === undefined || Object.keys(faults).length > 0) return faults;
  const amount = verdict === 'approved' && given !== null && given !== asked ? given : null;
  const name = visit.visitor?.person.name ?? '';
  const done = await gateway.resolve(visit.who, operation.id, { verdict, name, reason, amount });
  if (done.kind === 'refused') return { all: refusalText(done.refusal, visit) };
  const after = { state: verdict, reason, amount };
  visit.audit('resolve', `operation ${operation.id}`, { state: operation.state }, after);
  return see(`/admin/operations/${operation.id}`, 'resolved');
}

export async function handAnswer(
  { gateway }: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const confirmed = visit.form.text('confirmed') === 'yes';
  const done = await gateway.answer(visit.who, operation.id, { kind: 'confirm', confirmed });
  if (done.kind === 'refused') return { all: refusalText(done.refusal, visit) };
  visit.audit('answer', `operation ${operation.id}`, null, { confirmed });
  return see(`/admin/operations/${operation.id}`, 'answered');
}

export async function handAdjust(
  { gateway }: Services,
  operation: Operation,
  visit: Visit,
): Promise<Reply | Faults> {
  const { currency } = operation.request;
  const amount = visit.form.money('amount', currency);
  const asked = amountOf(operation.request) ?? 0;
  if (amount === null) return { adjustAmount: visit.t.notASum };
  if (amount > asked) return { adjustAmount: visit.t.moreThanAsked };
  const discount = (asked - amount) as MinorUnits; // both are, and the check above orders them
  const done = await gateway.answer(visit.who, operation.id, { kind: 'adjust', amount, discount });
  if (done.kind === 'refused') return { all: refusalText(done.refusal, visit) };
  visit.audit('answer', `operation ${operation.id}`, null, { amount, discount });
  return see(`/admin/operations/${operation.id}`, 'answered');
}

function merchantOf({ request }: Operation): { merchant?: number } {
  return request.merchant === null ? {} : { merchant: request.merchant };
}
