// Reads a document by its schema. One that a newer release wrote is read as far as this release can:
// what it does not know stays out of sight, what it cannot understand is off.
import { z } from 'zod';
import type { DocumentForm, FormPart } from '../ports/settings-store.ts';
import { isRecord, matches, named, type Path, removeAt, valueAt } from './document-path.ts';

export const MARK = 'writtenBy';

/** Loose: whatever else newer releases write into it is kept. */
const markSchema = z.looseObject({ form: z.int().min(0) });
export type Mark = z.infer<typeof markSchema>;

type Issue = z.core.$ZodIssue;

export interface DocumentIssue {
  readonly path: string;
  readonly message: string;
}

export interface Reading<T> {
  readonly kind: 'read';
  readonly value: T;
  /** Of the newer release that wrote it; null where that is this one or an older one. */
  readonly newer: Mark | null;
  /** What lies on the disk, without the mark. */
  readonly body: unknown;
  /** Paths for people. */
  readonly unused: readonly string[];
  /** Parts that are off, by their places in `value`; and for people. */
  readonly off: readonly Path[];
  readonly offNamed: readonly string[];
}

export type Read<T> = Reading<T> | { kind: 'not-valid'; issues: readonly DocumentIssue[] };

/** A document of this release or an older one is read strictly: a slip of the pen is told. */
export function readDocument<T>(data: unknown, schema: z.ZodType<T>, form: DocumentForm): Read<T> {
  const marked = split(data);
  if (marked === null) {
    return { kind: 'not-valid', issues: [{ path: MARK, message: 'is not what a store writes' }] };
  }
  const { mark, body } = marked;
  const newer = mark !== null && mark.form > form.form ? mark : null;
  if (newer !== null) return readNewer(body, schema, form, newer);
  const parsed = schema.safeParse(body);
  if (!parsed.success) return { kind: 'not-valid', issues: told(parsed.error.issues, '') };
  const { data: value } = parsed;
  return { kind: 'read', value, newer, body, unused: [], off: [], offNamed: [] };
}

/** What keeps the document from being read, without its values; null where nothing does. */
export function documentFault(data: unknown, schema: z.ZodType, form: DocumentForm): string | null {
  const read = readDocument(data, schema, form);
  const [issue] = read.kind === 'not-valid' ? read.issues : [];
  return issue === undefined ? null : `${issue.path}: ${issue.message}`;
}

/** What goes to the disk; the mark of a newer release stays. */
export function withMark(body: unknown, form: DocumentForm, newer: Mark | null): unknown {
  const own = { form: form.form, mayIgnore: [...form.mayIgnore] };
  return { [MARK]: newer ?? own, ...(body as object) }; // the schema of a document is an object's
}

function split(data: unknown): { mark: Mark | null; body: unknown } | null {
  if (!isRecord(data) || !Object.hasOwn(data, MARK)) return { mark: null, body: data };
  const { [MARK]: raw, ...body } = data;
  const mark = markSchema.safeParse(raw);
  return mark.success ? { mark: mark.data, body } : null;
}

/** INVARIANT: each round takes something out of `work` or switches a part off, so it ends. */
function readNewer<T>(
  body: unknown,
  schema: z.ZodType<T>,
  form: DocumentForm,
  newer: Mark,
): Read<T> {
  const taken: Taken = { work: structuredClone(body), unused: [], off: [] };
  for (;;) {
    const parsed = schema.safeParse(taken.work);
    if (parsed.success) {
      const name = (path: Path): string => named(body, path, form.identities);
      const { unused, off } = taken;
      const shown = { unused: unused.map(name), off, offNamed: off.map(name) };
      return { kind: 'read', value: parsed.data, newer, body, ...shown };
    }
    const { issues } = parsed.error;
    if (takeUnknown(taken, issues, form, newer) || settle(taken, issues, form)) continue;
    const who = ` (written by a newer release: form ${newer.form}, this one knows ${form.form})`;
    return { kind: 'not-valid', issues: told(issues, who) };
  }
}

