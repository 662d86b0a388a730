// Brings a change into a document of which this release sees only a part: what it does not see stays
// where it is.
import { isDeepStrictEqual } from 'node:util';
import type { DocumentForm } from '../ports/settings-store.ts';
import { identityFields, identityOf, isRecord, type Path, valueAt } from './document-path.ts';
import type { DocumentIssue, Reading } from './newer-document.ts';

/**
 * `body` with everything that differs between `reading.value` and `next`. What did not change stays
 * as it was written, also where `value` shows a default or something that stands in for it.
 *
 * Elements of a list are followed by what tells them apart (`identities`, `id`, `name`), wherever
 * they moved; one that is removed takes along what was kept in it. Where nothing tells them apart
 * they are followed by their positions while their number is the same, and not at all otherwise.
 */
export function keepUnused(reading: Reading<unknown>, next: unknown, form: DocumentForm): unknown {
  return merged({ body: reading.body, value: reading.value, next }, [], form);
}

interface Three {
  readonly body: unknown;
  readonly value: unknown;
  readonly next: unknown;
}

function merged({ body, value, next }: Three, path: Path, form: DocumentForm): unknown {
  if (isDeepStrictEqual(value, next)) return body;
  if (isRecord(body) && isRecord(value) && isRecord(next)) {
    return mergedRecord(body, value, next, path, form);
  }
  if (Array.isArray(body) && Array.isArray(value) && Array.isArray(next)) {
    return mergedList(body, value, next, path, form);
  }
  return next;
}

function mergedRecord(
  body: Record<string, unknown>,
  value: Record<string, unknown>,
  next: Record<string, unknown>,
  path: Path,
  form: DocumentForm,
): unknown {
  const unseen = Object.keys(body).filter((name) => !own(value, name).there);
  const names = [...new Set([...unseen, ...Object.keys(next)])];
  // In the order of the document, what is new at its end.
  const sorted = [
    ...Object.keys(body).filter((name) => names.includes(name)),
    ...names.filter((name) => !Object.hasOwn(body, name)),
  ];
  const entries = sorted.flatMap((name): [string, unknown][] => {
    if (!Object.hasOwn(next, name)) return [[name, own(body, name).value]];
    const three = {
      body: own(body, name).value,
      value: own(value, name).value,
      next: own(next, name).value,
    };
    const result = merged(three, [...path, name], form);
    // Absent before, and what stands for it did not change.
    return result === undefined ? [] : [[name, result]];
  });
  return Object.fromEntries(entries);
}

function own(record: Record<string, unknown>, name: string): { there: boolean; value: unknown } {
  const there = Object.hasOwn(record, name);
  return { there, value: there ? record[name] : undefined };
}

function mergedList(
  body: readonly unknown[],
  value: readonly unknown[],
  next: readonly unknown[],
  path: Path,
  form: DocumentForm,
): unknown {
  // A schema that shortens a list leaves no positions to go by.
  if (body.length !== value.length) return next;
  const before = follow(value, next, path, form);
  return next.map((element, at) => {
    const from = before[at] ?? null;
    if (from === null) return element;
    const three = { body: body[from], value: value[from], next: element };
    return merged(three, [...path, from], form);
  });
}

/** For each element of `next` its position in `value`, or null where it is new. */
function follow(
  value: readonly unknown[],
  next: readonly unknown[],
  path: Path,
  { identities }: DocumentForm,
): readonly (number | null)[] {
  const fields = identityFields([...value, ...next], path, identities);
  if (fields === null) {
    return next.map((_, at) => (next.length === value.length ? at : null));
  }
  const places = new Map<string, number[]>();
  for (const [at, element] of value.entries()) {
    const name = JSON.stringify(identityOf(element, fields));
    places.set(name, [...(places.get(name) ?? []), at]);
  }
  // Of several with one identity the first is the first.
  return next.map((element) => {
    const identity = identityOf(element, fields);
    return identity === null ? null : (places.get(JSON.stringify(identity))?.shift() ?? null);
  });
}

/** What `next` changes in parts that are off; an element that is gone from its list is no issue. */
export function changesWhatIsOff(
  { value, off, offNamed }: Reading<unknown>,
  next: unknown,
  form: DocumentForm,
): readonly DocumentIssue[] {
  return off.flatMap((path, index): DocumentIssue[] => {
    const before = valueAt(value, path);
    const list = path.slice(0, -1);
    const position = path.at(-1);
    const [lists, listsNext] = [valueAt(value, list), valueAt(next, list)];
    let after = valueAt(next, path);
    if (typeof position === 'number' && Array.isArray(lists) && Array.isArray(listsNext)) {
      const to = follow(lists, listsNext, list, form).indexOf(position);
      if (to < 0) return [];
      after = listsNext[to];
    }
    if (isDeepStrictEqual(before, after)) return [];
    const message = 'is set by a newer release and off in this one; it cannot be changed here';
    return [{ path: offNamed[index] ?? '', message }];
  });
}
