// Network, time and updates over HTTP.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HAND_GRACE_MS } from '../../app/src/domain/limits.ts';
import { eventually, startGateway, temporaryFolder } from '../process/programs.ts';
import { audited, stageFor, SYSTEM } from './appliance-stage.ts';
import { FormBrowser } from './browser.ts';

test('on a plain machine each page says what to do there instead, and does nothing', async (t) => {
  const stage = await stageFor(t, false);
  for (const [name, told] of [
    ['network', /network settings of this operating system/],
    ['time', /time synchronisation on in the operating system/],
    ['updates', /install the new version of the program/],
    ['power', /means of the operating system/],
  ] as const) {
    const page = await stage.browser.get(`${SYSTEM}/${name}`);
    assert.equal(page.status, 200);
    assert.match(page.text, /This is for the Tillgate appliance/);
    assert.match(page.text, told);
    assert.doesNotMatch(page.html, /<form[^>]+action="\/admin\/system\//);
  }
  await stage.browser.post(`${SYSTEM}/power`, { act: 'power-off' });
  assert.deepEqual(stage.bench.ran, []);
  assert.doesNotMatch(await audited(stage), /powered off/);
  const system = await stage.browser.get(SYSTEM);
  for (const name of ['network', 'time', 'updates', 'power']) {
    assert.match(system.html, new RegExp(`href="/admin/system/${name}"`));
  }
});

test('a hand that does not answer is told, with the way that is left', async (t) => {
  const { path: folder, remove } = temporaryFolder();
  const env = { TILLGATE_HAND: join(folder, 'none.sock'), TILLGATE_SPOOL: join(folder, 'spool') };
  const gateway = await startGateway(folder, env);
  t.after(async () => {
    await gateway.stop();
    remove();
  });
  const browser = new FormBrowser(gateway.base);
  await browser.firstStart(folder);
  for (const name of ['network', 'time', 'updates', 'power']) {
    const page = await browser.get(`${SYSTEM}/${name}`);
    assert.equal(page.status, 503);
    assert.match(page.text, /system service of the box does not answer.*Use the console/);
  }
});

test('another address is tried, shown with its way back, and kept only from there', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench } = stage;
  const path = `${SYSTEM}/network`;
  const plan = { kind: 'fixed', link: 'enp1s0', address: '10.1.2.3', gateway: '', dns: '' };
  assert.match((await browser.get(path)).text, /Unless they are confirmed at the new address/);
  const wrong = await browser.post(`${path}/try`, plan);
  assert.equal(wrong.status, 422);
  assert.match(wrong.html, /id="f-address"[^>]*value="10\.1\.2\.3"[^>]*aria-invalid/);
  assert.doesNotMatch(await audited(stage), /tried a network/);

  const tried = await browser.post(`${path}/try`, { ...plan, address: '10.1.2.3/24' });
  assert.match(tried.text, /New network settings are on trial/);
  const { port } = new URL(stage.gateway.base);
  assert.match(tried.html, new RegExp(`href="http://10\\.1\\.2\\.3:${port}/admin/system/network"`));
  assert.match(tried.html, /<noscript><meta http-equiv="refresh"/);
  await bench.clock.advance(HAND_GRACE_MS);
  const here = await browser.post(`${path}/keep`);
  assert.equal(here.status, 422);
  assert.match(here.text, /You are still at the old address\. Open http:\/\/10\.1\.2\.3/);
  const back = await browser.post(`${path}/back`);
  assert.match(back.text, /The network settings before come back/);
  await bench.clock.advance(HAND_GRACE_MS);
  await eventually(
    () => browser.get(path),
    ({ text }) => /were not confirmed, so the ones before came back/.test(text),
  );

  await browser.post(`${path}/try`, { ...plan, address: '127.0.0.1/8' });
  const kept = await browser.post(`${path}/keep`);
  assert.match(kept.text, /The new network settings stay/);
  const stored = join(bench.machine.folders.state, 'network', '50-fixed.network');
  assert.match(readFileSync(stored, 'utf8'), /Address=127\.0\.0\.1\/8/);
  const acts = await audited(stage);
  for (const act of ['tried a network', 'took a network back', 'confirmed a network']) {
    assert.match(acts, new RegExp(act));
  }
});

test('the name of the box is changed and written down', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench } = stage;
  const wrong = await browser.post(`${SYSTEM}/network/name`, { name: 'my shop' });
  assert.match(wrong.html, /id="f-name"[^>]*value="my shop"[^>]*aria-invalid/);
  const done = await browser.post(`${SYSTEM}/network/name`, { name: 'Hall' });
  assert.match(done.text, /Saved\./);
  assert.ok(bench.ran.includes('hostname hall'));
  assert.match(await audited(stage), /renamed the box.*tillgate.*hall/);
});

