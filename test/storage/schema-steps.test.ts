import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayGoOn, usableAfter } from '../../app/src/storage/schema-steps.ts';

test('what one step forbids to older programs, no later one allows', () => {
  assert.equal(usableAfter([{ usableFrom: 1 }, { usableFrom: 2 }, { usableFrom: 1 }]), 2);
  assert.equal(usableAfter([]), 0);
});

test('a program goes on with its own tables, older ones, and newer ones that allow it', () => {
  assert.equal(mayGoOn(2, { version: 2, usableFrom: 2 }), true);
  assert.equal(mayGoOn(3, { version: 2, usableFrom: 2 }), true);
  assert.equal(mayGoOn(2, { version: 4, usableFrom: 2 }), true);
  assert.equal(mayGoOn(2, { version: 4, usableFrom: 3 }), false);
});
