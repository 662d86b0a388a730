// Places in a JSON document.

/** Names of members and positions in lists, from the root. */
export type Path = readonly (string | number)[];

/** Whether the pattern (`terminals.*`) names this place; `*` is any member or position. */
export function matches(pattern: string, path: Path): boolean {
  const names = pattern.split('.');
  return (
    names.length === path.length &&
    names.every((name, at) => name === '*' || name === String(path[at]))
  );
}

export function valueAt(root: unknown, path: Path): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step]; // it has that member
  }
  return value;
}

/** False where there is nothing; elements of a list stay, for their positions name things. */
export function removeAt(root: unknown, path: Path): boolean {
  const holder = valueAt(root, path.slice(0, -1));
  const name = path.at(-1);
  if (name === undefined || !isRecord(holder) || !Object.hasOwn(holder, name)) return false;
  return Reflect.deleteProperty(holder, name);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const PLAIN = /^[\w.:@/-]{1,64}$/;

/** For people: an element of a list by what tells it apart. Holds no values but those. */
export function named(
  root: unknown,
  path: Path,
  identities: Readonly<Record<string, readonly string[]>>,
): string {
  return path
    .map((step, at) => {
      if (typeof step === 'string') return PLAIN.test(step) ? step : JSON.stringify(step);
      const list = valueAt(root, path.slice(0, at));
      const identity = Array.isArray(list)
        ? identityOf(list[step], identityFields(list, path.slice(0, at), identities))
        : null;
      return identity === null ? String(step) : identity.map(String).join('/').slice(0, 100);
    })
    .join('.');
}

/** The fields that tell the elements of this list apart, or null. */
export function identityFields(
  list: readonly unknown[],
  path: Path,
  identities: Readonly<Record<string, readonly string[]>>,
): readonly string[] | null {
  const known = Object.entries(identities).find(([pattern]) => matches(pattern, path));
  if (known !== undefined) return known[1];
  for (const field of ['id', 'name']) {
    if (list.every((one) => identityOf(one, [field]) !== null)) return [field];
  }
  return null;
}

export function identityOf(
  element: unknown,
  fields: readonly string[] | null,
): (string | number)[] | null {
  if (fields === null || !isRecord(element)) return null;
  const values = fields.map((field) => (Object.hasOwn(element, field) ? element[field] : null));
  const told = values.filter((one) => typeof one === 'string' || typeof one === 'number');
  return told.length === fields.length ? told : null;
}
