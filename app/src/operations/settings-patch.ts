// A change of the settings as a document: what is left out stays, null means the default, a list
// is replaced as a whole (RFC 7396). The shapes come from the schemas of the documents themselves.
import { z } from 'zod';
import { secretsSchema, settingsSchema } from './settings-schema.ts';

/** Terminals have routes of their own: a change of one may have to wait for its payment. */
const sections = settingsSchema.omit({ version: true, terminals: true });
/** Keys too: their secrets are made here and shown once. What a driver keeps goes with its terminal. */
const secretSections = secretsSchema.omit({ version: true, keys: true, driverOptions: true });

/** Has passed `settingsPatchSchema`; `secrets` are only ever written. */
export type SettingsPatch = Readonly<Record<string, unknown>> & {
  readonly secrets?: Readonly<Record<string, unknown>>;
};

/** Each fault has the path of its field; fields that nobody knows are faults. */
export const settingsPatchSchema = z.strictObject({
  ...patchShape(sections),
  secrets: z
    .strictObject(patchShape(secretSections))
    .optional()
    .meta({ description: 'Written, never answered' }),
}) as unknown as z.ZodType<SettingsPatch>; // the shape is made of the schemas' own parts

/** All settings but terminals, and for each secret whether it is set. */
export const settingsViewSchema = z.object({
  ...sections.shape,
  secrets: presenceSchema(secretSections).meta({ description: 'Which secrets are set' }),
});
export type SettingsView = z.infer<typeof sections> & { readonly secrets: unknown };

/**
 * RFC 7396: a new value; nothing of `target` or `patch` is changed. Where the schema has null as a
 * value of its own, null is that value.
 */
export function merged(target: unknown, patch: unknown, schema: z.ZodType): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    const part = partOf(schema, name);
    if (value === null && !(bare(part) instanceof z.ZodNullable)) result.delete(name);
    else result.set(name, merged(result.get(name), value, part));
  }
  return Object.fromEntries(result);
}

/** True for each text that is not empty, in the shape of the secrets. */
export function presence(secret: unknown): unknown {
  if (!isObject(secret)) return typeof secret === 'string' && secret !== '';
  return Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, presence(value)]));
}

function partOf(schema: z.ZodType, name: string): z.ZodType {
  const inner = bare(schema);
  const part = inner instanceof z.ZodObject ? inner.shape[name] : undefined;
  return (part ?? z.unknown()) as z.ZodType; // made by the same library
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function patchShape(schema: z.ZodObject): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([name, part]) => [
      name,
      patchOf(part as z.ZodType)
        .nullable()
        .optional(), // the parts of an object schema
    ]),
  );
}

function patchOf(schema: z.ZodType): z.ZodType {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return z.strictObject(patchShape(inner));
  if (inner instanceof z.ZodRecord) return z.record(inner.keyType, patched(inner.valueType));
  return inner;
}

function patched(value: z.core.$ZodType): z.ZodType {
  return (value as z.ZodType).nullable(); // made by the same library
}

function presenceSchema(schema: z.ZodType): z.ZodType {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) {
    const parts = Object.entries(inner.shape).map(([name, part]) => [
      name,
      presenceSchema(part as z.ZodType), // the parts of an object schema
    ]);
    return z.object(Object.fromEntries(parts) as Record<string, z.ZodType>); // as just made
  }
  return inner instanceof z.ZodRecord ? z.record(inner.keyType, z.boolean()) : z.boolean();
}

/** Without defaults: in a patch, what is left out is not the default. */
function bare(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional;
  return wrapped ? bare(schema.unwrap() as z.ZodType) : schema; // as above
}
