// A bundle that is right in everything but the key that signed it.
import { join } from 'node:path';
import { makeKeys, updateBundle } from '../../../image/signing.ts';
import { artifact, WORK } from './places.ts';

export function makeStrangersBundle(): string {
  const folder = join(WORK, 'stranger');
  makeKeys(folder, 'Stranger');
  const keys = {
    keyring: join(folder, 'keyring.pem'),
    certificate: join(folder, 'signer.pem'),
    key: join(folder, 'signer.key'),
  };
  const bundle = join(WORK, 'stranger.raucb');
  updateBundle(artifact('iso'), '9.9.9', keys, bundle);
  return bundle;
}
