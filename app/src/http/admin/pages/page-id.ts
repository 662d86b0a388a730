// Ids of operations that pages start. They stand in the form, so pressing twice is one operation.
import { OPERATION_ID_PATTERN, type OperationId } from '../../../domain/ids.ts';
import type { Random } from '../../../ports/clock.ts';

export function newPageId(random: Random): string {
  return `page-${Buffer.from(random.bytes(10)).toString('hex')}`;
}

/** Null where the form has another id than ours. */
export function pageId(text: string): OperationId | null {
  const ours = /^page-[0-9a-f]{20}$/.test(text) && OPERATION_ID_PATTERN.test(text);
  return ours ? (text as OperationId) : null; // the pattern is the brand
}
