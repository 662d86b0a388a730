// Puts an update into the other slot. The running system and the money on its way are not touched.
import { z } from 'zod';
import { INSTALL_TIMEOUT_MS } from '../domain/limits.ts';
import type { RunCommand } from '../system/commands.ts';
import type { Permission } from './guard.ts';

export interface InstallParts {
  readonly run: RunCommand;
  readonly permission: () => Permission;
  /** The oldest schema that a program must know to write the ledger of this appliance. */
  readonly ledgerNeeds: () => number;
  /** Notes what works now, to compare after the restart. */
  readonly remember: () => Promise<void>;
  /** Lines that RAUC prints while it works. */
  readonly onLine?: (line: string) => void;
}

export type Installation =
  | { kind: 'installed'; version: string }
  | { kind: 'refused'; permission: Exclude<Permission, { kind: 'allowed' }> }
  /** Not signed by a key that this appliance trusts, damaged, or not a bundle for it. */
  | { kind: 'not-trusted'; detail: string }
  /** Its program cannot read the ledger of this appliance. */
  | { kind: 'too-old'; version: string; bundleSchema: number; ledgerNeeds: number }
  | { kind: 'failed'; detail: string };

/** `build` is where our bundles name the ledger's schema: image/signing.ts writes it. */
const infoSchema = z.object({
  update: z.object({ version: z.string(), build: z.string().default('') }),
});

export async function install(parts: InstallParts, file: string): Promise<Installation> {
  const permission = parts.permission();
  if (permission.kind !== 'allowed') return { kind: 'refused', permission };
  const info = await parts.run('rauc', ['info', '--output-format=json-2', file]);
  if (!info.ok) return { kind: 'not-trusted', detail: info.text };
  const bundle = parseInfo(info.text);
  if (bundle === null) return { kind: 'not-trusted', detail: 'the bundle tells no version' };
  const ledgerNeeds = parts.ledgerNeeds();
  if (bundle.schema < ledgerNeeds) {
    return { kind: 'too-old', version: bundle.version, bundleSchema: bundle.schema, ledgerNeeds };
  }
  await parts.remember();
  const done = await parts.run('rauc', ['install', file], {
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(parts.onLine === undefined ? {} : { onLine: parts.onLine }),
  });
  if (done.ok) return { kind: 'installed', version: bundle.version };
  const now = parts.permission();
  if (now.kind !== 'allowed') return { kind: 'refused', permission: now };
  return { kind: 'failed', detail: done.text };
}

/** A bundle that names no schema is older than the name: it reads nothing newer than the first. */
export function parseInfo(text: string): { version: string; schema: number } | null {
  // RAUC writes its own messages before the JSON.
  const start = text.search(/^\{/m);
  if (start < 0) return null;
  try {
    const { version, build } = infoSchema.parse(JSON.parse(text.slice(start))).update;
    return { version, schema: Number(/^ledger-schema-(\d+)$/.exec(build)?.[1] ?? 1) };
  } catch {
    return null;
  }
}
