// Where it is noted what worked before an update.
import { join } from 'node:path';

export function snapshotFileOf(stateFolder: string): string {
  return join(stateFolder, 'before-update.json');
}
