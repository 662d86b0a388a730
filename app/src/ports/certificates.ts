// The TLS certificate of the box: shown, replaced, made anew, while connections stay.
import type { Instant } from '../domain/ids.ts';

export interface CertificateFacts {
  /** `CN=tillgate.local, O=Shop`. */
  readonly subject: string;
  readonly issuer: string;
  /** Host names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validFrom: Instant;
  readonly validTo: Instant;
  /** SHA-256 as `AA:BB:…`. */
  readonly fingerprint: string;
  readonly selfSigned: boolean;
  /** Certificates that are sent along with it. */
  readonly chain: number;
}

/** What is wrong with an upload; nothing was changed. The key's faults begin with `key-`. */
export type CertificateFault =
  | 'no-certificate'
  | 'not-readable'
  | 'expired'
  | 'not-yet-valid'
  /** The first one is not the key's, another one of the file is. */
  | 'wrong-order'
  /** A certificate was not signed by the one after it. */
  | 'chain-broken'
  | 'chain-expired'
  | 'chain-too-long'
  | 'not-for-servers'
  /** Key or signature are of a kind that no client accepts. */
  | 'too-weak'
  | 'key-missing'
  | 'key-encrypted'
  | 'key-not-readable'
  | 'key-of-another'
  /** Names for a new one. */
  | 'name-not-valid'
  | 'no-names'
  | 'too-many-names';

export type CertificateChange =
  | { kind: 'changed'; facts: CertificateFacts }
  | { kind: 'refused'; fault: CertificateFault };

export interface CertificateRoom {
  current(): CertificateFacts;
  /** PEM texts: the server's certificate first, then what leads to the root; and its key. */
  replace(chain: string, key: string): Promise<CertificateChange>;
  /** A new key and a certificate that it signs itself. */
  makeNew(names: readonly string[]): Promise<CertificateChange>;
}
