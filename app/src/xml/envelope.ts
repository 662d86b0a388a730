// SOAP envelopes, 1.1 and 1.2, both ways.
import { attribute, child, escapeXml, type XmlElement } from './read.ts';

export type SoapVersion = '1.1' | '1.2';

export const ENVELOPE_NAMESPACES: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
};

export const CONTENT_TYPES: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'text/xml; charset=utf-8',
  '1.2': 'application/soap+xml; charset=utf-8',
};

/** Whose mistake a fault is; the names differ between the versions. */
export type FaultCode = 'sender' | 'receiver' | 'version-mismatch' | 'must-understand';

const FAULT_CODES: Readonly<Record<FaultCode, Readonly<Record<SoapVersion, string>>>> = {
  sender: { '1.1': 'Client', '1.2': 'Sender' },
  receiver: { '1.1': 'Server', '1.2': 'Receiver' },
  'version-mismatch': { '1.1': 'VersionMismatch', '1.2': 'VersionMismatch' },
  'must-understand': { '1.1': 'MustUnderstand', '1.2': 'MustUnderstand' },
};

export type Envelope =
  /** `body`: the one element of the body. */
  | { kind: 'body'; version: SoapVersion; body: XmlElement }
  | { kind: 'fault'; version: SoapVersion; code: FaultCode | null; text: string }
  | { kind: 'refused'; version: SoapVersion | null; code: FaultCode; detail: string };

export function readEnvelope(root: XmlElement): Envelope {
  const version = versionOf(root.namespace);
  if (root.name !== 'Envelope' || version === null) {
    const detail = 'the root element is not a SOAP 1.1 or 1.2 Envelope';
    return { kind: 'refused', version: null, code: 'version-mismatch', detail };
  }
  const namespace = ENVELOPE_NAMESPACES[version];
  const refused = (code: FaultCode, detail: string): Envelope => ({
    kind: 'refused',
    version,
    code,
    detail,
  });
  const demanded = child(root, 'Header', namespace)?.children.find(
    (header) =>
      ['1', 'true'].includes(attribute(header, 'mustUnderstand', namespace) ?? '') &&
      isForUs(attribute(header, 'actor', namespace) ?? attribute(header, 'role', namespace)),
  );
  if (demanded !== undefined) {
    return refused('must-understand', `the header ${demanded.name} is not understood`);
  }
  const body = child(root, 'Body', namespace);
  if (body === null) return refused('sender', 'the envelope has no Body');
  const [first, second] = body.children;
  if (first === undefined) return refused('sender', 'the Body is empty');
  if (second !== undefined) return refused('sender', 'the Body has more than one element');
  return first.name === 'Fault' && first.namespace === namespace
    ? faultOf(first, version)
    : { kind: 'body', version, body: first };
}

/** `content` is XML: whoever makes it has escaped its texts. */
export function writeEnvelope(version: SoapVersion, content: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<soap:Envelope xmlns:soap="${ENVELOPE_NAMESPACES[version]}">` +
    `<soap:Body>${content}</soap:Body></soap:Envelope>\n`
  );
}

export function writeFault(
  version: SoapVersion,
  code: FaultCode,
  text: string,
  language = 'en',
): string {
  const name = `soap:${FAULT_CODES[code][version]}`;
  const words = escapeXml(text);
  return writeEnvelope(
    version,
    version === '1.1'
      ? `<soap:Fault><faultcode>${name}</faultcode><faultstring>${words}</faultstring></soap:Fault>`
      : `<soap:Fault><soap:Code><soap:Value>${name}</soap:Value></soap:Code>` +
          `<soap:Reason><soap:Text xml:lang="${language}">${words}</soap:Text></soap:Reason>` +
          `</soap:Fault>`,
  );
}

/** A header may be meant for somebody between the caller and us. */
function isForUs(role: string | null): boolean {
  return role === null || role === '' || /\/(?:next|ultimateReceiver)$/.test(role);
}

function versionOf(namespace: string): SoapVersion | null {
  if (namespace === ENVELOPE_NAMESPACES['1.1']) return '1.1';
  return namespace === ENVELOPE_NAMESPACES['1.2'] ? '1.2' : null;
}

function faultOf(fault: XmlElement, version: SoapVersion): Envelope {
  const namespace = ENVELOPE_NAMESPACES[version];
  // The parts of a 1.1 fault are in no namespace; some servers put them into the envelope's.
  const [code, text] =
    version === '1.1'
      ? [child(fault, 'faultcode')?.text, child(fault, 'faultstring')?.text]
      : [textAt(fault, namespace, ['Code', 'Value']), textAt(fault, namespace, ['Reason', 'Text'])];
  return { kind: 'fault', version, code: codeOf(code ?? '', version), text: (text ?? '').trim() };
}

function textAt(from: XmlElement, namespace: string, path: readonly string[]): string | undefined {
  let at: XmlElement | null = from;
  for (const name of path) at = at === null ? null : child(at, name, namespace);
  return at?.text;
}

/** `soap:Client.Authentication` is a Client's; null where the code is none of the standard. */
function codeOf(text: string, version: SoapVersion): FaultCode | null {
  const name = (text.trim().split(':').at(-1) ?? '').split('.')[0];
  const rows = Object.entries(FAULT_CODES) as [FaultCode, Record<SoapVersion, string>][]; // its rows
  return rows.find(([, names]) => names[version] === name)?.[0] ?? null;
}
