// The settlement that starts by itself, on a clock that the test turns: once a day, whatever happens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTLEMENT_WINDOW_MS } from '../../app/src/domain/limits.ts';
import type { Operation } from '../../app/src/domain/operation.ts';
import { failedOutcome, unknownOutcome } from '../../app/src/domain/outcome.ts';
import { Schedule } from '../../app/src/operations/schedule.ts';
import type { Settings } from '../../app/src/operations/settings-schema.ts';
import { scheduleNotesSchema } from '../../app/src/operations/schedule-notes.ts';
import { MemoryNotes } from '../kit/memory-notes.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import {
  approvesAfter,
  cancellable,
  declined,
  endsWith,
  losesAnswer,
  type Script,
  watermarkAt,
} from '../kit/scripted-driver.ts';
import { ADMINISTRATOR, World, type WorldOptions } from '../kit/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 21:00 in Kyiv on a Monday in winter. */
const NINE = Date.UTC(2026, 0, 5, 19);
/** 22:00 of that day. */
const TEN = Date.UTC(2026, 0, 5, 20);

type Plan = Partial<Settings['settlement']>;

/** A shop whose box settles at 22:00; its process can go and come back. */
class Shop {
  readonly world: World;
  readonly notes = new MemoryNotes();
  readonly log = new QuietLog();
  schedule: Schedule | null = null;

  constructor(world: World) {
    this.world = world;
  }

  static async open(plan: Plan = {}, options: WorldOptions = {}, at = NINE): Promise<Shop> {
    const world = new World(options);
    world.clock.jump(at - world.clock.now());
    const shop = new Shop(world);
    await shop.plan({ enabled: true, at: '22:00', ...plan });
    await world.boot();
    shop.run();
    await shop.pass(MINUTE);
    return shop;
  }

  plan(plan: Plan): Promise<Settings> {
    return this.world.settings.change((draft) => {
      Object.assign(draft.settlement, plan);
    });
  }

  run(): void {
    const { gateway, settings, clock } = this.world;
    const { notes, log } = this;
    this.schedule = new Schedule({ gateway, settings, notes, clock, log });
    this.schedule.start();
  }

  /** The power goes, for so long. */
  async dark(ms: number): Promise<void> {
    const ended = this.schedule?.stop();
    this.world.powerCut();
    await this.world.clock.advance(ms);
    await ended;
    await this.world.boot();
    this.run();
  }

  pass(ms: number): Promise<void> {
    return this.world.clock.advance(ms);
  }

  async until(at: number): Promise<void> {
    await this.pass(at - this.world.clock.now());
  }

  scripts(...scripts: Script[]): void {
    this.world.driver().scripts = scripts;
  }

  /** Every settlement in the ledger, the oldest first. */
  get settlements(): readonly Operation[] {
    const { operations } = this.world.gateway.list(ADMINISTRATOR, {
      kind: 'settlement',
      limit: 100,
    });
    return operations.toReversed();
  }

  get ids(): readonly string[] {
    return this.settlements.map(({ id }) => id);
  }

  get missed(): readonly string[] {
    return this.notes
      .current()
      .missed.map(({ date, terminal, reason }) => [date, terminal, reason].join(' '));
  }

  end(): Promise<void> {
    return this.schedule?.stop() ?? Promise.resolve();
  }
}

/** Runs the test on a shop that is closed afterwards. */
async function inShop(
  body: (shop: Shop) => Promise<void>,
  plan: Plan = {},
  options: WorldOptions = {},
  at = NINE,
): Promise<void> {
  const shop = await Shop.open(plan, options, at);
  try {
    await body(shop);
  } finally {
    await shop.end();
  }
}

