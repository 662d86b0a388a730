// Restart and power off over HTTP: what runs is never cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HAND_GRACE_MS } from '../../app/src/domain/limits.ts';
import { eventually } from '../process/programs.ts';
import { audited, stageFor, SYSTEM } from './appliance-stage.ts';

test('restart and power off: asked twice, told, written down', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench } = stage;
  const page = await browser.get(`${SYSTEM}/power`);
  assert.match(page.text, /a restart is safe/);
  assert.match(page.text, /tillgate\.service active \(running\)/);
  assert.equal(page.html.match(/<details class="asked">/g)?.length, 3);
  assert.equal((await browser.post(`${SYSTEM}/power`, { act: 'halt' })).status, 400);
  const going = await browser.post(`${SYSTEM}/power`, { act: 'restart' });
  assert.match(going.path, /power\/going\?since=\d+$/);
  assert.match(going.text, /Restarting/);
  await bench.clock.advance(HAND_GRACE_MS);
  assert.ok(bench.ran.includes('systemctl reboot'));
  const other = await browser.get(`${SYSTEM}/power/going?since=1`);
  assert.match(other.text, /It works again/);
  const off = await browser.post(`${SYSTEM}/power`, { act: 'power-off' });
  assert.match(off.text, /the power can be unplugged/);
  assert.match(await audited(stage), /restarted the box/);
});

test('an unresolved payment: no update, and power only for whoever types that they know', async (t) => {
  const stage = await stageFor(t);
  const { browser, bench, gateway } = stage;
  for (const name of ['foreign-receipt-after', 'batch-closed', 'reply-lost-link-closed']) {
    await gateway.call('POST', '/v1/simulators/till-1/fault', { name, times: 1 });
  }
  await gateway.call('PUT', '/v1/operations/riddle?wait=0', { kind: 'purchase', amount: 500 });
  await eventually(
    () => gateway.call('GET', '/v1/operations/riddle'),
    ({ body }) => body.state === 'unknown',
  );
  const page = await browser.get(`${SYSTEM}/power`);
  assert.match(page.html, /name="unresolved" value="riddle"/);
  assert.match(page.text, /Type “tillgate”/);
  const act = { act: 'restart', unresolved: 'riddle' };
  const untyped = await browser.post(`${SYSTEM}/power`, { ...act, typed: 'yes' });
  assert.equal(untyped.status, 422);
  assert.match(untyped.text, /The name was typed differently/);
  const unknowing = await browser.post(`${SYSTEM}/power`, { act: 'restart' });
  assert.match(unknowing.text, /outcome is not known yet \(riddle\)/);
  const switched = await browser.post(`${SYSTEM}/updates/switch`);
  assert.match(switched.text, /outcome is not known yet \(riddle\)/);
  await bench.clock.advance(HAND_GRACE_MS);
  assert.ok(!bench.ran.includes('systemctl reboot'));
  await browser.post(`${SYSTEM}/power`, { ...act, typed: 'Tillgate' });
  await bench.clock.advance(HAND_GRACE_MS);
  assert.ok(bench.ran.includes('systemctl reboot'));
  assert.match(await audited(stage), /restarted the box.*riddle/);
});

test('a running payment: no act of power is offered, and none is done', async (t) => {
  const { browser, bench, gateway } = await stageFor(t);
  await gateway.call('POST', '/v1/simulators/till-1/settings', { answerAfterMs: 8_000 });
  await gateway.call('PUT', '/v1/operations/slow?wait=0', { kind: 'purchase', amount: 500 });
  const page = await browser.get(`${SYSTEM}/power`);
  assert.match(page.text, /While they run, restart and power off are not allowed/);
  assert.doesNotMatch(page.html, /name="act"/);
  const refused = await browser.post(`${SYSTEM}/power`, {
    act: 'power-off',
    unresolved: 'slow',
    typed: 'tillgate',
  });
  assert.match(refused.text, /A payment is running \(slow\)/);
  await bench.clock.advance(HAND_GRACE_MS);
  assert.ok(!bench.ran.some((line) => line.startsWith('systemctl poweroff')));
});
