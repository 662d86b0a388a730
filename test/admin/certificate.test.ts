// The certificate page over real HTTP and TLS, with certificates that openssl made for the test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { administrator, type Box, boxFor } from './keeping-stage.ts';

const CERTIFICATE = '/admin/system/certificate';

test('the certificate is shown, made anew and replaced while connections stay', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  const first = await servedBy(box);
  const shown = await admin.get(CERTIFICATE);
  assert.equal(shown.status, 200);
  assert.ok(shown.text.includes(first.fingerprint256));
  assert.match(shown.text, /Valid until/);
  assert.match(shown.text, /Issued by<\/dt><dd>itself/);

  const open = await heldConnection(box);
  const made = await admin.post(`${CERTIFICATE}/new`, { names: 'pos.shop, 192.168.1.20' });
  assert.equal(made.to, `${CERTIFICATE}?done=certificateChanged`);
  const second = await servedBy(box);
  assert.notEqual(second.fingerprint256, first.fingerprint256);
  assert.equal(second.checkHost('pos.shop'), 'pos.shop');
  assert.equal(second.checkIP('192.168.1.20'), '192.168.1.20');
  assert.match(await open.ask('/health'), /^HTTP\/1\.1 200 /, 'an open connection goes on');
  const file = join(box.folder, 'tls', 'tls.pem');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(
    new X509Certificate(readFileSync(`${file}.before`)).fingerprint256,
    first.fingerprint256,
  );

  const { leaf, leafKey, root } = chainFor(t);
  const replaced = await admin.upload(CERTIFICATE, [
    ['certificate', Buffer.from(leaf + root)],
    ['key', Buffer.from(leafKey)],
  ]);
  assert.equal(replaced.to, `${CERTIFICATE}?done=certificateChanged`, replaced.text);
  assert.equal((await servedBy(box)).fingerprint256, new X509Certificate(leaf).fingerprint256);
  const after = await admin.get(CERTIFICATE);
  assert.match(after.text, /1 more certificate/);
  assert.match(after.text, /ends in \d+ days/);
  assert.match((await admin.get('/admin/audit')).text, /changed the certificate/);
  assert.doesNotMatch((await admin.get('/admin/audit')).text, /PRIVATE KEY/);

  await box.close();
  assert.match(
    readFileSync(file, 'utf8'),
    /(?:BEGIN CERTIFICATE[\s\S]*){2}/,
    'kept for the next start',
  );
});

test('each wrong certificate is refused at its field, and nothing changes', async (t) => {
  const box = await boxFor(t);
  const admin = await administrator(box);
  const before = (await servedBy(box)).fingerprint256;
  const { leaf, leafKey, root, rootKey, past, client, weak } = chainFor(t);
  const encrypted = openssl(['pkey', '-aes256', '-passout', 'pass:x'], leafKey);
  const cases: readonly [string, string, RegExp, string][] = [
    ['nothing', leafKey, /no PEM certificate/, 'e-certificate'],
    [leaf.replace('\nMI', '\nXX'), leafKey, /cannot be read/, 'e-certificate'],
    [root + leaf, leafKey, /must come first/, 'e-certificate'],
    [leaf + leaf, leafKey, /chain is broken/, 'e-certificate'],
    [leaf + root, rootKey, /must come first/, 'e-certificate'],
    [leaf, rootKey, /does not belong/, 'e-key'],
    [leaf, 'nothing', /no PEM private key/, 'e-key'],
    [leaf, encrypted, /protected by a password/, 'e-key'],
    [past.cert, past.key, /has already expired/, 'e-certificate'],
    [client.cert, client.key, /not for servers/, 'e-certificate'],
    [weak.cert, weak.key, /too short/, 'e-certificate'],
  ];
  for (const [cert, key, why, field] of cases) {
    const { status, text } = await admin.upload(CERTIFICATE, [
      ['certificate', Buffer.from(cert)],
      ['key', Buffer.from(key)],
    ]);
    assert.equal(status, 422, String(why));
    assert.match(faultsIn(text), why);
    assert.ok(text.includes(`id="${field}"`), `${why} at ${field}`);
  }
  const none = await admin.upload(CERTIFICATE, [['other', 'x']]);
  assert.equal(none.status, 422);
  assert.match(none.text, /Choose a file/);
  const large = await admin.upload(CERTIFICATE, [
    ['certificate', Buffer.alloc(200_000, 'a')],
    ['key', Buffer.from(leafKey)],
  ]);
  assert.equal(large.status, 422);
  assert.match(large.text, /too large/);
  const names = await admin.post(`${CERTIFICATE}/new`, { names: 'pos.shop -help' });
  assert.equal(names.status, 422);
  assert.match(names.text, /Only names like/);
  assert.equal((await servedBy(box)).fingerprint256, before);
});

