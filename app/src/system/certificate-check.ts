// Is this upload a certificate that clients will accept, and is the key its own? Every fault has its
// own word, because whoever uploads has three files with similar names.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { CERTIFICATE_CHAIN_MAX } from '../domain/limits.ts';
import type { CertificateFacts, CertificateFault } from '../ports/certificates.ts';

export interface CheckedPair {
  /** PEM: the server's certificate and the rest of the chain. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export type CertificateCheck =
  | { kind: 'good'; pair: CheckedPair }
  | { kind: 'refused'; fault: CertificateFault };

const RSA_BITS_MIN = 2_048;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

/** `now` is null where nobody knows the time: then dates are not judged. */
export function checkCertificate(
  chainText: string,
  keyText: string,
  now: number | null,
): CertificateCheck {
  const chain = readChain(chainText);
  if (typeof chain === 'string') return { kind: 'refused', fault: chain };
  const key = readKey(keyText);
  if (typeof key === 'string') return { kind: 'refused', fault: key };
  const fault = faultOf(chain, key, now);
  if (fault !== null) return { kind: 'refused', fault };
  const pair = {
    cert: chain.map((one) => one.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  return isStrong(key) && usable(pair)
    ? { kind: 'good', pair }
    : { kind: 'refused', fault: 'too-weak' };
}

export function certificateFacts(cert: string): CertificateFacts {
  const chain = pemBlocks(cert, 'CERTIFICATE').map((block) => new X509Certificate(block));
  const [leaf] = chain;
  if (leaf === undefined) throw new Error('there is no certificate in the text');
  return {
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    names: namesOf(leaf),
    validFrom: Date.parse(leaf.validFrom),
    validTo: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256,
    // Not `checkIssued`, which asks for the rights of an authority.
    selfSigned: leaf.subject === leaf.issuer && leaf.verify(leaf.publicKey),
    chain: chain.length - 1,
  };
}

/** Blocks of PEM with this label, in their order. */
export function pemBlocks(text: string, label: string): readonly string[] {
  const pattern = new RegExp(`-----BEGIN (${label})-----[\\s\\S]+?-----END \\1-----\\n?`, 'g');
  return text.match(pattern) ?? [];
}

function readChain(text: string): X509Certificate[] | CertificateFault {
  const blocks = pemBlocks(text, 'CERTIFICATE');
  if (blocks.length === 0) return 'no-certificate';
  if (blocks.length > CERTIFICATE_CHAIN_MAX) return 'chain-too-long';
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return 'not-readable';
  }
}

function readKey(text: string): KeyObject | CertificateFault {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return 'key-encrypted';
  }
  const [block] = pemBlocks(text, '(?:RSA |EC )?PRIVATE KEY');
  if (block === undefined) return 'key-missing';
  try {
    return createPrivateKey(block);
  } catch {
    return 'key-not-readable';
  }
}

function faultOf(
  chain: readonly X509Certificate[],
  key: KeyObject,
  now: number | null,
): CertificateFault | null {
  const [leaf, ...others] = chain;
  if (leaf === undefined) return 'no-certificate';
  if (!leaf.checkPrivateKey(key)) {
    return others.some((one) => one.checkPrivateKey(key)) ? 'wrong-order' : 'key-of-another';
  }
  for (const [at, issuer] of others.entries()) {
    const issued = chain[at];
    if (issued?.checkIssued(issuer) !== true || !issued.verify(issuer.publicKey)) {
      return 'chain-broken';
    }
  }
  if (now !== null) {
    if (Date.parse(leaf.validTo) <= now) return 'expired';
    if (Date.parse(leaf.validFrom) > now) return 'not-yet-valid';
    if (others.some((one) => Date.parse(one.validTo) <= now)) return 'chain-expired';
  }
  // Without the list a certificate is for everything.
  const uses: readonly string[] | undefined = leaf.keyUsage;
  return uses === undefined || uses.includes(SERVER_AUTHENTICATION) ? null : 'not-for-servers';
}

/** Kinds that every browser and till knows; OpenSSL itself would take 1,024 bits. */
function isStrong({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return true;
  const rsa = type === 'rsa' || type === 'rsa-pss';
  return rsa && (details?.modulusLength ?? 0) >= RSA_BITS_MIN;
}

/** OpenSSL's own word: outdated signatures are refused when they are loaded. */
function usable({ cert, key }: CheckedPair): boolean {
  try {
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
    return true;
  } catch {
    return false;
  }
}

/** `DNS:a, IP Address:1.2.3.4` → names; the common name where there are none. */
function namesOf(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((part) => /^(?:DNS|IP Address):(.+)$/.exec(part)?.[1])
    .filter((name) => name !== undefined);
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  return names.length > 0 || common === undefined ? names : [common];
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').toReversed().join(', ');
}