test('time: servers, zone, setting it in the shop’s zone, and confirming it', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench } = stage;
  const path = `${SYSTEM}/time`;
  const page = await browser.get(path);
  assert.match(page.text, /The time is not confirmed/);
  const bad = await browser.post(`${path}/servers`, { servers: 'ntp one;two' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /Names or addresses are needed/);
  assert.match(
    (await browser.post(`${path}/servers`, { servers: 'a.example, 10.0.0.1' })).text,
    /Saved/,
  );
  assert.match(
    readFileSync(join(bench.machine.folders.state, 'time-servers.conf'), 'utf8'),
    /NTP=a\.example 10\.0\.0\.1/,
  );
  assert.match(
    (await browser.post(`${path}/set`, { at: 'tomorrow' })).text,
    /A date and time from 2026/,
  );
  assert.match((await browser.post(`${path}/set`, { at: '2026-07-01T12:30:05' })).text, /Saved/);
  // Kyiv is three hours ahead in summer.
  const noon = Date.UTC(2026, 6, 1, 9, 30, 5) / 1_000;
  assert.ok(bench.ran.includes(`date --set @${noon}.000`), bench.ran.join('\n'));
  assert.match((await browser.get(path)).text, /The time is confirmed/);
  assert.match((await browser.post(`${path}/zone`, { zone: 'Europe/Kyiv' })).text, /Saved/);
  const acts = await audited(stage);
  for (const act of ['set the time', 'changed the time servers', 'changed the time zone']) {
    assert.match(acts, new RegExp(act));
  }
});

test('an update: uploaded, looked at, installed with its progress, and what came of it', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench } = stage;
  const path = `${SYSTEM}/updates`;
  bench.answers.set('rauc info', {
    ok: true,
    text: '{"update":{"version":"0.2.0","build":"ledger-schema-99"}}',
  });
  assert.match((await browser.get(path)).text, /Slots of the system/);
  const none = await browser.upload(`${path}/upload`, 'bundle', '', Buffer.alloc(0));
  assert.match(none.text, /Choose a \.raucb file/);
  const large = Buffer.alloc(6 * 1024 * 1024, 'bundle');
  const up = await browser.upload(`${path}/upload`, 'bundle', 'tillgate-0.2.0.raucb', large);
  assert.match(up.text, /Version 0\.2\.0, 6\.3 MB/);
  let release: (() => void) | null = null;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  bench.acts.set('rauc install', async (_program, args, options) => {
    assert.deepEqual(readFileSync(args[1] ?? ''), large);
    options?.onLine?.(' 40% Copying image to system.1');
    await gate;
    return { ok: true, text: '' };
  });
  const going = await browser.post(`${path}/install`);
  assert.match(going.text, /The installation has begun/);
  const during = await eventually(
    () => browser.get(path),
    ({ text }) => /Installing: 40 %/.test(text),
  );
  assert.match(during.html, /data-live="\/admin\/system\/updates\/live"/);
  assert.match(during.html, /<noscript><meta http-equiv="refresh" content="5/);
  assert.match((await browser.post(`${path}/install`)).text, /An update is being installed/);
  (release as (() => void) | null)?.();
  const after = await eventually(
    () => browser.get(path),
    ({ text }) => /Version 0\.2\.0 was installed into the other slot/.test(text),
  );
  assert.doesNotMatch(after.html, /data-live=/);
  assert.match(await audited(stage), /installed an update/);
});

test('a file that is none of ours cannot be installed, and goes away', async (t) => {
  const { browser, bench } = await stageFor(t);
  const path = `${SYSTEM}/updates`;
  bench.answers.set('rauc info', { ok: false, text: 'signature verification failed' });
  await browser.get(path);
  const up = await browser.upload(`${path}/upload`, 'bundle', 'x.raucb', Buffer.from('nonsense'));
  assert.match(up.text, /This file cannot be installed: signature verification failed/);
  assert.doesNotMatch(up.html, /updates\/install/);
  assert.match((await browser.post(`${path}/drop`)).text, /Removed/);
  assert.equal(existsSync(join(bench.machine.folders.spool, 'update.raucb')), false);
});

test('the other slot is switched to in a second step', async (t) => {
  const stage = await stageFor(t);
  const page = await stage.browser.get(`${SYSTEM}/updates`);
  assert.match(page.html, /<details class="asked">[\s\S]*updates\/switch/);
  await stage.browser.post(`${SYSTEM}/updates/switch`);
  assert.ok(stage.bench.ran.includes('rauc status mark-active other'));
  assert.match(await audited(stage), /switched the slot/);
});

test('only who may configure gets in', async (t) => {
  const { browser, bench, gateway } = await stageFor(t);
  await browser.get('/admin/people');
  await browser.post('/admin/people', {
    name: 'Super',
    login: 'super',
    role: 'supervisor',
    password: 'four blue herons',
  });
  const other = new FormBrowser(gateway.base);
  await other.signIn('super', 'four blue herons');
  for (const name of ['network', 'time', 'updates', 'power', 'updates/live']) {
    assert.equal((await other.get(`${SYSTEM}/${name}`)).status, 403, name);
  }
  for (const name of ['network/try', 'time/trust', 'updates/install', 'power']) {
    assert.equal((await other.post(`${SYSTEM}/${name}`, { act: 'restart' })).status, 403, name);
  }
  const before = bench.ran.length;
  await bench.clock.advance(HAND_GRACE_MS);
  assert.equal(bench.ran.length, before);
});
