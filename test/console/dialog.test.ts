import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDialog, type Line, NobodyThere } from '../../app/src/console/dialog.ts';
import { isPublicKey } from '../../app/src/console/actions/network.ts';
import { fixedNetwork } from '../../app/src/hand/network-files.ts';
import { sayIn } from '../../app/src/console/texts/say.ts';
import { CONSOLE_IDLE_MS } from '../../app/src/domain/limits.ts';
import { FakeClock } from '../kit/fake-clock.ts';

/** A person who types these lines, then goes away. */
function person(answers: readonly string[]): Line & { screen: string; echoes: boolean[] } {
  const left = [...answers];
  const line = {
    screen: '',
    echoes: [] as boolean[],
    write: (text: string) => {
      line.screen += text;
    },
    read: (signal: AbortSignal) =>
      new Promise<string | null>((resolve) => {
        const next = left.shift();
        if (next !== undefined) resolve(next);
        else signal.addEventListener('abort', () => resolve(null), { once: true });
      }),
    echo: async (on: boolean) => {
      line.echoes.push(on);
    },
  };
  return line;
}

const CHOICES = [
  { label: 'first', value: 1 },
  { label: 'second', value: 2 },
];

test('a choice is a number; a wrong number is told and asked again', async () => {
  const line = person(['7', 'x', '2']);
  const dialog = createDialog(line, sayIn('en'), new FakeClock());
  assert.equal(await dialog.choose('which', CHOICES), 2);
  assert.equal(line.screen.match(/no such number/g)?.length, 2);
});

test('nothing and 0 go back', async () => {
  for (const answer of ['', '0', ' 0 ']) {
    const dialog = createDialog(person([answer]), sayIn('en'), new FakeClock());
    assert.equal(await dialog.choose('which', CHOICES), null);
  }
});

test('a question is a no unless the person says yes', async () => {
  for (const [answer, expected] of [
    ['', false],
    ['1', false],
    ['2', true],
  ] as const) {
    const dialog = createDialog(person([answer]), sayIn('en'), new FakeClock());
    assert.equal(await dialog.confirm('sure?'), expected);
  }
});

test('a person who goes away ends the dialog', async () => {
  const clock = new FakeClock();
  const asked = createDialog(person([]), sayIn('en'), clock).ask('name: ');
  const outcome = assert.rejects(asked, NobodyThere);
  await clock.advance(CONSOLE_IDLE_MS + 1);
  await outcome;
});

test('a secret is typed without echo, and the echo comes back', async () => {
  const line = person(['secret']);
  assert.equal(await createDialog(line, sayIn('en'), new FakeClock()).askHidden('s: '), 'secret');
  assert.deepEqual(line.echoes, [false, true]);
});

test('many lines are shown a screen at a time and can be stopped', async () => {
  const line = person(['', '0']);
  const text = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
  await createDialog(line, sayIn('en'), new FakeClock()).page(text);
  assert.match(line.screen, /line 41/);
  assert.doesNotMatch(line.screen, /line 42/);
});

test('a fixed address becomes a network file', () => {
  const text = fixedNetwork({
    link: 'enp1s0',
    address: '10.0.0.5/24',
    gateway: '10.0.0.1',
    dns: '',
  });
  assert.equal(
    text,
    '[Match]\nName=enp1s0\n\n[Network]\nAddress=10.0.0.5/24\nGateway=10.0.0.1\nMulticastDNS=yes\n',
  );
});

test('what is no address makes no network file', () => {
  const good = { link: 'e', address: '10.0.0.5/24', gateway: '', dns: '' };
  for (const wrong of [
    { address: '10.0.0.5' },
    { address: '10.0.0.5/33' },
    { address: '10.0.0.5/0' },
    { address: '10.0.0.5/24/1' },
    { address: '10.0.0.5/24\nDHCP=yes' },
    { gateway: 'fd00::1' },
    { gateway: '10.0.0' },
    { dns: 'server' },
  ]) {
    assert.equal(fixedNetwork({ ...good, ...wrong }), null, JSON.stringify(wrong));
  }
});

test('only public keys of SSH are taken', () => {
  const body = 'A'.repeat(68);
  assert.ok(isPublicKey(`ssh-ed25519 ${body} me@shop`));
  assert.equal(isPublicKey(`command="x" ssh-ed25519 ${body}`), false);
  assert.equal(isPublicKey('-----BEGIN OPENSSH PRIVATE KEY-----'), false);
  assert.equal(isPublicKey('ssh-ed25519 short'), false);
});
