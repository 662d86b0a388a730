// What keeps a rollback possible: a schema that changed has another form, and what a newer release
// adds to a guarded part says nothing until somebody sets it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { z } from 'zod';
import { secretsForm, settingsForm } from '../../app/src/operations/document-forms.ts';
import {
  keyLimitsSchema,
  nexoPairingSchema,
  nexoSchema,
  secretsSchema,
  settingsSchema,
  soapSchema,
  terminalSchema,
} from '../../app/src/operations/settings-schema.ts';
import type { DocumentForm } from '../../app/src/ports/settings-store.ts';

const SETTINGS: readonly string[] = ['5e9b0ad2a2dd9a2d'];
const SECRETS: readonly string[] = ['8af0806f341be15e'];

for (const [name, schema, form, prints] of [
  ['settings', settingsSchema, settingsForm, SETTINGS],
  ['secrets', secretsSchema, secretsForm, SECRETS],
] as const) {
  test(`the schema of the ${name} is the one of its form`, () => {
    const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const print = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
    assert.equal(
      prints[form.form - 1],
      print,
      `the schema of the ${name} has changed. Where form ${form.form} was released, raise it in ` +
        `operations/document-forms.ts and append '${print}' here; otherwise put it in its place`,
    );
    assert.equal(prints.length, form.form);
  });
}

/** The fields of the first form in each guarded part; they are never taken out of this table. */
const FIRST: readonly (readonly [DocumentForm, string, z.ZodObject, string])[] = [
  [
    settingsForm,
    'terminals.*',
    terminalSchema,
    'id name driver address currency defaultMerchant merchants disabled loyalty options',
  ],
  [settingsForm, 'soap', soapSchema, 'enabled authentication defaultTerminal publicAddress'],
  [settingsForm, 'nexo.facade', nexoSchema.shape.facade.unwrap(), 'enabled port pairings'],
  [
    settingsForm,
    'nexo.facade.pairings.*',
    nexoPairingSchema,
    'saleId poiId terminal address key callBack unfinished',
  ],
  [
    secretsForm,
    'keys.*',
    secretsSchema.shape.keys.unwrap().element,
    'name role limits hash createdAt',
  ],
  [secretsForm, 'keys.*.limits', keyLimitsSchema, 'terminals kinds amountMax'],
];

test('a field that came later is absent or null where nobody set it', () => {
  for (const [form, path, schema, first] of FIRST) {
    for (const [name, field] of Object.entries(schema.shape)) {
      if (first.split(' ').includes(name)) continue;
      if (form.mayIgnore.includes(`${path}.${name}`)) continue;
      const value = (field as z.ZodType).safeParse(undefined);
      assert.ok(
        value.success && (value.data ?? null) === null,
        `${path}.${name}: make it optional, or null by default with the meaning «as before»; or ` +
          'name it in mayIgnore where an older release may go on without it',
      );
    }
  }
});

test('every guarded part is in the table above', () => {
  for (const form of [settingsForm, secretsForm]) {
    for (const part of form.parts) {
      if (part.kind !== 'stand-in' || !part.guarded) continue;
      assert.ok(
        FIRST.some(([one, path]) => one === form && path === part.path),
        part.path,
      );
    }
  }
});