/** Short enough for the message of a failed test. */
function faultsIn(text: string): string {
  return [...text.matchAll(/<p class="fault"[\s\S]*?<\/p>/g)].map(([fault]) => fault).join('\n');
}

function servedBy(box: Box): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const port = box.appliance().tlsPort ?? 0;
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      timeout: 10_000,
    });
    socket.on('secureConnect', () => {
      const raw = socket.getPeerX509Certificate()?.raw;
      socket.destroy();
      if (raw === undefined) reject(new Error('no certificate'));
      else resolve(new X509Certificate(raw));
    });
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error('no handshake')));
  });
}

/** A till that has been connected since before the change. */
function heldConnection(box: Box): Promise<{ ask: (path: string) => Promise<string> }> {
  return new Promise((resolve, reject) => {
    const port = box.appliance().tlsPort ?? 0;
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
    const ask = (path: string): Promise<string> =>
      new Promise((answered, failed) => {
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('close', () => answered(text));
        socket.on('error', failed);
        socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      });
    socket.on('secureConnect', () => resolve({ ask }));
  });
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Certificates that nobody of ours made: a root, a leaf of ten days, and some that must not pass. */
function chainFor(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-certificates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[][]): void => {
    execFileSync('openssl', args.flat(), { cwd: folder, stdio: 'pipe', timeout: 20_000 });
  };
  const own = (name: string, ...more: string[]): Pair => {
    run(
      ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['-subj', `/CN=${name}`, '-keyout', at('k'), '-out', at('c')],
      more,
    );
    return { cert: readFileSync(at('c'), 'utf8'), key: readFileSync(at('k'), 'utf8') };
  };
  run(
    ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=Test root'],
    ['-keyout', at('root.key'), '-out', at('root.pem'), '-days', '100'],
  );
  run(
    ['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=pos.shop/O=Shop'],
    ['-keyout', at('leaf.key'), '-out', at('leaf.csr')],
  );
  run(
    ['x509', '-req', '-in', at('leaf.csr'), '-CA', at('root.pem'), '-CAkey', at('root.key')],
    ['-CAcreateserial', '-days', '10', '-out', at('leaf.pem')],
  );
  const client = own('client', '-days', '10', '-addext', 'extendedKeyUsage=clientAuth');
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  run(
    ['req', '-x509', '-nodes', '-newkey', 'rsa:1024', '-subj', '/CN=weak', '-days', '10'],
    ['-keyout', at('weak.key'), '-out', at('weak.pem')],
  );
  // Ends at the moment in which it is made.
  run(
    ['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=past'],
    ['-keyout', at('past.key'), '-out', at('past.csr')],
  );
  run(
    ['x509', '-req', '-in', at('past.csr'), '-signkey', at('past.key'), '-days', '0'],
    ['-out', at('past.pem')],
  );
  return {
    leaf: read('leaf.pem'),
    leafKey: read('leaf.key'),
    root: read('root.pem'),
    rootKey: read('root.key'),
    client,
    weak: { cert: read('weak.pem'), key: read('weak.key') },
    past: { cert: read('past.pem'), key: read('past.key') },
  };
}

function openssl(args: readonly string[], input: string): string {
  return execFileSync('openssl', args, { input, encoding: 'utf8', stdio: 'pipe', timeout: 20_000 });
}