test('settles each terminal once a day at its time, as the schedule', async () => {
  await inShop(
    async (shop) => {
      await shop.until(TEN - MINUTE);
      assert.deepEqual([...shop.ids], []);
      await shop.until(TEN + MINUTE);
      assert.deepEqual([...shop.ids].sort(), [
        'schedule.2026-01-05.till-1.0',
        'schedule.2026-01-05.till-2.0',
      ]);
      for (const { state, askedBy, request, createdAt } of shop.settlements) {
        assert.equal(state, 'approved');
        assert.equal(askedBy, 'schedule');
        assert.deepEqual([request.merchant, request.reference], [0, 'schedule']);
        assert.ok(createdAt >= TEN && createdAt <= TEN + 15_000);
      }
      await shop.until(TEN + DAY + MINUTE);
      assert.equal(shop.ids.length, 4);
      assert.ok(shop.ids.includes('schedule.2026-01-06.till-2.0'));
      assert.deepEqual(shop.missed, []);
    },
    {},
    { terminals: ['till-1', 'till-2', { id: 'till-3', disabled: true }] },
  );
});

test('does nothing while it is off, and nothing for a time that was set after it', async () => {
  await inShop(
    async (shop) => {
      await shop.until(TEN + HOUR);
      assert.deepEqual([...shop.ids], []);
      await shop.plan({ enabled: true });
      await shop.until(TEN + 5 * HOUR);
      assert.deepEqual([shop.ids, shop.missed], [[], []]);
      await shop.plan({ at: '01:00' });
      await shop.until(TEN + DAY);
      assert.deepEqual([shop.ids, shop.missed], [[], []]);
      await shop.until(TEN + DAY + 4 * HOUR);
      assert.deepEqual(shop.ids, ['schedule.2026-01-07.till-1.0']);
    },
    { enabled: false },
  );
});

test('is done for the day when its time is moved later', async () => {
  await inShop(async (shop) => {
    await shop.until(TEN + MINUTE);
    await shop.plan({ at: '23:00' });
    await shop.until(TEN + 2 * HOUR);
    assert.deepEqual([shop.ids.length, shop.missed], [1, []]);
  });
});

test('settles only the terminals that are named, each merchant for itself where asked', async () => {
  const merchants = [1, 2].map((index) => ({ index, name: `m${index}`, taxCode: '' }));
  await inShop(
    async (shop) => {
      await shop.until(TEN + MINUTE);
      assert.deepEqual([...shop.ids].sort(), [
        'schedule.2026-01-05.till-2.1',
        'schedule.2026-01-05.till-2.2',
      ]);
      assert.deepEqual(
        shop.settlements.map(({ request }) => request.merchant),
        [1, 2],
      );
    },
    { terminals: ['till-2'], perMerchant: true },
    { terminals: ['till-1', { id: 'till-2', merchants }] },
  );
});

test('leaves out terminals that cannot settle', async () => {
  await inShop(
    async (shop) => {
      await shop.until(TEN + 5 * HOUR);
      assert.deepEqual([shop.ids, shop.missed], [[], []]);
      assert.equal(shop.schedule?.next(), null);
    },
    {},
    {
      prepare: (driver) => {
        driver.capabilities = { ...driver.capabilities, kinds: ['purchase'] };
      },
    },
  );
});

test('runs once on the nights when the clocks change', async () => {
  // 03:30 is left out on 29 March, and comes twice on 25 October.
  const nights = [
    { at: Date.UTC(2026, 2, 29, 0), date: '2026-03-29', due: Date.UTC(2026, 2, 29, 1, 30) },
    { at: Date.UTC(2026, 9, 25, 0), date: '2026-10-25', due: Date.UTC(2026, 9, 25, 0, 30) },
  ];
  for (const { at, date, due } of nights) {
    await inShop(
      async (shop) => {
        await shop.pass(12 * HOUR);
        assert.deepEqual(shop.ids, [`schedule.${date}.till-1.0`]);
        const late = (shop.settlements[0]?.createdAt ?? 0) - due;
        assert.ok(late >= 0 && late <= 15_000, `${date}: ${late}`);
        assert.deepEqual(shop.missed, []);
      },
      { at: '03:30' },
      {},
      at,
    );
  }
});

