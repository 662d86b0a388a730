// What a terminal of the default style tells and asks: texts, questions, paper, events. Answered at
// once; nothing here waits for the payment that is under way.
import type { Currency } from '../../domain/money.ts';
import {
  all,
  at,
  flag,
  type NexoMessage,
  replyHeader,
  textOf,
  value,
} from '../../xml/nexo/envelope.ts';
import { type NexoNode, node, writeNexo } from '../../xml/nexo/write.ts';
import type { NexoReply } from '../../ports/nexo-receiver.ts';
import type { XmlElement } from '../../xml/read.ts';
import type { Core, Running } from './core.ts';
import { readReceipt } from './receipt.ts';
import { askCashier, QUESTION } from './signature.ts';
import { movedTo } from './transmit.ts';

export const TAKEN: NexoReply = { status: 204, body: null };

/** Answers one message of this terminal. */
export async function answerDevice(core: Core, message: NexoMessage): Promise<NexoReply> {
  const { header, body } = message;
  const running = core.running;
  if (running !== null) running.heard += 1;
  if (header.messageType !== 'Request' && header.messageType !== 'Notification') return TAKEN;
  switch (header.messageCategory) {
    case 'Display':
      return replied(message, display(running, body));
    case 'Input':
      return replied(message, await input(core, running, body));
    case 'Print':
      return replied(message, print(running, body, core.setup.currency));
    case 'Event':
      note(core, running, body);
      return TAKEN;
    case 'Transmit':
      transmit(core, body);
      return TAKEN;
    default:
      core.log.warn('nexo-message-not-taken', { category: header.messageCategory });
      return { status: 400, body: null };
  }
}

function replied(message: NexoMessage, body: NexoNode | null): NexoReply {
  if (body === null) return TAKEN;
  return { status: 200, body: writeNexo(replyHeader(message.header), body) };
}

/** SPEC 4.7: an answer where the flag is true or missing, one result for each such output. */
function display(running: Running | null, body: XmlElement | null): NexoNode | null {
  const outputs = all(body, 'DisplayOutput');
  for (const output of outputs) show(running, output);
  const wanting = outputs.filter((output) => flag(value(output, 'ResponseRequiredFlag')) !== false);
  if (wanting.length === 0) return null;
  return node('DisplayResponse', {}, wanting.map(outputResult));
}

function show(running: Running | null, output: XmlElement): void {
  if (running === null) return;
  for (const element of all(at(output, 'OutputContent'), 'OutputText')) {
    const line = textOf(element);
    if (line === null) continue;
    const { id, text } = readText(line);
    running.exchange.display(id ?? value(output, 'InfoQualify') ?? 'Display', text);
  }
}

/** SPEC 4.7: `202,"Approved"`; some programs of terminals leave the number out. */
export function readText(line: string): { id: string | null; text: string } {
  const match = /^\s*(\d+)\s*,\s*"?([\s\S]*?)"?\s*$/.exec(line);
  return match === null ? { id: null, text: line } : { id: match[1] ?? null, text: match[2] ?? '' };
}

function outputResult(output: XmlElement): NexoNode {
  return node('OutputResult', copied(output), [node('Response', { Result: 'Success' })]);
}

function copied(element: XmlElement): { Device: string; InfoQualify: string } {
  return {
    Device: value(element, 'Device') ?? 'CashierDisplay',
    InfoQualify: value(element, 'InfoQualify') ?? 'Display',
  };
}

/** SPEC 4.8: a «no» is a Success with ConfirmedFlag false; unable to ask is a Failure. */
async function input(
  core: Core,
  running: Running | null,
  body: XmlElement | null,
): Promise<NexoNode> {
  const asked = at(body, 'InputData');
  const output = at(body, 'DisplayOutput');
  if (output !== null) show(running, output);
  const command = value(asked, 'InputCommand') ?? '';
  const result = await confirmation(core, running, asked, output, command);
  return node('InputResponse', {}, [
    output === null ? null : outputResult(output),
    node('InputResult', asked === null ? DEVICE : copiedInput(asked), result),
  ]);
}