interface Taken {
  readonly work: unknown;
  readonly unused: Path[];
  readonly off: Path[];
}

function takeUnknown(
  taken: Taken,
  issues: readonly Issue[],
  form: DocumentForm,
  newer: Mark,
): boolean {
  const found = unknownOf(issues, []).map((path) => ({ path, value: valueAt(taken.work, path) }));
  const removed = found.filter(({ path }) => removeAt(taken.work, path));
  taken.unused.push(...removed.map(({ path }) => path));
  // After all of them were seen: what stands in has no place for them.
  for (const { path, value } of removed) {
    const part = partOf(path, form);
    if (part?.kind !== 'stand-in' || !part.guarded || value === null) continue;
    if (mayIgnore(newer).some((pattern) => matches(pattern, path))) continue;
    switchOff(taken, part, path);
  }
  return removed.length > 0;
}

/** Of the newer release; none where it says so in a way of its own. */
function mayIgnore({ mayIgnore: patterns }: Mark): readonly string[] {
  return z.array(z.string()).safeParse(patterns).data ?? [];
}

/** Values that this release does not understand; false where there is nothing safe to do. */
function settle(taken: Taken, issues: readonly Issue[], form: DocumentForm): boolean {
  let changed = false;
  for (const { path: place } of issues) {
    const path = place.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const part = partOf(path, form);
    if (part === null) continue;
    const depth = part.path.split('.').length;
    const gone = path.slice(0, part.kind === 'absent' ? depth : depth + 1);
    // A rule over the whole part names no field of it.
    if (gone.length > depth || part.kind === 'absent') {
      if (removeAt(taken.work, gone)) {
        taken.unused.push(gone);
        changed = true;
      }
    }
    if (part.kind === 'stand-in' && switchOff(taken, part, path)) changed = true;
  }
  return changed;
}

/** False where it was off already, or is nothing that could be. */
function switchOff(
  { work, off }: Taken,
  part: Extract<FormPart, { kind: 'stand-in' }>,
  within: Path,
): boolean {
  const path = within.slice(0, part.path.split('.').length);
  const place = valueAt(work, path);
  if (!isRecord(place)) return false;
  const known = off.some((one) => one.join('.') === path.join('.'));
  if (!known) off.push(path);
  let changed = !known;
  for (const [name, value] of Object.entries(part.instead)) {
    if (value !== undefined) place[name] = structuredClone(value);
    else if (removeAt(work, [...path, name])) changed = true;
  }
  return changed;
}

/** The deepest part that holds this place. */
function partOf(path: Path, { parts }: DocumentForm): FormPart | null {
  const holding = parts.filter((part) => {
    const depth = part.path.split('.').length;
    return depth <= path.length && matches(part.path, path.slice(0, depth));
  });
  const [deepest] = holding.toSorted((a, b) => b.path.split('.').length - a.path.split('.').length);
  return deepest ?? null;
}

/** Places of members that the schema does not know; of a union, where one form fits otherwise. */
function unknownOf(issues: readonly Issue[], base: Path): Path[] {
  return issues.flatMap((issue): Path[] => {
    const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
    if (issue.code !== 'invalid_union') return [];
    const fitting = issue.errors.filter(onlyUnknown).map((one) => unknownOf(one, path));
    return fitting.toSorted((a, b) => a.length - b.length)[0] ?? [];
  });
}

function onlyUnknown(issues: readonly Issue[]): boolean {
  return issues.every(
    (issue) =>
      issue.code === 'unrecognized_keys' ||
      (issue.code === 'invalid_union' && issue.errors.some(onlyUnknown)),
  );
}

function told(issues: readonly Issue[], more: string): readonly DocumentIssue[] {
  return issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message: `${message}${more}`,
  }));
}
