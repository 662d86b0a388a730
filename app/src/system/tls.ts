// The certificate of the box: made by the openssl program at the first start, kept until somebody
// replaces it.
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { link, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CERTIFICATE_NAMES_MAX } from '../domain/limits.ts';
import type { CertificateChange, CertificateRoom } from '../ports/certificates.ts';
import type { Clock } from '../ports/clock.ts';
import { certificateFacts, checkCertificate, pemBlocks } from './certificate-check.ts';

export interface CertificateWish {
  readonly folder: string;
  /** Host names and addresses that clients use; the first is the common name. */
  readonly names: readonly string[];
}

export interface Certificate {
  /** PEM texts; the server's certificate is the first of its chain. */
  readonly key: string;
  readonly cert: string;
  /** SHA-256 as `AA:BB:…`, for the console: a person compares it with what a client shows. */
  readonly fingerprint: string;
  /** Names that were asked for and that the kept certificate does not have. */
  readonly missingNames: readonly string[];
  /** True where it was made in this call. */
  readonly made: boolean;
}

/** Key and certificates in one file, so that a rename can never leave one without the other. */
const FILE = 'tls.pem';
/** What was in use before; the console leaves it under the same name. */
const BEFORE = `${FILE}.before`;
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

export interface CertificateParts {
  readonly folder: string;
  /** PEM of what is in use. */
  readonly cert: string;
  readonly clock: Clock;
  /** New connections get it from now on. */
  readonly use: (pem: Pem) => void;
}

/** One change after another; a change is on disk before it is in use. */
export function openCertificates({ folder, cert, clock, use }: CertificateParts): CertificateRoom {
  let facts = certificateFacts(cert);
  let turn: Promise<unknown> = Promise.resolve();
  const change = (work: () => Promise<Pem>): Promise<CertificateChange> => {
    const mine = turn.then(async (): Promise<CertificateChange> => {
      const pem = await work();
      use(pem);
      facts = certificateFacts(pem.cert);
      return { kind: 'changed', facts };
    });
    turn = mine.catch(() => undefined); // whoever asked for it is told
    return mine;
  };
  return {
    current: () => facts,
    replace: async (chain, key) => {
      const checked = checkCertificate(chain, key, clock.trusted() ? clock.now() : null);
      if (checked.kind === 'refused') return checked;
      return change(async () => {
        const work = await mkdtemp(join(folder, '.tls-'));
        try {
          await keepBefore(folder);
          await writeDurably(folder, join(work, FILE), textOf(checked.pair));
        } finally {
          await rm(work, { recursive: true, force: true });
        }
        return checked.pair;
      });
    },
    makeNew: async (names) => {
      if (names.length === 0) return { kind: 'refused', fault: 'no-names' };
      if (names.length > CERTIFICATE_NAMES_MAX) {
        return { kind: 'refused', fault: 'too-many-names' };
      }
      if (!names.every(isName)) return { kind: 'refused', fault: 'name-not-valid' };
      return change(async () => {
        await keepBefore(folder);
        return make(folder, names);
      });
    },
  };
}

export interface Pem {
  readonly key: string;
  readonly cert: string;
}

/** A second name of the file: it is never missing. */
async function keepBefore(folder: string): Promise<void> {
  const before = join(folder, BEFORE);
  await rm(before, { force: true });
  try {
    await link(join(folder, FILE), before);
  } catch (error) {
    // Somebody at the console has just moved it away.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // thrown by the system
  }
}

function textOf({ key, cert }: Pem): string {
  return `${key}${cert}`;
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
  const [key] = pemBlocks(text, '(?:EC )?PRIVATE KEY');
  const [leaf, ...others] = pemBlocks(text, 'CERTIFICATE');
  if (key === undefined || leaf === undefined) return null;
  try {
    const matches = new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key));
    return matches ? { key, cert: [leaf, ...others].join('') } : null;
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
    await writeDurably(folder, join(work, FILE), textOf(pem));
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

function covers(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined;
}

/** A comma in a name would be another name to openssl. */
function checkedName(name: string): string {
  if (isName(name)) return name;
  throw new RangeError(`not a host name or an address: ${name}`);
}

function isName(name: string): boolean {
  const host = /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*$/;
  return isIP(name) !== 0 || host.test(name);
}
