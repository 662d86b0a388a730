// A judge in namespaces of its own, where the terminals have the ports that the gateway knows:
// `judge-process.ts ROOM KEPT`; the path of a job on each line, its verdict on another.
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { run } from '../../image/run.ts';
import { type Job, judge } from './judge.ts';

const [room, kept] = process.argv.slice(2);
if (room === undefined || kept === undefined) throw new Error('ROOM KEPT');
run('ip', ['link', 'set', 'lo', 'up']);
for await (const path of createInterface({ input: process.stdin })) {
  const job = JSON.parse(readFileSync(path, 'utf8')) as Job; // written by judges.ts
  rmSync(path);
  process.stdout.write(`${JSON.stringify(await judge(job, room, kept))}\n`);
}
process.exit(0);
