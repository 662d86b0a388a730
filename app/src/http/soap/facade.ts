// SOAP for 1C on the port of the API: the WSDL, and the calls to `/` and `/soap/{terminal}`.
import type { Context, Middleware } from 'koa';
import { TERMINAL_ID_PATTERN } from '../../domain/ids.ts';
import type { Gateway, Principal } from '../../operations/gateway.ts';
import type { Language, Settings } from '../../operations/settings-schema.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsStore } from '../../ports/settings-store.ts';
import {
  CONTENT_TYPES,
  type FaultCode,
  readEnvelope,
  type SoapVersion,
  writeEnvelope,
  writeFault,
} from '../../xml/envelope.ts';
import { escapeXml, prepareXml, readXml, type XmlElement } from '../../xml/read.ts';
import type { Admission, Guard } from '../auth.ts';
import { addressOf } from '../context.ts';
import { titleOf } from '../errors.ts';
import { chooseLanguage } from '../language.ts';
import { readBytes } from '../read-body.ts';
import { type CallResult, perform, WRONG_INFO } from './calls.ts';
import {
  type CallName,
  CODES,
  isCall,
  PAYINFO_FIELDS,
  type PayInfo,
  POS_NAMESPACE,
} from './contract.ts';
import { readParameters } from './parameters.ts';
import { POS_XSD, wsdlFor } from './wsdl.ts';

