import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../process/programs.ts';
import { addPerson, firstStart, type Stage, stageFor } from './stage.ts';

const SUPERVISOR = {
  login: 'vira',
  name: 'Vira',
  role: 'supervisor',
  password: 'seven blue boats',
};
const CASHIER = { login: 'ira', name: 'Ira', role: 'cashier', password: 'nine white swans' };

function arm({ gateway }: Stage, name: string, times = 1): Promise<unknown> {
  return gateway.call('POST', '/v1/simulators/till-1/fault', { name, times });
}

test('operations in the hands of people', async (t) => {
  const stage = await stageFor(t);
  const { gateway } = stage;
  const { base } = gateway;
  const admin = await firstStart(stage);
  const sell = (id: string, amount = 12_345) =>
    gateway.call('PUT', `/v1/operations/${id}`, {
      kind: 'purchase',
      amount,
      reference: `order ${id}`,
    });
  const state = async (id: string): Promise<string> => {
    const { body } = await gateway.call('GET', `/v1/operations/${id}`);
    return body.state as string;
  };
  await eventually(
    () => gateway.call('GET', '/v1/terminals/till-1'),
    ({ body }) => body.link === 'ready',
  );

  await t.test('a purchase is watched live, from the card to the receipt', async () => {
    await gateway.call('POST', '/v1/simulators/till-1/settings', { autoCard: false });
    await sell('live');
    await admin.goto(`${base}/admin/operations/live`);
    await admin.waitForSelector('.head .badge.working');
    const before = await admin.innerText('[data-display]');
    await gateway.call('POST', '/v1/simulators/till-1/card', { card: null });
    await eventually(
      () => admin.locator('[data-display]').allInnerTexts(),
      ([text]) => text !== before,
    );
    await admin.waitForSelector('.head .badge.good');
    assert.match(await admin.innerText('.receipt'), /123\.45/);
    assert.match(await admin.innerText('.timeline'), /Approved/);
    await gateway.call('POST', '/v1/simulators/till-1/settings', { autoCard: true });
  });

  await t.test('is cancelled from its page', async () => {
    await gateway.call('POST', '/v1/simulators/till-1/settings', { autoCard: false });
    await sell('stopped');
    await admin.goto(`${base}/admin/operations/stopped`);
    await admin.click('.actions button:has-text("Cancel")');
    await admin.waitForSelector('.head .badge.off');
    assert.equal(await state('stopped'), 'cancelled');
    await gateway.call('POST', '/v1/simulators/till-1/settings', { autoCard: true });
  });

  await t.test(
    'a reply that was lost stands on the dashboard until the journal tells',
    async () => {
      await admin.goto(`${base}/admin`);
      await admin.waitForSelector('text=All is well');
      await arm(stage, 'reply-lost-link-closed');
      await arm(stage, 'lookup-busy', 3);
      await sell('lost');
      // Nobody clicks and nobody reloads from here on.
      await admin.waitForSelector('.needs >> text=Unresolved');
      await admin.waitForSelector('.card.alarm');
      await admin.waitForSelector('text=All is well', { timeout: 60_000 });
      assert.equal(await state('lost'), 'approved');
      await admin.goto(`${base}/admin/operations/lost`);
      const text = await admin.innerText('main');
      assert.match(text, /Resolved by the terminal’s journal/);
      assert.match(text, /matches/);
      const row = await admin.innerText('section:has(#evidence) tr:has-text("Sum")');
      assert.match(row, /₴123\.45\s+₴123\.45\s+equal/);
    },
  );

  await t.test('an ambiguous loss: a cashier cannot decide, a supervisor does', async () => {
    await addPerson(admin, base, SUPERVISOR);
    await addPerson(admin, base, CASHIER);
    await arm(stage, 'batch-closed');
    await arm(stage, 'reply-lost-link-closed');
    await sell('riddle', 55_500);
    await eventually(
      () => gateway.call('GET', '/v1/operations/riddle'),
      ({ body }) => body.state === 'unknown' && body.evidence !== null,
    );

    const cashier = await stage.signedIn(CASHIER.login, CASHIER.password);
    await cashier.goto(`${base}/admin/operations/riddle`);
    assert.match(await cashier.innerText('main'), /supervisor or an administrator may write/);
    assert.equal(await cashier.locator('form[action$="/resolve"]').count(), 0);
    const form = await cashier.inputValue('[name=form] >> nth=0');
    const forced = await cashier.request.post(`${base}/admin/operations/riddle/resolve`, {
      headers: { origin: base },
      form: { form, verdict: 'approved', reason: 'because' },
      maxRedirects: 0,
    });
    assert.equal(forced.status(), 403);
    assert.equal(await state('riddle'), 'unknown');

    const supervisor = await stage.signedIn(SUPERVISOR.login, SUPERVISOR.password);
    await supervisor.click('text=Look and decide');
    await supervisor.waitForURL('**/operations/riddle');
    await supervisor.fill('[name=reason]', 'x');
    await supervisor.click('text=Write the decision');
    await supervisor.waitForSelector('#e-verdict');
    assert.equal(await supervisor.inputValue('[name=reason]'), 'x', 'what was typed is kept');
    await supervisor.check('[name=verdict][value=approved]');
    await supervisor.fill('[name=reason]', 'The slip says approved');
    await supervisor.click('text=Write the decision');
    await supervisor.waitForSelector('text=Decided by a person: Vira');
    assert.equal(await state('riddle'), 'approved');
  });

  await t.test('is found by what stands on the slip', async () => {
    const find = async (text: string): Promise<string> => {
      await admin.goto(`${base}/admin/operations`);
      await admin.fill('[name=q]', text);
      await admin.click('button.primary');
      await admin.waitForURL('**/operations?q=*');
      return admin.innerText('main');
    };
    assert.match(await find('555,00'), /Found by sum[\s\S]*order riddle/);
    assert.match(await find('order lost'), /Found by reference[\s\S]*order lost/);
    assert.match(await find('9659'), /Found by the last digits[\s\S]*order live/);
    assert.match(await find('riddle'), /Found by operation id/);
    assert.match(await find('nothing like it'), /Nothing was found/);
    const csv = await admin.request.get(`${base}/admin/operations.csv?state=approved`);
    assert.match(await csv.text(), /riddle,/);
  });

  await t.test(
    'a refund is more than a click: sum, reason, and the same form twice is one',
    async () => {
      await admin.goto(`${base}/admin/operations/live`);
      await admin.click('summary:has-text("Refund")');
      await admin.fill('#r-amount', '999999');
      await admin.click('.asked button:has-text("Refund")');
      await admin.waitForSelector('#e-refund');
      assert.match(await admin.innerText('#e-refund'), /More than was taken/);
      await admin.fill('#r-amount', '10,00');
      await admin.fill('#r-reason', 'broken cup');
      const form = await admin.inputValue('form[action$="/refund"] [name=form]');
      const id = await admin.inputValue('form[action$="/refund"] [name=id]');
      await admin.click('.asked button:has-text("Refund")');
      await admin.waitForURL(`**/operations/${id}?done=started`);
      await admin.waitForSelector('.head .badge.good');
      await admin.request.post(`${base}/admin/operations/live/refund`, {
        headers: { origin: base },
        form: { form, id, amount: '10,00', reason: 'broken cup' },
      });
      const { body } = await gateway.call('GET', '/v1/operations?kind=refund');
      assert.equal(body.operations.length, 1);
    },
  );

  await t.test('Z closes the day, and the next X report holds the sum of the ledger', async () => {
    await admin.goto(`${base}/admin/day-end`);
    assert.match(await admin.innerText('main'), /none yet/);
    await admin.click('summary:has-text("Z report")');
    await admin.click('.asked button:has-text("Z report")');
    await admin.waitForSelector('.head .badge.good');
    await sell('after-z', 4_200);
    await eventually(
      () => state('after-z'),
      (now) => now === 'approved',
    );
    await admin.goto(`${base}/admin/day-end`);
    assert.doesNotMatch(await admin.innerText('main'), /none yet/);
    await admin.click('button:has-text("X report")');
    await admin.waitForSelector('.head .badge.good');
    await admin.goto(`${base}/admin/day-end`);
    await admin.waitForSelector('tr:has-text("₴42.00") >> text=in the report');
  });

  await t.test('a terminal that asks for the final sum is answered from the page', async () => {
    await gateway.call('POST', '/v1/simulators/till-1/settings', { adjust: true });
    await sell('asked', 20_000);
    await admin.goto(`${base}/admin/operations/asked`);
    await admin.waitForSelector('text=The terminal waits for an answer');
    await admin.fill('form[action$="/adjust"] [name=amount]', '180,00');
    await admin.click('form[action$="/adjust"] button');
    await admin.waitForSelector('.head .badge.good');
    const { body } = await gateway.call('GET', '/v1/operations/asked');
    assert.deepEqual([body.approvedAmount, body.discount], [18_000, 2_000]);
    await gateway.call('POST', '/v1/simulators/till-1/settings', { adjust: false });
  });

  await t.test('the virtual terminal declines, and the till beside it says so', async () => {
    await gateway.call('POST', '/v1/simulators/till-1/settings', { autoCard: false });
    await admin.goto(`${base}/admin/terminals/till-1/virtual`);
    await admin.fill('[name=amount]', '77,70');
    await admin.click('text=Ask for a purchase');
    await admin.waitForSelector('.badge.working >> text=running');
    await admin.click('text=A card without money');
    await admin.waitForSelector('.say >> text=Not enough money');
  });

  assert.deepEqual(stage.complaints, []);
});
