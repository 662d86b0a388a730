import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { answers, field, openOtherSide, says } from '../outbound/shop.ts';

const COUNT = 10_000;

function life(...words: string[]): {
  child: ChildProcess;
  ready: Promise<void>;
  kill(): Promise<void>;
} {
  const file = new URL('./mortal-shop-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  ready.catch(() => undefined);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    ready,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('ten thousand registrations survive kill -9, arrive, and keep the order of each terminal', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-kill-'));
  const server = await openOtherSide(says('true'));
  const lives: { kill(): Promise<void> }[] = [];
  const uids = (): string[] => server.heard.map(({ body }) => field(body, 'uid') ?? '');
  const heard = async (count: number): Promise<void> => {
    const deadline = Date.now() + 40_000;
    while (server.heard.length < count) {
      if (Date.now() > deadline) throw new Error(`only ${server.heard.length} arrived`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    const began = Date.now();
    const first = life('fill', folder, String(COUNT));
    lives.push(first);
    await first.ready;
    await first.kill();
    const filled = Date.now();
    const second = life('tell', folder, server.url);
    lives.push(second);
    await heard(3_000);
    await second.kill();
    const atKill = server.heard.length;
    const third = life('tell', folder, server.url);
    lives.push(third);
    // Each lane may say one thing twice: what was on its way when the process died.
    const distinct = () => new Set(uids()).size;
    const deadline = Date.now() + 40_000;
    while (distinct() < COUNT && Date.now() < deadline) await heard(server.heard.length + 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(distinct(), COUNT);
    context.diagnostic(
      `filled in ${filled - began} ms, told in ${Date.now() - filled} ms, ` +
        `${server.heard.length - COUNT} of ${atKill} at the kill came twice`,
    );
    assert.ok(server.heard.length - COUNT <= 8 * 2);
    const seen = new Map<string, number>();
    for (const uid of uids()) {
      const [terminal = '', number = ''] = uid.split('.');
      const before = seen.get(terminal) ?? -1;
      assert.ok(Number(number) >= before, `${uid} after ${before}`);
      seen.set(terminal, Number(number));
    }
    server.replies = [answers(500, 'text/plain', '')];
  } finally {
    for (const one of lives) await one.kill();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
