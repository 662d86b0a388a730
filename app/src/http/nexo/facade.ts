// nexo as a way in: to a till we are the terminal, whatever terminal stands behind us. It logs in,
// pays, takes back, aborts and asks; everything becomes operations of the gateway.
import { isFinal, type Operation } from '../../domain/operation.ts';
import { NEXO_LOOK_BACK, NEXO_TILL_TIMEOUT_MS, WAIT_SECONDS_MAX } from '../../domain/limits.ts';
import type { Gateway } from '../../operations/gateway.ts';
import type { Language, NexoPairing, Settings } from '../../operations/settings-schema.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import type { Log } from '../../ports/log.ts';
import type { NexoPort, NexoTill } from '../../ports/nexo-control.ts';
import type { NexoArrival } from '../../ports/nexo-receiver.ts';
import type { SettingsStore } from '../../ports/settings-store.ts';
import {
  at,
  type NexoHeader,
  type NexoMessage,
  readNexo,
  replyHeader,
  textOf,
  value,
} from '../../xml/nexo/envelope.ts';
import { headerNode, type NexoNode, node, writeNexo } from '../../xml/nexo/write.ts';
import type { XmlElement } from '../../xml/read.ts';
import type { Guard } from '../auth.ts';
import { answerTo, type Condition, conditionOfRefusal, failure, success } from './answers.ts';
import { createTillLine, type TillLine } from './call-back.ts';
import type { DoorReply } from './door.ts';
import { follow } from './follow.ts';
import { keepPort } from './kept-port.ts';
import { type Caller, callerOf } from './pairing.ts';
import { refusalOf } from './refusals.ts';
import { isRejection, rejectionHeader } from './rejection.ts';
import { type Asked, paymentOf, referenceOf, reversalOf } from './requests.ts';

export interface NexoFacadeParts {
  readonly gateway: Gateway;
  readonly settings: SettingsStore<Settings>;
  readonly authenticate: Guard['admit'];
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly host: string;
  /** 0 = any free port, for tests; else the one of the settings. */
  readonly port?: number;
}

export interface NexoFacade {
  /** As the settings are now, and again after they changed. Null where no port is open. */
  open(): Promise<number | null>;
  state(): NexoPort;
  tills(): readonly NexoTill[];
  close(): Promise<void>;
}

/** A login of a till: how it wants to be told things. */
interface TillSession {
  /** As it was at the login: where it has changed, the login is over. */
  readonly pairing: NexoPairing;
  readonly style: 'default' | 'light';
  readonly line: TillLine | null;
}

interface Context extends NexoFacadeParts {
  /** By pairing: SaleID and POIID. */
  readonly sessions: Map<string, TillSession>;
}

export function createNexoFacade(parts: NexoFacadeParts): NexoFacade {
  const context: Context = { ...parts, sessions: new Map() };
  const { host, clock, log, settings } = parts;
  const kept = keepPort({
    name: 'facade',
    host,
    clock,
    log,
    take: (arrival) => take(context, arrival),
  });
  return {
    open: async () => {
      const { facade } = settings.current().nexo;
      await kept.want(facade.enabled ? (parts.port ?? facade.port) : null);
      const state = kept.state();
      return state.kind === 'open' ? state.port : null;
    },
    state: () => kept.state(),
    tills: () => {
      const { pairings } = settings.current().nexo.facade;
      return pairings.flatMap((pairing) => {
        const session = sessionOf(context, pairing);
        const { saleId, poiId } = pairing;
        return session === null ? [] : [{ saleId, poiId, style: session.style }];
      });
    },
    close: () => kept.close(),
  };
}

/** Null where the till has not logged in, or has been paired anew since. */
function sessionOf({ sessions }: Context, pairing: NexoPairing): TillSession | null {
  const session = sessions.get(nameOf(pairing)) ?? null;
  const same = JSON.stringify(session?.pairing) === JSON.stringify(pairing);
  return same ? session : null;
}

