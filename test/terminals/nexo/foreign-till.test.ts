// A till that nobody here wrote, against the simulated terminal and against the façade. It is not
// ours to keep: FOREIGN_NEXO_TILL names the PHP file with its class (SwedbankGateway).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { listenNexo } from '../../../app/src/simulator/nexo/server.ts';
import { NexoTerminal } from '../../../app/src/simulator/nexo/terminal.ts';
import { approvesAfter, cancellable } from '../../kit/scripted-driver.ts';
import { ADMINISTRATOR } from '../../kit/world.ts';
import { REAL_CLOCK } from '../kit.ts';
import { house } from './house.ts';
import { until } from './kit.ts';

const FILE = process.env['FOREIGN_NEXO_TILL'];
const skip = FILE === undefined ? 'no till given' : false;
const SHIM = join(import.meta.dirname, 'foreign-till.php');

type Verb = 'login' | 'pay' | 'refund' | 'revert' | 'abort' | 'status';
type Till = (verb: Verb, order?: string) => Promise<string>;

async function withTill(address: string, story: (till: Till) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-till-'));
  const till: Till = async (verb, order = '77') => {
    const given = [SHIM, FILE ?? '', address, folder, verb, order];
    const { stdout } = await promisify(execFile)('php', given, { timeout: 15_000 });
    return stdout;
  };
  try {
    await story(till);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SUCCESS = /"Result":"Success"/;

test('login, payment, status, reversal, refund and abort at the simulated terminal', {
  skip,
}, async () => {
  const terminal = new NexoTerminal({ clock: REAL_CLOCK, poiId: 'A-POIID', stepMs: 2 });
  const server = await listenNexo(terminal);
  try {
    await withTill(server.address, async (till) => {
      assert.equal(await till('login'), 'true');
      assert.match(await till('pay'), SUCCESS);
      assert.match(await till('status'), /"RepeatedMessageResponse"/);
      assert.match(await till('revert'), SUCCESS);
      assert.match(await till('refund', '78'), SUCCESS);
      terminal.scripts.push({ holdMs: 10_000 });
      const paying = till('pay', '79');
      await until(() => terminal.running !== null, 'running');
      await till('abort', '79');
      assert.match(await paying, /"ErrorCondition":"Aborted"/);
    });
    assert.deepEqual(terminal.faults, []);
  } finally {
    await server.close();
  }
});

test('login, payment, status, reversal, refund and abort at the façade', { skip }, async () => {
  const h = await house();
  try {
    await withTill(h.url, async (till) => {
      h.scripts(approvesAfter(20));
      // It pays without a login first: the refusal makes it log in, and pay once.
      assert.match(await till('pay'), SUCCESS);
      assert.match(await till('status'), /"AuthorizedAmount":"38.50"/);
      assert.match(await till('revert'), SUCCESS);
      assert.match(await till('refund', '78'), SUCCESS);
      h.scripts(cancellable());
      const paying = till('pay', '79');
      const newest = (): string | undefined =>
        h.gateway.list(ADMINISTRATOR, { limit: 1 }).operations[0]?.state;
      await until(() => newest() === 'running', 'running');
      await till('abort', '79');
      assert.match(await paying, /"ErrorCondition":"Aborted"/);
      const states = h.gateway
        .list(ADMINISTRATOR, { limit: 9 })
        .operations.map(({ state }) => state);
      assert.deepEqual(states, ['cancelled', 'approved', 'approved', 'reversed']);
    });
  } finally {
    await h.close();
  }
});
