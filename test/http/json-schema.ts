// A small check of data against JSON Schema (2020-12), written without the library that makes ours.

type Schema = Readonly<Record<string, unknown>>;

const KNOWN = new Set(
  (
    'type enum const properties required additionalProperties propertyNames items oneOf anyOf ' +
    'pattern minimum maximum minLength maxLength maxItems minItems format $ref description default'
  ).split(' '),
);

/** Faults as `path: what`, empty where the data fits. Throws on a keyword that it does not know. */
export function faultsAgainst(schema: Schema, data: unknown, root: Schema, path = '$'): string[] {
  for (const keyword of Object.keys(schema)) {
    if (!KNOWN.has(keyword)) throw new Error(`unknown keyword ${keyword} at ${path}`);
  }
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    return faultsAgainst(resolve(root, reference), data, root, path);
  }
  return [
    ...unionFaults(schema, data, root, path),
    ...typeFaults(schema, data, path),
    ...textAndNumberFaults(schema, data, path),
    ...memberFaults(schema, data, root, path),
  ];
}

function resolve(root: Schema, reference: string): Schema {
  let at: unknown = root;
  for (const name of reference.replace('#/', '').split('/')) {
    at = (at as Record<string, unknown>)[name];
  }
  if (at === undefined) throw new Error(`no ${reference}`);
  return at as Schema;
}

function unionFaults(schema: Schema, data: unknown, root: Schema, path: string): string[] {
  const members = (schema['oneOf'] ?? schema['anyOf']) as Schema[] | undefined;
  if (members === undefined) return [];
  const tried = members.map((member) => faultsAgainst(member, data, root, path));
  const fitting = tried.filter((faults) => faults.length === 0).length;
  if (schema['oneOf'] !== undefined && fitting > 1) return [`${path}: fits ${fitting} of oneOf`];
  return fitting > 0
    ? []
    : [`${path}: fits none of: ${tried.map((faults) => faults[0]).join(' / ')}`];
}

function typeOf(data: unknown): string {
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'array';
  return Number.isInteger(data) ? 'integer' : typeof data;
}

function typeFaults(schema: Schema, data: unknown, path: string): string[] {
  const faults: string[] = [];
  const types = [(schema['type'] ?? []) as string | string[]].flat();
  const type = typeOf(data);
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
  if (types.length > 0 && !fits) faults.push(`${path}: ${type}, not ${types.join('|')}`);
  const allowed = schema['enum'] as unknown[] | undefined;
  if (allowed !== undefined && !allowed.includes(data)) faults.push(`${path}: not in enum`);
  if ('const' in schema && schema['const'] !== data) faults.push(`${path}: not the const`);
  return faults;
}

function textAndNumberFaults(schema: Schema, data: unknown, path: string): string[] {
  const number = (name: string): number | undefined => schema[name] as number | undefined;
  const out = (size: number, low: string, high: string): boolean =>
    size < (number(low) ?? -Infinity) || size > (number(high) ?? Infinity);
  if (typeof data === 'number' && out(data, 'minimum', 'maximum'))
    return [`${path}: out of bounds`];
  if (Array.isArray(data) && out(data.length, 'minItems', 'maxItems')) return [`${path}: length`];
  if (typeof data !== 'string') return [];
  if (out(data.length, 'minLength', 'maxLength')) return [`${path}: length`];
  const pattern = schema['pattern'] as string | undefined;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(data)) return [`${path}: pattern`];
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
  return schema['format'] === 'date-time' && !time.test(data) ? [`${path}: not a time`] : [];
}

function memberFaults(schema: Schema, data: unknown, root: Schema, path: string): string[] {
  if (Array.isArray(data)) {
    const items = schema['items'] as Schema | undefined;
    if (items === undefined) return [];
    return data.flatMap((item, index) => faultsAgainst(items, item, root, `${path}[${index}]`));
  }
  if (data === null || typeof data !== 'object') return [];
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const rest = schema['additionalProperties'] as Schema | boolean | undefined;
  const faults = ((schema['required'] ?? []) as string[])
    .filter((name) => !Object.hasOwn(data, name))
    .map((name) => `${path}.${name}: missing`);
  for (const [name, value] of Object.entries(data)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : rest;
    if (inner === false) faults.push(`${path}.${name}: not allowed`);
    if (typeof inner === 'object') {
      faults.push(...faultsAgainst(inner, value, root, `${path}.${name}`));
    }
  }
  return faults;
}