test('a restart at any moment makes no second settlement', async () => {
  await inShop(async (shop) => {
    shop.scripts(approvesAfter(2 * MINUTE));
    await shop.until(TEN + 30_000);
    assert.equal(shop.settlements[0]?.state, 'running');
    await shop.dark(10_000);
    await shop.pass(30 * MINUTE);
    // Whether it happened is not known: nothing is sent again.
    assert.deepEqual(
      shop.settlements.map(({ state }) => state),
      ['unknown'],
    );
    await shop.world.resolve('schedule.2026-01-05.till-1.0', { verdict: 'approved' });
    await shop.dark(10_000);
    await shop.pass(SETTLEMENT_WINDOW_MS);
    assert.deepEqual(
      shop.settlements.map(({ state }) => state),
      ['approved'],
    );
    assert.deepEqual(shop.missed, []);
  });
});

test('tries again where it is certain that it never happened', async () => {
  await inShop(async (shop) => {
    shop.scripts(losesAnswer(), approvesAfter(10));
    await shop.until(TEN + 10 * MINUTE);
    assert.equal(shop.settlements.length, 1);
    await shop.world.resolve('schedule.2026-01-05.till-1.0', { verdict: 'failed' });
    await shop.pass(5 * MINUTE);
    assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0', 'schedule.2026-01-05.till-1.0.2']);
    assert.equal(shop.settlements[1]?.state, 'approved');
  });
});

test('catches up after a power cut, within its window only', async () => {
  await inShop(async (shop) => {
    await shop.until(TEN - 30 * MINUTE);
    await shop.dark(3 * HOUR);
    await shop.pass(MINUTE);
    assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0']);
    await shop.until(TEN + DAY - HOUR);
    await shop.dark(HOUR + SETTLEMENT_WINDOW_MS + MINUTE);
    await shop.pass(HOUR);
    assert.equal(shop.ids.length, 1);
    assert.deepEqual(shop.missed, ['2026-01-06 till-1 gateway-off']);
    await shop.dark(MINUTE);
    await shop.pass(HOUR);
    assert.equal(shop.missed.length, 1);
  });
});

test('waits while the gate is shut, then settles, or says that it could not', async () => {
  await inShop(async (shop) => {
    shop.scripts(losesAnswer(), approvesAfter(10));
    await shop.world.purchase('lost');
    await shop.until(TEN + HOUR);
    assert.deepEqual([...shop.ids], []);
    await shop.world.resolve('lost');
    await shop.pass(MINUTE);
    assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0']);
    shop.scripts(losesAnswer(), approvesAfter(10));
    await shop.world.purchase('lost-2');
    await shop.until(TEN + DAY + SETTLEMENT_WINDOW_MS + MINUTE);
    assert.deepEqual(shop.missed, ['2026-01-06 till-1 terminal-unresolved']);
    await shop.world.resolve('lost-2');
    await shop.pass(HOUR);
    assert.equal(shop.ids.length, 1);
  });
});

test('waits for a terminal that is away', async () => {
  await inShop(async (shop) => {
    shop.world.driver().setLink('offline');
    await shop.until(TEN + HOUR);
    assert.deepEqual([...shop.ids], []);
    shop.world.driver().setLink('ready');
    await shop.pass(MINUTE);
    assert.equal(shop.ids.length, 1);
    shop.world.driver().setLink('offline');
    await shop.until(TEN + DAY + SETTLEMENT_WINDOW_MS + MINUTE);
    assert.deepEqual(shop.missed, ['2026-01-06 till-1 terminal-offline']);
  });
});

test('waits its turn behind a payment', async () => {
  await inShop(async (shop) => {
    shop.scripts(approvesAfter(2 * MINUTE), approvesAfter(10));
    await shop.until(TEN - MINUTE);
    await shop.world.purchase('before');
    await shop.until(TEN + 30_000);
    assert.equal(shop.settlements[0]?.state, 'queued');
    await shop.pass(2 * MINUTE);
    assert.equal(shop.settlements[0]?.state, 'approved');
    assert.equal(shop.world.driver().mostAtOnce, 1);
  });
});

