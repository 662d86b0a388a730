import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationId, terminalId } from '../../app/src/domain/ids.ts';

const OPERATION_IDS: readonly (readonly [id: string, valid: boolean])[] = [
  ['a', true],
  ['sale-1', true],
  ['7D3E1A52-0E0E-4B8E-9E57-1F2F0A3C4D5E', true],
  ['A.z_~-9', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['', false],
  [' ', false],
  ['a b', false],
  ['a/b', false],
  ['a%20', false],
  ['оплата', false],
  ['a\n', false],
  ['a\0', false],
];

for (const [id, valid] of OPERATION_IDS) {
  test(`${JSON.stringify(id)} ${valid ? 'names' : 'cannot name'} an operation`, () => {
    if (valid) assert.equal(operationId(id), id);
    else assert.throws(() => operationId(id), RangeError);
  });
}

const TERMINAL_IDS: readonly (readonly [id: string, valid: boolean])[] = [
  ['till-1', true],
  ['1', true],
  ['a'.repeat(32), true],
  ['a'.repeat(33), false],
  ['-a', false],
  ['Till', false],
  ['a_b', false],
  ['', false],
  ['a\n', false],
];

for (const [id, valid] of TERMINAL_IDS) {
  test(`${JSON.stringify(id)} ${valid ? 'names' : 'cannot name'} a terminal`, () => {
    if (valid) assert.equal(terminalId(id), id);
    else assert.throws(() => terminalId(id), RangeError);
  });
}
