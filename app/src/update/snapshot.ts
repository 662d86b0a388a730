// What worked before an update, to be found working after it.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeDurable } from '../storage/durable-file.ts';
import type { OwnHealth } from './health.ts';

const snapshotSchema = z.object({ working: z.array(z.string()) });

export async function keepSnapshot(path: string, health: OwnHealth | null): Promise<void> {
  const working = health?.parts.filter((part) => part.ok).map((part) => part.name) ?? [];
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeDurable(path, `${JSON.stringify({ working })}\n`);
}

/** Names of the parts that worked when the update was installed; none where nobody noted them. */
export async function readSnapshot(path: string): Promise<readonly string[]> {
  try {
    const parsed = snapshotSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data.working : [];
  } catch {
    // Never written, or written by another version: then only the gateway's own word counts.
    return [];
  }
}

/** Parts that worked before and do not now. */
export function missingParts(before: readonly string[], health: OwnHealth): readonly string[] {
  const working = new Set(health.parts.filter((part) => part.ok).map((part) => part.name));
  return before.filter((name) => !working.has(name));
}
