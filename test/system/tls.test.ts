// The certificate that the box makes for itself.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureCertificate } from '../../app/src/system/tls.ts';
import { openTestServer } from '../http/kit.ts';
import { createHttpServer } from '../../app/src/http/server.ts';

describe('the certificate of the box', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tillgate-tls-'));
  });
  after(() => rm(folder, { recursive: true }));
  const names = ['tillgate.local', '192.168.1.10'];

  test('is made once, for its names, and kept', async () => {
    const made = await ensureCertificate({ folder, names });
    assert.equal(made.made, true);
    assert.match(made.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const certificate = new X509Certificate(made.cert);
    assert.equal(certificate.checkHost('tillgate.local'), 'tillgate.local');
    assert.equal(certificate.checkIP('192.168.1.10'), '192.168.1.10');
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.deepEqual(await readdir(folder), ['tls.pem'], 'nothing else is left behind');
    assert.equal((await stat(join(folder, 'tls.pem'))).mode & 0o777, 0o600);
    const kept = await ensureCertificate({ folder, names: [...names, 'pos.shop'] });
    assert.deepEqual(kept, { ...made, made: false, missingNames: ['pos.shop'] });
  });

  test('is made anew where the file is damaged', async () => {
    const damaged = await ensureCertificate({ folder, names });
    await truncate(join(folder, 'tls.pem'), 300);
    const anew = await ensureCertificate({ folder, names });
    assert.equal(anew.made, true);
    assert.notEqual(anew.fingerprint, damaged.fingerprint);
  });

  test('names cannot smuggle options into openssl', async () => {
    for (const name of ['a,IP:1.2.3.4', '-help', 'a b', '', '*', 'a/CN=b', 'x\nDNS:y']) {
      await assert.rejects(ensureCertificate({ folder, names: [name] }), RangeError, name);
    }
  });

  test('serves TLS to a client that trusts it', async () => {
    const plain = await openTestServer();
    const { key, cert } = await ensureCertificate({ folder, names });
    const server = createHttpServer({ ...plain.parts, tls: { key, cert } });
    try {
      const port = await server.listenTls(0, '127.0.0.1');
      const options = { port, host: '127.0.0.1', path: '/health', ca: cert, agent: false };
      const status = await new Promise((resolve, reject) => {
        request({ ...options, servername: 'tillgate.local' }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        })
          .on('error', reject)
          .end();
      });
      assert.equal(status, 200);
    } finally {
      await server.close(200);
      await plain.close();
    }
  });
});