async function take(
  context: Context,
  arrival: NexoArrival & { readonly authorization: string | null },
): Promise<DoorReply> {
  const { settings, authenticate, log } = context;
  const read = await readNexo(arrival.body, arrival.charset);
  if (read.kind === 'refused') {
    log.warn('nexo-unreadable', { peer: arrival.peer, detail: read.detail });
    return { status: 400, body: null };
  }
  const message: Taken = { ...read.message, raw: arrival.body };
  const { header } = message;
  const { pairings } = settings.current().nexo.facade;
  const { peer, authorization } = arrival;
  const caller = await callerOf(pairings, header, peer, authorization, authenticate);
  if (caller === null) {
    log.warn('nexo-till-not-paired', { peer });
    return { status: 403, body: null };
  }
  if (header.messageType !== 'Request') return { status: 204, body: null };
  // It becomes the name of an element in the answer, or is told back.
  if (!/^[A-Z][A-Za-z]{0,39}$/.test(header.messageCategory)) return { status: 400, body: null };
  const body = await bodyFor(context, caller, message, arrival.gone);
  if (body === 'taken') return { status: 204, body: null };
  if (body === 'lost') return { status: 'drop' };
  const reply = isRejection(body) ? rejectionHeader(header) : replyHeader(header);
  return { status: 200, body: writeNexo(reply, body) };
}

/** `raw`: as it came, for where it is told back. */
type Taken = NexoMessage & { readonly raw: Uint8Array };

type Body = NexoNode | 'taken' | 'lost';

async function bodyFor(
  context: Context,
  caller: Caller,
  message: Taken,
  gone: AbortSignal,
): Promise<Body> {
  const { header, body } = message;
  const category = header.messageCategory;
  if (category === 'Login') return login(context, caller, body);
  if (category === 'Abort') return abort(context, caller, body);
  const session = sessionOf(context, caller.pairing);
  if (session === null) return refused(context, message, failure('NotAllowed', 'login required'));
  switch (category) {
    case 'Logout':
      context.sessions.delete(nameOf(caller.pairing));
      return node('LogoutResponse', {}, [success()]);
    case 'Payment':
      return perform(context, caller, session, message, paymentOf(caller, header, body), gone);
    case 'Reversal':
      return perform(context, caller, session, message, reversalOf(caller, header, body), gone);
    case 'TransactionStatus':
      return status(context, caller, header, body);
    default:
      return refused(context, message, failure(missing(header)));
  }
}

function nameOf({ saleId, poiId }: NexoPairing): string {
  return JSON.stringify([saleId, poiId]);
}

/** SPEC 3: the style is decided by the capabilities of the till, and nothing else. */
function login(context: Context, caller: Caller, body: XmlElement | null): NexoNode {
  const { pairing, who } = caller;
  const { gateway, clock, version } = context;
  const view = gateway.terminal(who, pairing.terminal as Operation['request']['terminal']);
  if (view === null || view.link === 'disabled') {
    return node('LoginResponse', {}, [failure('Refusal', 'the terminal is not set up')]);
  }
  const capabilities = textOf(at(body, 'SaleTerminalData', 'SaleCapabilities')) ?? '';
  const style = capabilities.split(/\s+/).some((one) => one.startsWith('Cashier'))
    ? 'default'
    : 'light';
  const line = lineOf(context, pairing, style);
  context.sessions.set(nameOf(pairing), { pairing, style, line });
  return node('LoginResponse', {}, [
    success(),
    node('POISystemData', {}, [
      node('DateTime', {}, new Date(clock.now()).toISOString()),
      node('POISoftware', {
        ProviderIdentification: 'Tillgate',
        ApplicationName: 'Tillgate',
        SoftwareVersion: version,
      }),
      node(
        'POITerminalData',
        {
          TerminalEnvironment: 'Attended',
          POISerialNumber: view.identity?.terminalId ?? pairing.terminal,
        },
        [node('POICapabilities', {}, 'ICC MagStripe EMVContactless')],
      ),
      node('POIStatus', { GlobalStatus: view.link === 'offline' ? 'Unreachable' : 'OK' }),
    ]),
  ]);
}

function lineOf(
  context: Context,
  pairing: NexoPairing,
  style: TillSession['style'],
): TillLine | null {
  if (style === 'light' || pairing.callBack === undefined) return null;
  const { http, clock, log } = context;
  const { saleId, poiId, callBack: address } = pairing;
  return createTillLine({
    address,
    saleId,
    poiId,
    http,
    clock,
    log,
    timeoutMs: NEXO_TILL_TIMEOUT_MS,
  });
}