test('tries again with growing pauses after a refusal, and gives up after its window', async () => {
  await inShop(async (shop) => {
    shop.scripts(endsWith(declined()));
    await shop.until(TEN + SETTLEMENT_WINDOW_MS + HOUR);
    const times = shop.settlements.map(({ createdAt }) => createdAt);
    const pauses = times.slice(1).map((at, index) => Math.round((at - times[index]!) / MINUTE));
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30]);
    assert.deepEqual(shop.missed, ['2026-01-05 till-1 not-successful']);
    assert.equal(shop.notes.current().missed[0]?.operation, shop.ids.at(-1));
  });
});

test('an empty batch is as good as a closed one', async () => {
  await inShop(async (shop) => {
    shop.scripts(endsWith(failedOutcome('journal-empty')));
    await shop.until(TEN + SETTLEMENT_WINDOW_MS + HOUR);
    assert.deepEqual([shop.ids.length, shop.missed], [1, []]);
  });
});

test('what a person cancelled is not started again', async () => {
  await inShop(async (shop) => {
    shop.scripts(cancellable());
    await shop.until(TEN + 30_000);
    await shop.world.cancel('schedule.2026-01-05.till-1.0', ADMINISTRATOR);
    await shop.pass(HOUR);
    assert.deepEqual([shop.ids.length, shop.missed], [1, ['2026-01-05 till-1 cancelled']]);
  });
});

test('waits until the time of day is trusted', async () => {
  await inShop(async (shop) => {
    shop.world.clock.setTrusted(false);
    await shop.until(TEN + HOUR);
    assert.deepEqual([...shop.ids], []);
    shop.world.clock.setTrusted(true);
    await shop.pass(MINUTE);
    assert.equal(shop.ids.length, 1);
    shop.world.clock.setTrusted(false);
    await shop.until(TEN + DAY + SETTLEMENT_WINDOW_MS + HOUR);
    shop.world.clock.setTrusted(true);
    await shop.pass(MINUTE);
    assert.deepEqual(shop.missed, ['2026-01-06 till-1 clock-not-trusted']);
  });
});

test('a clock that is set back or forth makes no second settlement of a day', async () => {
  await inShop(async (shop) => {
    await shop.until(TEN + MINUTE);
    shop.world.clock.jump(-2 * HOUR);
    await shop.pass(3 * HOUR);
    assert.equal(shop.ids.length, 1);
    shop.world.clock.jump(22 * HOUR);
    await shop.pass(2 * HOUR);
    assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0', 'schedule.2026-01-06.till-1.0']);
    shop.world.clock.jump(-DAY);
    await shop.pass(26 * HOUR);
    assert.equal(shop.ids.length, 2);
  });
});

test('a plan that was made by a clock in the future holds once the clock is right', async () => {
  await inShop(
    async (shop) => {
      shop.world.clock.jump(NINE - shop.world.clock.now());
      await shop.until(TEN + MINUTE);
      assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0']);
    },
    {},
    {},
    NINE + 730 * DAY,
  );
});

test('an operation of somebody else under its id does not count as a settlement', async () => {
  await inShop(async (shop) => {
    await shop.world.purchase('schedule.2026-01-05.till-1.0');
    await shop.until(TEN + MINUTE);
    assert.deepEqual(shop.ids, ['schedule.2026-01-05.till-1.0.2']);
  });
});

test('an unknown settlement is not called missed while nobody knows', async () => {
  await inShop(async (shop) => {
    shop.scripts(async (exchange, clock) => {
      await exchange.started(watermarkAt(clock.now()));
      return unknownOutcome('lost-answer');
    });
    await shop.until(TEN + SETTLEMENT_WINDOW_MS + HOUR);
    assert.deepEqual(shop.missed, []);
    await shop.world.resolve('schedule.2026-01-05.till-1.0', { verdict: 'failed' });
    await shop.pass(MINUTE);
    assert.deepEqual(shop.missed, ['2026-01-05 till-1 not-successful']);
  });
});

test('notes that another version wrote do not keep it from starting', () => {
  const strange = { plan: 'daily', since: [], missed: [{ date: 1 }], more: true };
  assert.deepEqual(scheduleNotesSchema.parse(strange), { plan: null, since: {}, missed: [] });
});
