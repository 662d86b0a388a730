// The façade calls the till back: texts, a question, events, each as a strict parser wants it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { faultsOf } from '../../../app/src/simulator/nexo/schema.ts';
import { childOf, parse } from '../../../app/src/simulator/nexo/xml.ts';
import { facadeTalk, type Talk } from './facade-talk.ts';

let talk: Talk;
before(async () => {
  talk = await facadeTalk();
});

const named = (part: string): string[] => talk.calls.filter((text) => text.includes(`<${part}`));

test('a text of the terminal reaches the till letter by letter', () => {
  const [text = ''] = named('DisplayRequest');
  const shown = childOf(
    parse(text),
    'DisplayRequest',
    'DisplayOutput',
    'OutputContent',
    'OutputText',
  );
  assert.equal(shown?.text, 'Прикладіть <картку> & чекайте');
});

test('the question about a signature is asked with the time that is left', () => {
  const [text = ''] = named('InputRequest');
  const asked = childOf(parse(text), 'InputRequest', 'InputData')?.attributes;
  assert.equal(asked?.['InputCommand'], 'GetConfirmation');
  const seconds = Number(asked?.['MaxInputTime']);
  assert.ok(seconds >= 1 && seconds <= 4, String(seconds));
});

test('an abort of nothing is told back as Reject, of what has ended as Completed', () => {
  const events = named('EventNotification').map(
    (text) => childOf(parse(text), 'EventNotification')?.attributes['EventToNotify'],
  );
  assert.deepEqual(events, ['Reject', 'Completed']);
});

test('the merchant’s receipt has a signature block, the customer’s has none', () => {
  const paid = parse(talk.answers[2] ?? '');
  const body = childOf(paid, 'PaymentResponse');
  const papers = (body?.children ?? []).filter(({ name }) => name === 'PaymentReceipt');
  const blocks = papers.map((paper) => {
    const base64 = childOf(paper, 'OutputContent', 'OutputText')?.text ?? '';
    const papersOf = JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Record<
      string,
      { Mandatory: { Payment: Record<string, unknown> } } | undefined
    >;
    const [root = ''] = Object.keys(papersOf);
    const document = papersOf[root];
    assert.ok(document !== undefined);
    const { SignatureBlock, TotalAmount } = document.Mandatory.Payment;
    return [root, SignatureBlock, TotalAmount];
  });
  assert.deepEqual(blocks, [
    ['Merchant', true, '38,00'],
    ['Cardholder', false, '38,00'],
  ]);
});

test('everything that the façade says has the order and the parts of the schema', () => {
  for (const text of [...talk.answers, ...talk.calls]) {
    assert.deepEqual(faultsOf(parse(text)), [], text);
  }
});
