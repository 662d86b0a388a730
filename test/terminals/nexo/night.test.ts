// The hour of maintenance each night: logged out with leave, left alone, and logged in by a sale.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REAL_CLOCK } from '../kit.ts';
import { bench, run, sale, sentCount, until } from './kit.ts';

/** `HH:MM` of Stockholm, where the bench stands, so many minutes from now. */
function clockTime(minutes: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Stockholm',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(Date.now() + minutes * 60_000);
}

test('in the window of the night an idle terminal is logged out with maintenance allowed, once', async () => {
  const options = { maintenanceFrom: clockTime(-2), maintenanceMinutes: 30, checkEveryMs: 1_000 };
  // Logged in by somebody before us, as after a restart of the program in the evening.
  const b = await bench({
    options,
    prepare: (terminal) => {
      terminal.saleId = 'ECR1';
    },
  });
  const { terminal, driver } = b;
  try {
    await until(() => terminal.maintenanceAllowed, 'logged out', 6_000);
    assert.equal(terminal.saleId, null);
    assert.equal(sentCount(terminal, 'Logout'), 1);
    const logins = sentCount(terminal, 'Login');
    await REAL_CLOCK.sleep(1_300);
    assert.equal(sentCount(terminal, 'Login'), logins, 'left alone');
    assert.equal((await run(driver, sale())).kind, 'approved', 'a sale logs in again');
    assert.equal(terminal.saleId, 'ECR1');
    await REAL_CLOCK.sleep(1_300);
    assert.equal(sentCount(terminal, 'Logout'), 1, 'once a night');
  } finally {
    await b.close();
  }
});

test('outside of the window the terminal stays logged in', async () => {
  const options = { maintenanceFrom: clockTime(90), maintenanceMinutes: 30, checkEveryMs: 1_000 };
  const b = await bench({ options });
  try {
    assert.equal((await run(b.driver, sale())).kind, 'approved');
    await REAL_CLOCK.sleep(1_300);
    assert.equal(b.terminal.saleId, 'ECR1');
    assert.equal(sentCount(b.terminal, 'Logout'), 0);
  } finally {
    await b.close();
  }
});
