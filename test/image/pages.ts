// The box as its administrator has it: the code on the screen, the pages of network, updates and
// power with the real root program behind them, the console, and the way back to nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, openAsBlob, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FormBrowser } from '../admin/browser.ts';
import { firstScreen, MENU, newKey, PAUSE, READY, till } from './kit/appliance.ts';
import { lameBundle } from './kit/bundles.ts';
import { freshDisk, TRANSCRIPTS, WORK } from './kit/places.ts';
import { freePorts } from './kit/ports.ts';
import { openScreen, scanned, screenArguments } from './kit/screen.ts';
import { OutsideTerminal } from './kit/terminal.ts';
import { filesOf, stickArguments, stickImage } from './kit/usb.ts';
import { BOOT_MS, Vm } from './kit/vm.ts';

const WHOLE_MS = 3_000_000;
/** NETWORK_TRIAL_MS and what a slow machine adds. */
const TRIAL_MS = 240_000;
/** CONFIRM_DEADLINE_MS, two starts, and what a slow machine adds. */
const FALL_BACK_MS = 900_000;

let vm: Vm;
let terminal: OutsideTerminal;
let browser: FormBrowser;
let shop: ReturnType<typeof till>;
let code = '';
let key = '';
let stick = '';
let http = 0;

/** A page, asked for again while the box or its network is away. */
async function pageWith(path: string, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
  let text = '';
  await shop.waitUntil(async () => {
    ({ text } = await browser.get(path));
    return pattern.test(text);
  }, timeoutMs);
  return text;
}

