import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { SettingsError } from '../../app/src/ports/settings-store.ts';
import { openSettings, type SettingsFile } from '../../app/src/storage/settings.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { clock, folderFor, plainForm as form } from './helpers.ts';

const schema = z.strictObject({
  name: z.string().default(''),
  tills: z.array(z.strictObject({ port: z.int().min(1) })).default([]),
});
type Shop = z.infer<typeof schema>;

test('begins with the defaults and writes nothing before a change', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  assert.deepEqual(settings.current(), { name: '', tills: [] });
  assert.throws(() => statSync(join(folder, 'shop.json')), /ENOENT/);
});

test('makes a change durable, private, and tells who listens', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  const before = settings.current();
  const heard: [Shop, Shop][] = [];
  settings.onChange((...both) => heard.push(both));
  const next = await settings.change((draft) => {
    draft.name = 'Kiosk';
    draft.tills.push({ port: 7 });
  });
  assert.equal(settings.current(), next);
  assert.deepEqual(heard, [[next, before]]);
  assert.deepEqual(before, { name: '', tills: [] });
  assert.equal(statSync(join(folder, 'shop.json')).mode & 0o777, 0o600);
  assert.deepEqual((await open(t, folder)).current(), next);
});

test('hands out a document that nobody can change', async (t) => {
  const settings = await open(t, folderFor(t));
  const shop = await settings.change((draft) => {
    draft.tills.push({ port: 7 });
  });
  assert.throws(() => {
    shop.name = 'x';
  }, TypeError);
  assert.throws(() => {
    shop.tills[0]!.port = 8;
  }, TypeError);
});

test('names the field that is not valid, and changes nothing', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  await settings.change((draft) => {
    draft.name = 'Kiosk';
  });
  const text = readFileSync(join(folder, 'shop.json'), 'utf8');
  await assert.rejects(
    settings.change((draft) => {
      draft.tills.push({ port: 1 }, { port: 0 });
    }),
    (error) => error instanceof SettingsError && error.issues[0]?.path === 'tills.1.port',
  );
  await assert.rejects(
    settings.change(() => {
      throw new Error('changed its mind');
    }),
    /changed its mind/,
  );
  assert.equal(settings.current().name, 'Kiosk');
  assert.equal(readFileSync(join(folder, 'shop.json'), 'utf8'), text);
});

test('applies parallel changes one after another', async (t) => {
  const folder = folderFor(t);
  const [a, b] = [await open(t, folder), await open(t, folder)];
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      (n % 2 === 0 ? a : b).change((draft) => {
        draft.tills.push({ port: n + 1 });
      }),
    ),
  );
  const ports = (await open(t, folder)).current().tills.map(({ port }) => port);
  assert.deepEqual(
    ports.sort((x, y) => x - y),
    Array.from({ length: 12 }, (_, n) => n + 1),
  );
});

test('refuses a torn file and says where its last content is', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  for (const name of ['One', 'Two']) {
    await settings.change((draft) => {
      draft.name = name;
    });
  }
  const path = join(folder, 'shop.json');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 12));
  await assert.rejects(open(t, folder), /shop\.json: is not JSON.*shop\.json\.last/);
  writeFileSync(path, '');
  await assert.rejects(open(t, folder), SettingsError);
  assert.equal(JSON.parse(readFileSync(`${path}.last`, 'utf8')).name, 'One');
});

test('refuses a valid JSON that is no valid document', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'shop.json'), '{"nane":"x"}');
  await assert.rejects(
    open(t, folder),
    (error) => error instanceof SettingsError && error.issues[0]?.path === 'shop.json',
  );
});

test('falls back to the last content only where the file is missing', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  for (const name of ['One', 'Two']) {
    await settings.change((draft) => {
      draft.name = name;
    });
  }
  rmSync(join(folder, 'shop.json'));
  const log = new QuietLog();
  const again = await openSettings({
    path: join(folder, 'shop.json'),
    schema,
    form,
    clock,
    log,
    watch: false,
  });
  t.after(() => again.close());
  assert.equal(again.current().name, 'One');
  assert.equal(log.lines[0]?.event, 'settings-file-missing');
});

test('takes over what another process wrote, on its next look', async (t) => {
  const folder = folderFor(t);
  const fake = new FakeClock();
  const log = new QuietLog();
  const path = join(folder, 'shop.json');
  const watching = await openSettings({ path, schema, form, clock: fake, log, watch: true });
  t.after(() => watching.close());
  const other = await open(t, folder);
  await other.change((draft) => {
    draft.name = 'Other';
  });
  assert.equal(watching.current().name, '');
  const heard = new Promise<string>((resolve) => {
    watching.onChange(({ name }) => resolve(name));
  });
  fake.advanceSync(1_000);
  assert.equal(await heard, 'Other');
  assert.equal(await watching.reloadIfChanged(), false);
});

test('keeps the current document where a hand-made change is wrong, and does not overwrite it', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  await settings.change((draft) => {
    draft.name = 'Kiosk';
  });
  const path = join(folder, 'shop.json');
  writeFileSync(path, '{"name": "Kiosk", ');
  await assert.rejects(settings.reloadIfChanged(), SettingsError);
  assert.equal(await settings.reloadIfChanged(), false);
  assert.equal(settings.current().name, 'Kiosk');
  await assert.rejects(settings.change(rename), SettingsError);
  assert.equal(readFileSync(path, 'utf8'), '{"name": "Kiosk", ');
  writeFileSync(path, '{"name": "By hand"}');
  assert.equal((await settings.change(rename)).name, 'New');
});

test('survives a listener that throws', async (t) => {
  const settings = await open(t, folderFor(t));
  settings.onChange(() => {
    throw new Error('defect');
  });
  const shop = await settings.change((draft) => {
    draft.name = 'Kiosk';
  });
  assert.equal(shop.name, 'Kiosk');
});

test('leaves neither a temporary file nor another owner behind', async (t) => {
  const folder = folderFor(t);
  const settings = await open(t, folder);
  writeFileSync(join(folder, 'shop.json.tmp'), 'left by a power cut', { mode: 0o644 });
  await settings.change((draft) => {
    draft.name = 'Kiosk';
  });
  assert.throws(() => statSync(join(folder, 'shop.json.tmp')), /ENOENT/);
  const file = statSync(join(folder, 'shop.json'));
  assert.equal(file.mode & 0o777, 0o600);
  assert.equal(file.uid, statSync(folder).uid);
});

function rename(draft: Shop): void {
  draft.name = 'New';
}

async function open(t: TestContext, folder: string): Promise<SettingsFile<Shop>> {
  const path = join(folder, 'shop.json');
  const settings = await openSettings({
    path,
    schema,
    form,
    clock,
    log: new QuietLog(),
    watch: false,
  });
  t.after(() => settings.close());
  return settings;
}
