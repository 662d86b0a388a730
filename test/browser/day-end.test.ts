// The scheduled settlement in the hands of an administrator, and acts of a key in the audit.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, startGateway } from '../process/programs.ts';
import { addPerson, assertClean, firstStart, stageFor } from './stage.ts';

const CASHIER = { login: 'ira', name: 'Ira', role: 'cashier', password: 'nine white swans' };
const DUE = Date.UTC(2026, 0, 5, 20);

/** A box that slept through a settlement. */
async function slept(folder: string): Promise<void> {
  const missed = {
    date: '2026-01-05',
    terminal: 'till-1',
    merchant: 0,
    due: DUE,
    notedAt: DUE,
    reason: 'gateway-off',
    operation: null,
  };
  await writeFile(join(folder, 'schedule.json'), JSON.stringify({ missed: [missed] }));
}

async function notesOf(folder: string): Promise<{ plan?: { at: string } }> {
  return JSON.parse(await readFile(join(folder, 'schedule.json'), 'utf8')) as {
    plan?: { at: string };
  };
}

/** Now in the shop's zone, `HH:MM`. */
function timeIn(ms: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Kyiv', timeStyle: 'short' });
  return format.format(Date.now() + ms);
}

test('the scheduled settlement', async (t) => {
  const stage = await stageFor(t, {}, slept);
  const { gateway, complaints } = stage;
  const { base } = gateway;
  const page = await firstStart(stage);
  await addPerson(page, base, CASHIER);
  const form = page.locator('form[action="/admin/day-end"]');

  await t.test('a wrong time is told at its field, and what was typed is kept', async () => {
    await page.goto(`${base}/admin/day-end`);
    await form.locator('[name=scheduleEnabled]').check();
    await page.evaluate(`document.querySelector('[name=scheduleAt]').type = 'text'`);
    await form.locator('[name=scheduleAt]').fill('late');
    await form.locator('[name=which][value=these]').check();
    await form.locator('button').click();
    assert.match(await page.innerText('#e-scheduleAt'), /23:30/);
    assert.match(await page.innerText('fieldset .fault'), /Choose a terminal/);
    assert.equal(await form.locator('[name=scheduleEnabled]').isChecked(), true);
    const { body } = await gateway.call('GET', '/v1/settings');
    assert.equal(body.settlement.enabled, false);
  });

  await t.test('is set, says when it comes next, and what was missed stands on Today', async () => {
    await page.goto(`${base}/admin/day-end`);
    await form.locator('[name=scheduleEnabled]').check();
    await form.locator('[name=scheduleAt]').fill(timeIn(3 * 3_600_000));
    await Promise.all([page.waitForURL('**/day-end?done=saved'), form.locator('button').click()]);
    const section = page.locator('section[aria-labelledby=schedule]');
    assert.match(await section.innerText(), /Every day by itself\. Next: /);
    assert.match(await section.innerText(), /did not happen[\s\S]*the gateway did not run then/);
    const { body } = await gateway.call('GET', '/v1/settings');
    assert.deepEqual([body.settlement.enabled, body.settlement.terminals], [true, null]);
    await page.goto(`${base}/admin`);
    assert.match(await page.innerText('.needs'), /did not happen: the gateway did not run then/);
    await page.goto(`${base}/admin/day-end`);
    await assertClean(page, 'day end');
  });

  await t.test('a settlement by hand takes the missed one off Today', async () => {
    await gateway.call('PUT', '/v1/operations/s?wait=20', { kind: 'purchase', amount: 100 });
    const z = await gateway.call('PUT', '/v1/operations/z?wait=20', { kind: 'settlement' });
    assert.equal(z.body.state, 'approved');
    await page.goto(`${base}/admin`);
    assert.equal(await page.locator('.needs').count(), 0);
  });

  await t.test('a cashier sees it and cannot change it', async () => {
    const other = await stage.signedIn(CASHIER.login, CASHIER.password);
    await other.goto(`${base}/admin/day-end`);
    assert.match(await other.innerText('section[aria-labelledby=schedule]'), /Every day by itself/);
    assert.equal(await other.locator('form[action="/admin/day-end"]').count(), 0);
    await other.context().close();
  });

  await t.test(
    'the audit has the page’s act and the key’s, each once and by its name',
    async () => {
      await gateway.call('PATCH', '/v1/settings', { shop: { name: 'Other shop' } });
      await page.goto(`${base}/admin/audit`);
      const rows = await page.locator('tbody tr').allInnerTexts();
      const schedule = rows.filter((row) => /changed the scheduled settlement/.test(row));
      const settings = rows.filter((row) => /changed settings/.test(row));
      assert.deepEqual([schedule.length, settings.length], [1, 1]);
      assert.match(schedule[0] ?? '', /Olena Koval/);
      assert.match(settings[0] ?? '', /key demo/);
      await page.selectOption('[name=who]', 'key:demo');
      await page.click('.filters button');
      assert.equal(await page.locator('tbody tr').count(), 1);
      await assertClean(page, 'audit');
    },
  );

  await t.test('the last administrator key cannot be taken back on the page either', async () => {
    await page.goto(`${base}/admin/integration`);
    const row = page.locator('tr:has(code:text-is("demo"))');
    await row.locator('summary').click();
    await row.locator('form button').click();
    assert.match(await page.innerText('[role=alert]'), /last administrator key/);
    const { status } = await gateway.call('GET', '/v1/settings');
    assert.equal(status, 200);
  });

  await t.test(
    'comes by itself after a power cut, with the sums of the ledger beside it',
    async () => {
      await gateway.call('PUT', '/v1/operations/s2?wait=20', { kind: 'purchase', amount: 4_200 });
      await gateway.call('PATCH', '/v1/settings', { settlement: { at: timeIn(-5 * 60_000) } });
      await eventually(
        () => notesOf(stage.folder),
        ({ plan }) => plan?.at !== undefined,
      );
      await gateway.stop();
      // As if it had been planned yesterday: what is set for a time that is past counts from tomorrow.
      const notes = await notesOf(stage.folder);
      const since = { 'till-1.0': 0 };
      const plan = { at: timeIn(-5 * 60_000), timeZone: 'Europe/Kyiv' };
      await writeFile(
        join(stage.folder, 'schedule.json'),
        JSON.stringify({ ...notes, plan, since }),
      );
      const again = await startGateway(stage.folder);
      t.after(() => again.stop());
      const { body } = await eventually(
        () => again.call('GET', '/v1/operations?kind=settlement&reference=schedule'),
        (answer) => answer.body.operations[0]?.state === 'approved',
      );
      assert.equal(body.operations.length, 1);
      await page.goto(`${again.base}/admin/day-end`);
      const first = page.locator('section[aria-labelledby=schedule] tbody tr').first();
      assert.match(await first.innerText(), /approved[\s\S]*1 · .*42\.00/);
      await page.goto(`${again.base}/admin/operations/${body.operations[0].id}`);
      assert.match(await page.innerText('.timeline'), /the schedule/);
    },
  );

  assert.deepEqual(complaints, []);
});
