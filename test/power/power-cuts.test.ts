// The power of a gateway goes hundreds of times in the middle of payments; what the disk then holds
// is mounted and judged. TILLGATE_DISK_CUTS says how often, TILLGATE_SEED draws the same again.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Careless } from './bundle.ts';
import type { Left } from './controls.ts';
import { REMAINS } from './disk.ts';
import { cannotCut } from './here.ts';
import type { Verdict } from './judge.ts';
import { runPlan } from './power.ts';
import { PHASES } from './rules.ts';

const CUTS = Number(process.env['TILLGATE_DISK_CUTS'] ?? 200);
const SEED = Number(process.env['TILLGATE_SEED'] ?? Date.now() % 1_000_000_000);
const CANARY_CUTS = 6;
const CANARY_SECONDS = 120;
/** From so many cuts on each phase must have been met. */
const CUTS_OF_ALL_PHASES = 50;
const JUDGES = 3;
/** Twice what a machine takes that does something else besides. */
const SECONDS = 120 + CUTS * 3.5;

const why = cannotCut();
const skip = why ?? false;
const kept = join(tmpdir(), `tillgate-power-cuts-${SEED}`);
const common = { kept, seed: SEED, judges: JUDGES } as const;

test('control: a cut takes what was not flushed, and nothing else', { skip }, async () => {
  const [found] = await runPlan<Left[]>({ ...common, what: 'controls', cuts: 0 }, 60);
  const left = (flushing: boolean, barriers: boolean, remains: Left['remains']): number =>
    found?.find(
      (one) => one.flushing === flushing && one.barriers === barriers && one.remains === remains,
    )?.left ?? assert.fail('no such control');
  for (const remains of ['flushed', 'sent', 'some'] as const) {
    assert.equal(left(true, true, remains), 50, `a writer that flushes lost files (${remains})`);
    assert.ok(left(false, true, remains) < 50, `a writer that never flushes kept all (${remains})`);
  }
  // A file system that does not tell the disk to flush: only the disk's cache has its writes.
  assert.ok(left(true, false, 'flushed') < 50, 'the cache of the disk survived the cut');
  assert.equal(left(true, false, 'sent'), 50);
});

/** What a cut takes from a gateway that does not wait for the disk. */
const LOSSES: Readonly<Record<Careless, RegExp>> = {
  ledger: /^lost operation/,
  everything: /^lost (?:setting|key|removal)|\b(?:settings|secrets)\.json/,
};
for (const careless of ['ledger', 'everything'] as const) {
  test(`canary: ${careless} written without waiting for the disk is caught`, { skip }, async () => {
    const own = { ...common, kept: `${kept}-${careless}` };
    const plan = { ...own, what: 'cuts', cuts: CANARY_CUTS } as const;
    const verdicts = await runPlan<Verdict>(plan, CANARY_SECONDS, careless);
    const findings = verdicts.flatMap((verdict) => verdict.findings);
    assert.ok(
      findings.some((finding) => LOSSES[careless].test(finding)),
      `nobody noticed a loss: ${findings.slice(0, 20).join('\n')}`,
    );
    rmSync(plan.kept, { recursive: true });
  });
}

test(`${CUTS} power cuts lose no answer, charge nothing twice, and leave whole books`, {
  skip,
  timeout: (SECONDS + 30) * 1_000,
}, async (context) => {
  context.diagnostic(`seed ${SEED}: TILLGATE_SEED=${SEED} draws the same cuts`);
  const began = performance.now();
  const verdicts = await runPlan<Verdict>({ ...common, what: 'cuts', cuts: CUTS }, SECONDS);
  const seconds = (performance.now() - began) / 1_000;
  context.diagnostic(summary(verdicts, seconds));
  const findings = verdicts.flatMap((verdict) =>
    verdict.findings.map((finding) => `cut ${verdict.cut}: ${finding}`),
  );
  assert.deepEqual(findings, [], `seed ${SEED}; disks and journals are in ${kept}`);
  assert.equal(verdicts.length, CUTS);
  if (CUTS < CUTS_OF_ALL_PHASES) return;
  for (const phase of PHASES) {
    assert.ok(
      verdicts.some(({ phases }) => phases.includes(phase)),
      `no cut fell upon an operation that was ${phase}`,
    );
  }
});

function summary(verdicts: readonly Verdict[], seconds: number): string {
  const cutIn = (phase: string): number =>
    verdicts.filter(({ phases }) => phases.some((one) => one === phase)).length;
  const held = (remains: string): number =>
    verdicts.filter((verdict) => verdict.remains === remains).length;
  const persons = verdicts.flatMap((verdict) => verdict.persons);
  const codes = [...new Set(persons)].sort();
  const many = codes.map((code) => `${persons.filter((one) => one === code).length} ${code}`);
  const slowest = Math.max(...verdicts.map(({ ms }) => ms));
  const mean = verdicts.reduce((sum, { ms }) => sum + ms, 0) / verdicts.length;
  return [
    `${verdicts.length} cuts in ${seconds.toFixed(0)} s`,
    `cuts upon an operation that was ${PHASES.map((phase) => `${phase}: ${cutIn(phase)}`).join(', ')}`,
    `the disk held ${REMAINS.map((remains) => `${remains}: ${held(remains)}`).join(', ')}`,
    `operations in flight ${verdicts.reduce((sum, { phases }) => sum + phases.length, 0)}`,
    `left to a person: ${many.join(', ') || 'none'}`,
    `a verdict took ${mean.toFixed(0)} ms, at most ${slowest.toFixed(0)} ms`,
  ].join('; ');
}
