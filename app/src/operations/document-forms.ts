// The forms of the documents that the settings store keeps, and what this release does with parts of
// them that a newer release wrote and that it cannot understand.
//
// A field that is added to a guarded part is optional or null by default, and absent or null means
// what it meant before there was the field: an older release reads it so, and everything else in that
// part switches the part off there. test/operations/document-forms.test.ts holds both rules.
import type { DocumentForm } from '../ports/settings-store.ts';

export const settingsForm: DocumentForm = {
  form: 1,
  mayIgnore: [],
  identities: {
    'nexo.facade.pairings': ['saleId', 'poiId'],
    'terminals.*.merchants': ['index'],
  },
  parts: [
    // Its options go too: what stands there may be a secret in a form of the newer release.
    {
      kind: 'stand-in',
      path: 'terminals.*',
      guarded: true,
      instead: { disabled: true, options: {} },
    },
    { kind: 'stand-in', path: 'soap', guarded: true, instead: { enabled: false } },
    { kind: 'stand-in', path: 'nexo.facade', guarded: true, instead: { enabled: false } },
    // No till calls from the unspecified address.
    {
      kind: 'stand-in',
      path: 'nexo.facade.pairings.*',
      guarded: true,
      instead: { address: '0.0.0.0' },
    },
    // Without an address registrations wait in the outbox; switched off, they would be lost.
    { kind: 'stand-in', path: 'registration', guarded: false, instead: { url: undefined } },
    { kind: 'stand-in', path: 'webhooks.*', guarded: false, instead: { disabled: true } },
    { kind: 'stand-in', path: 'settlement', guarded: false, instead: { enabled: false } },
    { kind: 'default', path: 'shop' },
    { kind: 'default', path: 'http' },
    { kind: 'default', path: 'nexo' },
  ],
};

export const secretsForm: DocumentForm = {
  form: 1,
  mayIgnore: [],
  identities: {},
  parts: [
    // No secret has an empty hash, so nobody can show this key; the rest is a second lock.
    {
      kind: 'stand-in',
      path: 'keys.*',
      guarded: true,
      instead: {
        role: 'auditor',
        hash: '',
        limits: { terminals: [], kinds: [], amountMax: 0 },
      },
    },
    { kind: 'default', path: 'registration' },
    // A webhook without a secret and a driver without its option wait.
    { kind: 'absent', path: 'webhooks.*' },
    { kind: 'absent', path: 'driverOptions.*' },
  ],
};

/** Its schema is lenient by itself. */
export const scheduleNotesForm: DocumentForm = {
  form: 1,
  mayIgnore: [],
  identities: {},
  parts: [],
};
