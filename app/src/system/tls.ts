// The certificate of the box: made by the openssl program at the first start, kept for ever.
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface CertificateWish {
  readonly folder: string;
  /** Host names and addresses that clients use; the first is the common name. */
  readonly names: readonly string[];
}

export interface Certificate {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** SHA-256 as `AA:BB:…`, for the console: a person compares it with what a client shows. */
  readonly fingerprint: string;
  /** Names that were asked for and that the kept certificate does not have. */
  readonly missingNames: readonly string[];
  /** True where it was made in this call. */
  readonly made: boolean;
}

/** Key and certificate in one file, so that a rename can never leave one without the other. */
const FILE = 'tls.pem';
/**
 * A hundred years: tills trust this very certificate, so an expiry would only be a day on which a
 * shop stands still; and a box whose clock says 1970 at its first start must not make one that
 * has long expired when the clock is right.
 */
const DAYS = '36500';
/** P-256 takes milliseconds; a small board short of entropy may wait some seconds. */
const OPENSSL_TIMEOUT_MS = 30_000;

const run = promisify(execFile);

/**
 * The kept certificate, or a new one where there is none that can be read. Names that were added
 * later do not change it: a new certificate is one that no till trusts yet.
 */
export async function ensureCertificate(wish: CertificateWish): Promise<Certificate> {
  const names = wish.names.map(checkedName);
  const kept = await readKept(join(wish.folder, FILE));
  const pem = kept ?? (await make(wish.folder, names));
  const certificate = new X509Certificate(pem.cert);
  return {
    ...pem,
    fingerprint: certificate.fingerprint256,
    missingNames: names.filter((name) => !covers(certificate, name)),
    made: kept === null,
  };
}

interface Pem {
  readonly key: string;
  readonly cert: string;
}

/** Null where there is no file, or one whose halves do not belong together. */
async function readKept(path: string): Promise<Pem | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // thrown by the system
    throw new Error(`cannot read ${path}`, { cause: error });
  }
  const key = block(text, '(?:EC )?PRIVATE KEY');
  const cert = block(text, 'CERTIFICATE');
  if (key === null || cert === null) return null;
  try {
    const matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    return matches ? { key, cert } : null;
  } catch {
    // What openssl cannot parse serves nobody; a new one is made in its place.
    return null;
  }
}

async function make(folder: string, names: readonly string[]): Promise<Pem> {
  const work = await mkdtemp(join(folder, '.tls-'));
  try {
    const [keyFile, certFile] = [join(work, 'key.pem'), join(work, 'cert.pem')];
    const alternative = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`);
    await run(
      'openssl',
      (
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 ' +
        '-addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth'
      )
        .split(' ')
        .concat('-days', DAYS, '-subj', `/CN=${names[0] ?? 'tillgate'}`)
        .concat('-addext', `subjectAltName=${alternative.join(',') || 'DNS:tillgate'}`)
        .concat('-keyout', keyFile, '-out', certFile),
      { timeout: OPENSSL_TIMEOUT_MS },
    );
    const pem = { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') };
    await writeDurably(folder, join(work, FILE), `${pem.key}${pem.cert}`);
    return pem;
  } catch (error) {
    throw new Error('openssl could not make a certificate', { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeDurably(folder: string, temporary: string, text: string): Promise<void> {
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, FILE));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function block(text: string, label: string): string | null {
  const pattern = new RegExp(`-----BEGIN (${label})-----[\\s\\S]+?-----END \\1-----\\n?`);
  return pattern.exec(text)?.[0] ?? null;
}

function covers(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined;
}

/** A comma in a name would be another name to openssl. */
function checkedName(name: string): string {
  const host = /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*$/;
  if (isIP(name) !== 0 || host.test(name)) return name;
  throw new RangeError(`not a host name or an address: ${name}`);
}
