// A till of 1C names its payments by any text; our ids have an alphabet.
import { createHash } from 'node:crypto';
import { OPERATION_ID_PATTERN, type OperationId, operationId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';

/**
 * The uid itself where it is an operation id, so that REST and SOAP use the same one; else
 * `soap-` and the SHA-256 of its UTF-8 bytes in base64url. The same uid gives the same id for
 * ever; the uid is kept as the operation's reference.
 */
export function operationIdOfUid(uid: string): OperationId {
  if (OPERATION_ID_PATTERN.test(uid)) return operationId(uid);
  const digest = createHash('sha256').update(uid, 'utf8').digest('base64url');
  return operationId(`soap-${digest}`);
}

/** The uid as the till gave it. */
export function uidOf(operation: Operation): string {
  const { reference } = operation.request;
  return reference !== null && operationIdOfUid(reference) === operation.id
    ? reference
    : operation.id;
}
