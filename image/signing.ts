// Update bundles are signed. A development key is made where none is given; it never leaves out/.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS } from '../app/src/storage/ledger/schema.ts';
import { PATHS } from './paths.ts';
import { run } from './run.ts';

export interface Keys {
  /** What the appliance trusts. */
  readonly keyring: string;
  readonly certificate: string;
  readonly key: string;
}

/** TILLGATE_KEYS names a folder with keyring.pem, signer.pem and signer.key of your own. */
export function signingKeys(folder = process.env['TILLGATE_KEYS'] ?? PATHS.keys): Keys {
  const keys = {
    keyring: join(folder, 'keyring.pem'),
    certificate: join(folder, 'signer.pem'),
    key: join(folder, 'signer.key'),
  };
  if (existsSync(keys.key)) return keys;
  if (folder !== PATHS.keys && process.env['TILLGATE_KEYS'] === folder) {
    throw new Error(`${folder} holds no signer.key`);
  }
  makeKeys(folder, 'Tillgate development');
  return keys;
}

/** An authority and a signer under it. */
export function makeKeys(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (file: string): string => join(folder, file);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  run('openssl', [
    'req',
    '-x509',
    ...curve,
    '-days',
    '7300',
    '-subj',
    `/CN=${name} authority`,
    '-keyout',
    at('authority.key'),
    '-out',
    at('keyring.pem'),
  ]);
  run('openssl', [
    'req',
    ...curve,
    '-subj',
    `/CN=${name} signer`,
    '-keyout',
    at('signer.key'),
    '-out',
    at('signer.csr'),
  ]);
  run('openssl', [
    'x509',
    '-req',
    '-in',
    at('signer.csr'),
    '-days',
    '7300',
    '-CA',
    at('keyring.pem'),
    '-CAkey',
    at('authority.key'),
    '-CAcreateserial',
    '-out',
    at('signer.pem'),
  ]);
  rmSync(at('signer.csr'));
}

export function updateBundle(slot: string, version: string, keys: Keys, out: string): void {
  const folder = `${out}.content`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('cp', ['--reflink=auto', slot, join(folder, 'slot.img')]);
  writeFileSync(
    join(folder, 'manifest.raucm'),
    [
      '[update]',
      'compatible=tillgate-amd64',
      `version=${version}`,
      // An appliance whose ledger needs more than this does not take the bundle.
      `build=ledger-schema-${MIGRATIONS.at(-1)?.version ?? 0}`,
      '',
      '[bundle]',
      'format=verity',
      '',
      '[image.system]',
      'filename=slot.img',
      '',
    ].join('\n'),
  );
  rmSync(out, { force: true });
  run('rauc', ['bundle', `--cert=${keys.certificate}`, `--key=${keys.key}`, folder, out]);
  rmSync(folder, { recursive: true });
}