export interface SoapFacadeParts {
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  /** The `admit` of the server's guard. */
  readonly authenticate: (...asked: Parameters<Guard['admit']>) => Promise<Admission>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whoever calls while authentication is switched off. */
const ANYBODY: Principal = {
  name: 'soap',
  role: 'till',
  limits: { terminals: null, kinds: null, amountMax: null },
};

export function createSoapFacade(parts: SoapFacadeParts): Middleware {
  return async (context, next) => {
    if (!parts.settings.current().soap.enabled) return next();
    const reading = context.method === 'GET' || context.method === 'HEAD';
    if (reading && context.path === '/pos.xsd') return sendSchema(context);
    const place = placeOf(context.path);
    if (place === null) return next();
    if (reading && asksForWsdl(context)) return sendWsdl(parts, context, place);
    return context.method === 'POST' ? takeCall(parts, context, place) : next();
  };
}

/** Where the call came to; `terminal` is null at the root. */
interface Place {
  readonly terminal: string | null;
}

function placeOf(path: string): Place | null {
  if (path === '/') return { terminal: null };
  const name = /^\/soap\/([^/]+)\/?$/.exec(path)?.[1];
  return name !== undefined && TERMINAL_ID_PATTERN.test(name) ? { terminal: name } : null;
}

function asksForWsdl(context: Context): boolean {
  return Object.keys(context.query).some((key) => key.toLowerCase() === 'wsdl');
}

/** A public document: 1C's designer imports it from a file, not with a password. */
function sendSchema(context: Context): void {
  context.status = 200;
  context.type = 'text/xml; charset=utf-8';
  context.body = POS_XSD;
}

async function sendWsdl(parts: SoapFacadeParts, context: Context, place: Place): Promise<void> {
  if ((await admitted(parts, context)) === null) return;
  const { terminals, soap } = parts.settings.current();
  if (place.terminal !== null && !terminals.some(({ id }) => id === place.terminal)) {
    context.status = 404;
    context.type = 'text/plain; charset=utf-8';
    context.body = `no terminal ${place.terminal}\n`;
    return;
  }
  const path = place.terminal === null ? '/' : `/soap/${place.terminal}`;
  const base = soap.publicAddress?.replace(/\/+$/, '') ?? callersAddress(context);
  context.status = 200;
  context.type = 'text/xml; charset=utf-8';
  context.set('Cache-Control', 'no-store');
  context.body = wsdlFor(`${base}${path}`);
  // Whoever reads the description calls next.
  context.res.once('finish', () => {
    prepareXml().catch((error: unknown) =>
      parts.log.warn('xml-not-prepared', { reason: String(error) }),
    );
  });
}

/** The address by which this caller reached us: it can reach us there again. */
function callersAddress(context: Context): string {
  const { localAddress = '127.0.0.1', localPort } = context.req.socket;
  const host = context.req.headers.host ?? '';
  const plain = localAddress.replace(/^::ffff:/, '');
  const own = `${plain.includes(':') ? `[${plain}]` : plain}:${localPort ?? 80}`;
  return `${context.protocol}://${/^[A-Za-z0-9._:[\]-]{1,255}$/.test(host) ? host : own}`;
}

async function takeCall(parts: SoapFacadeParts, context: Context, place: Place): Promise<void> {
  const who = await admitted(parts, context);
  if (who === null) return;
  // A page in a browser cannot send these types without asking us first.
  const type = /^\s*(text\/xml|application\/soap\+xml|application\/xml)\s*(?:;|$)/i;
  const contentType = context.req.headers['content-type'] ?? '';
  if (!type.test(contentType)) {
    return sendFault(context, '1.1', 'sender', 'send text/xml or application/soap+xml', 415);
  }
  const read = await readBytes(context.req);
  if (read.kind === 'gone') return;
  if (read.kind === 'refused') {
    if (read.close) context.set('Connection', 'close');
    return sendFault(context, '1.1', 'sender', read.problem.detail, 413);
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? null;
  const document = await readXml(read.bytes, charset);
  if (document.kind === 'refused') return sendFault(context, '1.1', 'sender', document.detail);
  const envelope = readEnvelope(document.root);
  if (envelope.kind !== 'body') {
    const { code, detail } = envelope.kind === 'refused' ? envelope : FAULT_INSTEAD;
    return sendFault(context, envelope.version ?? '1.1', code, detail);
  }
  const { body, version } = envelope;
  if (body.namespace !== POS_NAMESPACE || !isCall(body.name)) {
    const detail = `no operation ${body.name} in namespace ${POS_NAMESPACE}`;
    return sendFault(context, version, 'sender', detail);
  }
  try {
    await answerCall(parts, context, { place, who, name: body.name, body, version });
  } catch (error) {
    parts.log.error('soap-failed', { call: body.name }, error);
    sendFault(context, version, 'receiver', 'the gateway failed; see its log');
  }
}

const FAULT_INSTEAD = { code: 'sender', detail: 'the Body has a Fault and no call' } as const;

interface Call {
  readonly place: Place;
  readonly who: Principal;
  readonly name: CallName;
  readonly body: XmlElement;
  readonly version: SoapVersion;
}

async function answerCall(parts: SoapFacadeParts, context: Context, call: Call): Promise<void> {
  const { gateway, settings, log } = parts;
  const { place, who, name, body, version } = call;
  const { soap } = settings.current();
  const read = readParameters(name, body);
  const language = languageOf(parts, context);
  const terminal = place.terminal ?? soap.defaultTerminal;
  const result: CallResult =
    read.kind === 'wrong'
      ? wrong(name, read.detail)
      : await perform({ gateway, who, language, terminal }, name, read.values);
  if (result.kind === 'fault') {
    const { title } = titleOf(result.refusal.code, language);
    log.warn('soap-refused', { call: name, key: who.name, code: result.refusal.code });
    return sendFault(context, version, 'sender', `${title} (${result.refusal.detail})`);
  }
  const detail = read.kind === 'wrong' ? read.detail : result.kind === 'code' && result.detail;
  // The number is all that 1C hears; the log tells its programmer why.
  if (typeof detail === 'string') log.info('soap-answer', { call: name, key: who.name, detail });
  context.status = 200;
  context.set('Content-Type', CONTENT_TYPES[version]);
  context.set('Cache-Control', 'no-store');
  context.body = writeEnvelope(version, responseOf(name, result));
}

function wrong(name: CallName, detail: string): CallResult {
  return name === 'PayInfo'
    ? { kind: 'info', info: WRONG_INFO }
    : { kind: 'code', code: CODES.wrongParameters, detail };
}

function responseOf(name: CallName, result: Exclude<CallResult, { kind: 'fault' }>): string {
  const value = result.kind === 'code' ? String(result.code) : infoXml(result.info);
  const namespaces =
    `xmlns="${POS_NAMESPACE}"` +
    (result.kind === 'info' ? ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' : '');
  return `<${name}Response ${namespaces}><return>${value}</return></${name}Response>`;
}

function infoXml(info: PayInfo): string {
  const fields = Object.keys(PAYINFO_FIELDS) as (keyof PayInfo)[]; // the keys of our own table
  return fields
    .map((field) => {
      const value = info[field];
      return value === null
        ? `<${field} xsi:nil="true"/>`
        : `<${field}>${escapeXml(String(value))}</${field}>`;
    })
    .join('');
}

/** Null where the caller was refused and told so. */
async function admitted(parts: SoapFacadeParts, context: Context): Promise<Principal | null> {
  if (!parts.settings.current().soap.authentication) return ANYBODY;
  const { authorization } = context.req.headers;
  const admission = await parts.authenticate(authorization, addressOf(context));
  if (admission.kind === 'admitted') return admission.who;
  // A client that is cut while it still sends sees a broken connection and not the refusal.
  if (context.method === 'POST' && (await readBytes(context.req)).kind === 'gone') return null;
  refuseCaller(parts, context, admission);
  return null;
}

function refuseCaller(
  parts: SoapFacadeParts,
  context: Context,
  { problem, headers }: Extract<Admission, { kind: 'refused' }>,
): void {
  const { title } = titleOf(problem.code, languageOf(parts, context));
  for (const [name, value] of Object.entries(headers)) context.set(name, value);
  const status = problem.code === 'too-many-requests' ? 429 : 401;
  // 1C knows Basic only, and a client that sees Bearer first may give up.
  if (status === 401) context.set('WWW-Authenticate', 'Basic realm="Tillgate", charset="UTF-8"');
  sendFault(context, '1.1', 'sender', `${title} (${problem.detail})`, status);
}

function languageOf(parts: SoapFacadeParts, context: Context): Language {
  const shop = parts.settings.current().shop.language;
  return chooseLanguage(context.get('Accept-Language') || undefined, shop);
}

/** SOAP 1.1 knows 500 only; 1.2 tells whose mistake it was. */
function sendFault(
  context: Context,
  version: SoapVersion,
  code: FaultCode,
  text: string,
  status = version === '1.2' && code === 'sender' ? 400 : 500,
): void {
  context.status = status;
  context.set('Content-Type', CONTENT_TYPES[version]);
  context.set('Cache-Control', 'no-store');
  context.body = writeFault(version, code, text);
}