const DEVICE = { Device: 'CashierInput', InfoQualify: 'Input' };

function copiedInput(asked: XmlElement): { Device: string; InfoQualify: string } {
  return {
    Device: value(asked, 'Device') ?? DEVICE.Device,
    InfoQualify: value(asked, 'InfoQualify') ?? DEVICE.InfoQualify,
  };
}

async function confirmation(
  core: Core,
  running: Running | null,
  asked: XmlElement | null,
  output: XmlElement | null,
  command: string,
): Promise<readonly NexoNode[]> {
  if (command !== 'GetConfirmation') {
    core.log.warn('nexo-input-not-taken', { command });
    return failure('UnavailableDevice');
  }
  if (running === null || running.asking) return failure('UnavailableDevice');
  const texts = all(at(output, 'OutputContent'), 'OutputText').flatMap((one) => textOf(one) ?? []);
  const text = texts.map((line) => readText(line).text).join('\n') || QUESTION;
  const confirmed = await askCashier(core, running, patienceMs(core, asked), text);
  if (confirmed === null) return failure('Cancel');
  running.refused = !confirmed;
  return [
    node('Response', { Result: 'Success' }),
    node('Input', { InputCommand: command }, [node('ConfirmedFlag', {}, String(confirmed))]),
  ];
}

function failure(condition: string): readonly NexoNode[] {
  return [node('Response', { Result: 'Failure', ErrorCondition: condition })];
}

/** A little less than the terminal's own patience, so that our answer still finds it waiting. */
function patienceMs(core: Core, asked: XmlElement | null): number {
  const seconds = Number(value(asked, 'MaxInputTime') ?? '');
  if (!Number.isFinite(seconds) || seconds <= 0) return core.options.signatureMs;
  return Math.round(seconds * 1_000 * 0.95);
}

function print(
  running: Running | null,
  body: XmlElement | null,
  currency: Currency,
): NexoNode | null {
  const output = at(body, 'PrintOutput');
  const receipt = output === null ? null : readReceipt(output, currency);
  if (receipt !== null) running?.printed.push(receipt);
  if (output === null || value(output, 'ResponseMode') === 'NotRequired') return null;
  const DocumentQualifier = value(output, 'DocumentQualifier') ?? 'Document';
  return node('PrintResponse', { DocumentQualifier }, [node('Response', { Result: 'Success' })]);
}

/** SPEC 4.10. */
function note(core: Core, running: Running | null, body: XmlElement | null): void {
  const event = value(body, 'EventToNotify') ?? '';
  const details = textOf(at(body, 'EventDetails')) ?? '';
  switch (event) {
    case 'CardInserted':
    case 'CardRemoved':
      running?.exchange.display(event, details === '' ? event : details);
      break;
    case 'SaleAdmin':
      core.maintenance.required ||= flag(value(body, 'MaintenanceRequiredFlag')) ?? false;
      break;
    case 'BeginMaintenance':
      core.maintenance.required = false;
      break;
    case 'EndMaintenance':
      core.maintenance.required = false;
      core.maintenance.until = core.clock.now();
      break;
    case 'Initialised':
      // It has restarted: what we know of its login is over.
      core.lastStale = true;
      break;
    default:
      break;
  }
  const serious = event === 'Reject' || event === 'OutOfOrder' || event === 'SecurityAlarm';
  core.log[serious ? 'warn' : 'info']('nexo-event', { event, details });
}

/** SPEC 4.12: nobody proves who announces an address, so a person has to agree to it. */
function transmit(core: Core, body: XmlElement | null): void {
  const address = movedTo(body);
  if (address === null) return;
  if (address === core.setup.address.replace(/\/+$/, '')) {
    core.announced = null;
    core.link.alarm('moved', null);
    return;
  }
  core.announced = address;
  core.log.warn('nexo-terminal-announces-address', { address });
  core.link.alarm(
    'moved',
    `the terminal announces itself at ${address}; set this address if you agree`,
  );
}
