// The TLS certificate: what is in use, one's own in its place, or a new one of the box.
import { CERTIFICATE_FILE_BYTES_MAX, CERTIFICATE_WARN_MS } from '../../../domain/limits.ts';
import type {
  CertificateChange,
  CertificateFacts,
  CertificateFault,
} from '../../../ports/certificates.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';

const PATH = '/admin/system/certificate';
const DAY_MS = 86_400_000;

/** Fault → the field that it belongs to, and what to say there. */
const FAULTS: Readonly<Record<CertificateFault, readonly [field: string, text: TextKey]>> = {
  'no-certificate': ['certificate', 'certNoCertificate'],
  'not-readable': ['certificate', 'certNotReadable'],
  expired: ['certificate', 'certExpired'],
  'not-yet-valid': ['certificate', 'certNotYet'],
  'wrong-order': ['certificate', 'certWrongOrder'],
  'chain-broken': ['certificate', 'certChainBroken'],
  'chain-expired': ['certificate', 'certChainExpired'],
  'chain-too-long': ['certificate', 'certChainLong'],
  'not-for-servers': ['certificate', 'certNotServers'],
  'too-weak': ['certificate', 'certTooWeak'],
  'key-missing': ['key', 'certKeyMissing'],
  'key-encrypted': ['key', 'certKeyEncrypted'],
  'key-not-readable': ['key', 'certKeyNotReadable'],
  'key-of-another': ['key', 'certKeyOther'],
  'name-not-valid': ['names', 'certNameNotValid'],
  'no-names': ['names', 'required'],
  'too-many-names': ['names', 'certTooManyNames'],
};

export function certificateRoutes(services: Services): PageRoute[] {
  const common = { right: 'configure', section: 'system' } as const;
  return [
    {
      ...common,
      method: 'GET',
      path: PATH,
      handle: (visit) => page(services, visit, {}),
    },
    {
      ...common,
      method: 'POST',
      path: PATH,
      upload: { bytesMax: CERTIFICATE_FILE_BYTES_MAX },
      handle: (visit) => handReplace(services, visit),
    },
    {
      ...common,
      method: 'POST',
      path: `${PATH}/new`,
      handle: (visit) => handNew(services, visit),
    },
  ];
}

function page(services: Services, visit: Visit, faults: Faults): Reply {
  const { certificates } = services;
  const facts = certificates?.current() ?? null;
  const model = {
    facts: facts === null ? null : factRows(facts, visit),
    badge: facts === null ? null : certificateBadge(services, visit),
    fingerprint: facts?.fingerprint ?? null,
    names: 'names' in faults ? visit.form.text('names') : (facts?.names.join(' ') ?? ''),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'certificate.njk', model, status };
}

function factRows(facts: CertificateFacts, { t, f }: Visit) {
  return [
    { label: t.certificateSubject, value: facts.subject },
    { label: t.certificateNames, value: facts.names.join(', ') },
    { label: t.certificateIssuer, value: facts.selfSigned ? t.certificateSelf : facts.issuer },
    { label: t.certificateFrom, value: f.day(facts.validFrom) },
    { label: t.certificateTo, value: f.day(facts.validTo) },
    ...(facts.chain === 0
      ? []
      : [{ label: t.certificateChain, value: f.plural(t.certificateChainCount, facts.chain) }]),
  ];
}

/** Null where there is a month left or more; a clock that nobody set yet judges nothing. */
export function certificateEnds({ certificates, clock }: Services): number | null {
  const validTo = certificates?.current().validTo ?? null;
  if (validTo === null || !clock.trusted()) return null;
  return validTo - clock.now() > CERTIFICATE_WARN_MS ? null : validTo;
}

function certificateBadge(services: Services, { t, f }: Visit) {
  const ends = certificateEnds(services);
  if (ends === null) return { look: 'good', icon: 'good', word: t.certificateGood };
  const left = ends - services.clock.now();
  if (left <= 0) return { look: 'alarm', icon: 'alarm', word: t.certificateEnded };
  const word = f.plural(t.certificateEnds, Math.ceil(left / DAY_MS));
  return { look: 'alarm', icon: 'alarm', word };
}

async function handReplace(services: Services, visit: Visit): Promise<Reply> {
  const { certificates } = services;
  if (certificates === null) return page(services, visit, {});
  const { form, t } = visit;
  const [chain, key] = [form.file('certificate'), form.file('key')];
  const faults = Object.fromEntries(
    Object.entries({ certificate: chain, key }).flatMap(([field, file]) => {
      if (file === null) return [[field, t.chooseFile]];
      return file.fault === null ? [] : [[field, t.fileTooLarge]];
    }),
  );
  if (chain === null || key === null || Object.keys(faults).length > 0) {
    return page(services, visit, faults);
  }
  const before = certificates.current();
  const texts = [chain, key].map(({ bytes }) => bytes.toString('latin1')) as [string, string];
  return changed(services, visit, before, await certificates.replace(...texts));
}

async function handNew(services: Services, visit: Visit): Promise<Reply> {
  const { certificates } = services;
  if (certificates === null) return page(services, visit, {});
  const before = certificates.current();
  const names = visit.form.text('names').split(/[\s,;]+/);
  const wanted = [...new Set(names.filter((name) => name !== ''))];
  return changed(services, visit, before, await certificates.makeNew(wanted));
}

function changed(
  services: Services,
  visit: Visit,
  before: CertificateFacts,
  change: CertificateChange,
): Reply {
  if (change.kind === 'refused') {
    const [field, text] = FAULTS[change.fault];
    return page(services, visit, { [field]: visit.t[text] });
  }
  visit.audit('certificate-change', 'certificate', known(before), known(change.facts));
  return see(PATH, 'certificateChanged');
}

function known({ subject, fingerprint, validTo }: CertificateFacts) {
  return { subject, fingerprint, validTo: new Date(validTo).toISOString() };
}
