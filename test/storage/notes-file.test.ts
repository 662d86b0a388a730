import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { openNotes } from '../../app/src/storage/notes-file.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { clock, folderFor, plainForm as form } from './helpers.ts';

const schema = z.object({ count: z.int().default(0) });

test('a damaged file of notes is put aside and begun anew', async (t) => {
  const path = join(folderFor(t), 'notes.json');
  writeFileSync(path, '{"count": 7');
  const log = new QuietLog();
  const notes = await openNotes({ path, schema, form, clock, log, watch: false });
  t.after(() => notes.close());
  assert.deepEqual(notes.current(), { count: 0 });
  await notes.change((draft) => {
    draft.count = 1;
  });
  assert.ok(existsSync(`${path}.damaged`));
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['notes-damaged'],
  );
});
