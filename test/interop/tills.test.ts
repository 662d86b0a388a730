// Three SOAP clients that nobody here wrote pay as the sample of the seed does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operationIdOfUid } from '../../app/src/operations/till-uid.ts';
import { approvesAfter } from '../kit/scripted-driver.ts';
import { TILL } from '../kit/world.ts';
import { BASIC, PASSWORD, type SoapServer, startSoapServer, USER } from '../soap/soap-server.ts';
import { beside, run } from './programs.ts';

let server: SoapServer;
const built = mkdtempSync(join(tmpdir(), 'tillgate-gsoap-'));
before(async () => {
  server = await startSoapServer({ terminals: ['till-1'] });
  server.driver().scripts = [approvesAfter(5)];
});
after(async () => {
  await server.close();
  rmSync(built, { recursive: true, force: true });
});

const POLLS = '500';
type Style = 'preemptive' | 'challenged' | 'none';

const WANTED = {
  pay: 0,
  poll: 0,
  again: -3,
  nil: 0,
  nilPoll: 0,
  none: 0,
  nonePoll: 0,
  long: 0,
  longPoll: 0,
  info: { status: 0, rrn: '014721258513', amount: 1000, message: 'Оплату схвалено.' },
  missing: -4,
  cash: 0,
  wrong: -1,
};

async function pays(uid: string, program: string, words: readonly string[]): Promise<void> {
  const { code, out, errors } = await run(program, words);
  assert.equal(code, 0, `${out}\n${errors}`);
  const told = JSON.parse(out) as typeof WANTED;
  const message = server.gateway.find(TILL, operationIdOfUid(uid))?.message.code;
  assert.equal(message, 'approved');
  assert.deepEqual(told, { ...WANTED, info: { ...WANTED.info, message: told.info.message } });
  assert.match(told.info.message, /[а-яіїє]{4}/);
  const order = server.gateway.find(TILL, operationIdOfUid(uid))?.request.order;
  assert.deepEqual(order, [
    { id: 'id0', name: 'name0', count: 1, cost: 100 },
    { id: 'id1', name: 'name1', count: 2, cost: 200 },
  ]);
  const long = server.gateway.find(TILL, operationIdOfUid(`${uid} long`))?.request.order;
  assert.equal(long?.length, 1_000);
  assert.deepEqual(long[999], { id: 'арт-999', name: 'Товар «999» їжак', count: 0.5, cost: 999 });
  assert.equal(server.gateway.find(TILL, operationIdOfUid(`${uid} nil`))?.request.order, null);
}

function toldBy(style: Style, uid: string): string[] {
  return [server.url, style, USER, PASSWORD, uid, POLLS];
}

async function withoutPassword(body: () => Promise<void>): Promise<void> {
  await asksForPassword(false);
  try {
    await body();
  } finally {
    await asksForPassword(true);
  }
}

async function asksForPassword(authentication: boolean): Promise<void> {
  await server.settings.change((draft) => {
    draft.soap.authentication = authentication;
  });
}

for (const style of ['preemptive', 'challenged'] as const) {
  test(`zeep pays, its password ${style}`, async () => {
    const uid = `2015-08-06T11:15:42 zeep ${style}`;
    await pays(uid, '/usr/bin/python3', [beside('clients/till.py'), ...toldBy(style, uid)]);
  });
}

for (const [style, version] of [
  ['preemptive', '1.1'],
  ['challenged', '1.1'],
  ['preemptive', '1.2'],
] as const) {
  test(`ext-soap pays by SOAP ${version}, its password ${style}`, async () => {
    const uid = `06.08.2015 11:15:42 php ${style} ${version}`;
    await pays(uid, 'php', [beside('clients/till.php'), ...toldBy(style, uid), version]);
  });
}

test('the C client that gSOAP generates pays', async () => {
  const wsdl = await fetch(`${server.url}?wsdl`, { headers: { Authorization: BASIC } });
  writeFileSync(join(built, 'pos.wsdl'), await wsdl.text());
  writeFileSync(join(built, 'typemap.dat'), '');
  const steps: readonly (readonly [string, string])[] = [
    ['wsdl2h', '-c -t typemap.dat -o pos.h pos.wsdl'],
    ['soapcpp2', '-C -c -L -x -I /usr/share/gsoap/import pos.h'],
    ['gcc', `-w -I. -o till ${beside('clients/till.c')} soapC.c soapClient.c -lgsoap`],
  ];
  for (const [program, line] of steps) {
    const done = await run(program, line.split(' '), { cwd: built });
    assert.equal(done.code, 0, `${program}: ${done.out}\n${done.errors}`);
  }
  for (const style of ['preemptive', 'challenged'] as const) {
    const uid = `06.08.2015 11:15:42 gsoap ${style}`;
    await pays(uid, join(built, 'till'), toldBy(style, uid));
  }
  await withoutPassword(() =>
    pays('gsoap none', join(built, 'till'), toldBy('none', 'gsoap none')),
  );
});

test('zeep and ext-soap pay without a password where none is asked for', async () => {
  await withoutPassword(async () => {
    await pays('zeep none', '/usr/bin/python3', [
      beside('clients/till.py'),
      ...toldBy('none', 'zeep none'),
    ]);
    await pays('php none', 'php', [
      beside('clients/till.php'),
      ...toldBy('none', 'php none'),
      '1.1',
    ]);
  });
});