async function perform(
  context: Context,
  caller: Caller,
  session: TillSession,
  message: Taken,
  asked: Asked,
  gone: AbortSignal,
): Promise<Body> {
  const { gateway } = context;
  const { who } = caller;
  const { header } = message;
  if (asked.kind === 'wrong')
    return refused(context, message, failure('MessageFormat', asked.part));
  const stop = follow(context, caller, session, asked.id);
  try {
    const started = await gateway.start(who, asked.id, asked.body);
    if (started.kind === 'refused') {
      const { code, detail } = started.refusal;
      return refused(context, message, failure(conditionOfRefusal(code), detail));
    }
    const operation = await gateway.wait(who, asked.id, WAIT_SECONDS_MAX * 1_000, gone);
    // There is no word for «not known»: the till gets no answer, and asks for the status.
    if (operation === null || !isFinal(operation.state)) return 'lost';
    return answerTo(header.messageCategory, operation, languageOf(context));
  } finally {
    stop();
  }
}

function missing({ messageClass }: NexoHeader): Condition {
  return messageClass === 'Device' ? 'UnavailableDevice' : 'UnavailableService';
}

/** Nothing was started. */
function refused({ clock }: Context, message: Taken, response: NexoNode): Body {
  return refusalOf(message, response, clock.now()) ?? 'taken';
}

/** SPEC 4.4: always taken; what came of it is in the answer of the aborted message. */
async function abort(context: Context, caller: Caller, body: XmlElement | null): Promise<Body> {
  const { gateway, log } = context;
  const session = sessionOf(context, caller.pairing);
  const reference = at(body, 'MessageReference');
  const found = find(context, caller, reference);
  const details = `abort of ${value(reference, 'ServiceID') ?? '?'}`;
  if (found === null) session?.line?.event('Reject', details);
  else if (isFinal(found.state)) session?.line?.event('Completed', details);
  else {
    const done = await gateway.cancel(caller.who, found.id);
    if (done.kind === 'refused') log.warn('nexo-abort-refused', { code: done.refusal.code });
  }
  return 'taken';
}

/** SPEC 4.5: a success means that something was found; the verdict is inside of it. */
function status(
  context: Context,
  caller: Caller,
  header: NexoHeader,
  body: XmlElement | null,
): NexoNode {
  const found = find(context, caller, at(body, 'MessageReference'));
  if (found === null) return statusAnswer([failure('NotFound')]);
  if (!isFinal(found.state)) return statusAnswer([failure(caller.pairing.unfinished)]);
  const reference = referenceOf(found);
  if (reference === null) return statusAnswer([failure('NotFound')]);
  const repeated: NexoHeader = {
    ...header,
    messageCategory: reference.category,
    messageType: 'Response',
    serviceId: reference.serviceId,
  };
  return statusAnswer([
    success(),
    node('RepeatedMessageResponse', {}, [
      headerNode(repeated),
      answerTo(reference.category, found, languageOf(context)),
    ]),
  ]);
}

function statusAnswer(parts: readonly NexoNode[]): NexoNode {
  return node('TransactionStatusResponse', {}, parts);
}

/** The newest operation of this till that the reference fits; without one, the newest. */
function find(context: Context, caller: Caller, reference: XmlElement | null): Operation | null {
  const { pairing, who } = caller;
  const terminal = pairing.terminal as Operation['request']['terminal']; // the settings' schema
  const { operations } = context.gateway.list(who, { terminal, limit: NEXO_LOOK_BACK });
  const category = value(reference, 'MessageCategory');
  const serviceId = value(reference, 'ServiceID');
  const saleId = value(reference, 'SaleID') ?? pairing.saleId;
  if (value(reference, 'POIID') !== null && value(reference, 'POIID') !== pairing.poiId)
    return null;
  const fits = (operation: Operation): boolean => {
    const own = referenceOf(operation);
    return (
      own !== null &&
      own.saleId === saleId &&
      (category === null || own.category === category) &&
      (serviceId === null || own.serviceId === serviceId)
    );
  };
  return operations.find(fits) ?? null;
}

function languageOf({ settings }: Context): Language {
  return settings.current().shop.language;
}