describe('the box under its administrator’s hand', { timeout: WHOLE_MS }, () => {
  before(async () => {
    const journal = join(WORK, 'journal-pages');
    rmSync(journal, { recursive: true, force: true });
    mkdirSync(journal, { recursive: true });
    terminal = new OutsideTerminal(journal, 'answerAfterMs=1000');
    await terminal.listening();
    stick = stickImage('pages', [], '64M');
    const ports = await freePorts([8080]);
    http = Number(Object.keys(ports)[0]);
    vm = new Vm('7-pages', {
      disk: freshDisk('pages'),
      lifeSeconds: 2_400,
      bus: 'nvme',
      card: 'e1000e',
      forward: ports,
      extra: [...screenArguments('pages'), ...stickArguments(stick)],
    });
    code = await firstScreen(vm);
    browser = new FormBrowser(`http://127.0.0.1:${http}`);
  });
  after(async () => {
    await vm.cutPower();
    terminal.stop();
  });

  test('the square on the screen leads to the pages', async () => {
    const picture = join(TRANSCRIPTS, 'first-screen.png');
    const screen = await openScreen('pages');
    await screen.picture(picture);
    screen.close();
    assert.equal(scanned(picture), 'https://10.0.2.15:8443/');
  });

  test('the code on the screen makes the first administrator', async () => {
    await browser.firstStartBy(code);
    assert.match((await browser.get('/admin/system/power')).text, /tillgate\.service active/);
    key = await newKey(vm);
    shop = till(http, key);
    await shop.waitUntil(
      async () => (await shop.call('GET', '/v1/terminals')).status === 200,
      30_000,
    );
    await shop.addTerminal('till-1', terminal.address);
    await shop.linkReady('till-1');
    await shop.waitUntil(async () => (await shop.purchase('pages-1', 5_001)).final, 120_000);
    assert.equal((await shop.operation('pages-1')).state, 'approved');
  });

  test('a wrong address of the network goes back by itself', async () => {
    await tryNetwork('10.0.2.77/24');
    await shop.waitUntil(async () => !(await reached()), 60_000);
    await pageWith('/admin/system/network', /so the ones before came back/, TRIAL_MS);
    // It serves one line at a time, and was told of the end of each before the address went.
    await shop.linkReady('till-1');
  });

  test('a right address stays once somebody confirms it there', async () => {
    await tryNetwork('10.0.2.15/24');
    await pageWith('/admin/system/network', /New network settings are on trial/);
    await shop.waitUntil(async () => {
      const kept = await browser.post('/admin/system/network/keep');
      return /The new network settings stay/.test(kept.text);
    }, 60_000);
    await browser.get('/admin/system/network');
    const named = await browser.post('/admin/system/network/name', { name: 'kasa-1' });
    assert.match(named.text, /kasa-1/);
  });

  test('an update whose gateway does not start makes place for the old system by itself', async () => {
    const bundle = await openAsBlob(lameBundle('silent', '8.8.8', ['main.cjs']));
    await browser.get('/admin/system/updates');
    const kept = await browser.upload(
      '/admin/system/updates/upload',
      'bundle',
      'silent.raucb',
      bundle,
      300_000,
    );
    assert.match(kept.text, /Version 8\.8\.8/);
    const begun = await browser.post('/admin/system/updates/install');
    assert.match(begun.text, /Installing/);
    await pageWith('/admin/system/updates', /8\.8\.8 was installed into the other slot/, 600_000);

    await browser.get('/admin/system/power');
    const going = await browser.post('/admin/system/power', { act: 'restart' });
    assert.match(going.text, /Restarting/);
    await vm.expect(/Tillgate: slot B/, 180_000);
    await vm.expect(/Tillgate: slot A/, FALL_BACK_MS);
    await vm.expect(READY, BOOT_MS);
    const text = await pageWith('/admin/system/updates', /payments did not work with it/, BOOT_MS);
    assert.match(text, /8\.8\.8/);
  });

  test('the restart kept the address and the name', async () => {
    const { text, html } = await browser.get('/admin/system/network');
    assert.match(text, /kasa-1/);
    assert.match(html, /value="10\.0\.2\.15\/24"/);
  });

  test('nothing restarts and nothing is installed over an unresolved payment unawares', async () => {
    await shop.linkReady('till-1');
    terminal.say('answer 20000');
    const body = { kind: 'purchase', terminal: 'till-1', amount: 5_002, busy: 'wait' };
    await shop.call('PUT', '/v1/operations/pages-2?wait=0', body);
    await shop.waitUntil(async () => (await shop.operation('pages-2')).state === 'running', 60_000);
    terminal.stop();
    await shop.waitUntil(async () => (await shop.operation('pages-2')).state === 'unknown', 60_000);
    const install = await browser.post('/admin/system/updates/install');
    assert.match(install.text, /pages-2/);
    const act = { act: 'restart', unresolved: 'pages-2' };
    await browser.get('/admin/system/power');
    const refused = await browser.post('/admin/system/power', { act: 'restart' });
    assert.match(refused.text, /pages-2/);
    assert.doesNotMatch(refused.text, /Restarting/);
    const wrong = await browser.post('/admin/system/power', { ...act, typed: 'tillgate' });
    assert.doesNotMatch(wrong.text, /Restarting/);
    assert.equal(await reached(), true);
  });

  test('the console can be walked in three languages', async () => {
    vm.type('');
    for (const item of ['1', '2', '3', '4', '5', '7', '8', '9']) {
      await vm.expect(MENU, 60_000);
      vm.type(item);
      if (item === '5') await vm.expect(PAUSE, 60_000);
      else await vm.expect(MENU, 60_000);
      vm.type(item === '5' ? '' : '0');
    }
    await vm.expect(MENU, 60_000);
    vm.type('99');
    await vm.expect(/There is no such number/, 30_000);
    for (const [number, pattern] of [
      ['2', /0 = back\): $/],
      ['3', /0 = назад\): $/],
      ['1', MENU],
    ] as const) {
      vm.type('13');
      await vm.expect(/Русский[\s\S]*\): $/, 60_000);
      vm.type(number);
      await vm.expect(pattern, 60_000);
    }
  });

  test('a factory reset writes the ledger to a stick, asks for the whole phrase, and starts anew', async () => {
    await orderReset();
    vm.type('delete everything');
    await vm.expect(/Нічого не змінено/, 60_000);
    vm.type('');
    await vm.expect(MENU, 60_000);
    await orderReset();
    vm.type('delete unfinished payments');
    await vm.expect(/Tillgate: slot A/, 180_000);
    const again = await firstScreen(vm);
    assert.notEqual(again, code);
    assert.equal((await shop.call('GET', '/v1/terminals')).status, 401);
    const files = filesOf(stick);
    const [ledger = ''] = files.filter((name) => name.endsWith('ledger.jsonl'));
    const text = execFileSync('mtype', ['-i', stick, `::/${ledger}`], { encoding: 'utf8' });
    assert.match(text, /"pages-2"/);
    assert.ok(files.some((name) => name.endsWith('journal.txt')));
  });

  test('the console powers off', async () => {
    vm.type('');
    await vm.expect(MENU, 60_000);
    vm.type('10');
    await vm.expect(MENU, 60_000);
    vm.type('2');
    await vm.waitEnd(180_000);
  });
});

/** From the menu to the question for the phrase, past the export to the first stick. */
async function orderReset(): Promise<void> {
  for (const answer of ['11', '1', '1']) {
    vm.type(answer);
    if (answer === '11') await vm.expect(/Буде видалено все[\s\S]*0 = назад\): $/, 60_000);
  }
  await vm.expect(/введіть: delete unfinished payments[\s\S]*$/, 180_000);
}

async function tryNetwork(address: string): Promise<void> {
  const { html } = await browser.get('/admin/system/network');
  const [, link = ''] = /<option value="(en[a-z0-9]+)"/.exec(html) ?? [];
  const plan = { kind: 'fixed', link, address, gateway: '10.0.2.2', dns: '10.0.2.3' };
  const tried = await browser.post('/admin/system/network/try', plan);
  assert.match(tried.text, /New network settings are on trial/);
}

/** Whether the box answers where it stood at the start. */
async function reached(): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${http}/health`, {
      signal: AbortSignal.timeout(4_000),
    });
    return answer.status === 200;
  } catch {
    return false;
  }
}
