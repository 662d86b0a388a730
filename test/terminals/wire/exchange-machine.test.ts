import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  type ExchangeInput,
  type ExchangeState,
} from '../../../app/src/terminals/wire/exchange-machine.ts';

const run = (...inputs: ExchangeInput<string>[]): ExchangeState<string> =>
  inputs.reduce<ExchangeState<string>>((state, input) => advance(state, input), { kind: 'before' });

test('an answer before the question belongs to nobody', () => {
  for (const kind of ['busy', 'not-implemented', 'unreadable'] as const) {
    assert.deepEqual(run({ kind }), { kind: 'before' });
  }
  assert.deepEqual(run({ kind: 'answer', answer: 'old' }, { kind: 'sending' }), { kind: 'sent' });
});

test('nothing was sent: a cut or a deadline is certain', () => {
  for (const kind of ['cut', 'deadline', 'write-failed', 'silence'] as const) {
    assert.deepEqual(run({ kind }), { kind: 'ended', ending: { kind: 'not-sent' } });
  }
});

test('after the first byte every failure is a loss, by its name', () => {
  const codes = {
    cut: 'link-cut',
    deadline: 'deadline-passed',
    'write-failed': 'send-failed',
    silence: 'lost-answer',
    unreadable: 'unreadable-answer',
  } as const;
  for (const [kind, code] of Object.entries(codes)) {
    const input = { kind: kind as keyof typeof codes };
    assert.deepEqual(run({ kind: 'sending' }, input), {
      kind: 'ended',
      ending: { kind: 'lost', code },
    });
  }
});

test('the first end stays', () => {
  const ended = run(
    { kind: 'sending' },
    { kind: 'answer', answer: 'a' },
    { kind: 'answer', answer: 'b' },
  );
  assert.deepEqual(ended, { kind: 'ended', ending: { kind: 'answered', answer: 'a' } });
});
