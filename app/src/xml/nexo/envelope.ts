// nexo messages from the network: lenient inside, strict about what a message is.
import { attribute, readXml, type XmlElement } from '../read.ts';
import { ROOTS } from './order.ts';

export interface NexoHeader {
  readonly protocolVersion: string | null;
  readonly messageClass: string;
  readonly messageCategory: string;
  readonly messageType: string;
  readonly serviceId: string | null;
  readonly deviceId: string | null;
  readonly saleId: string;
  readonly poiId: string;
}

export interface NexoMessage {
  readonly header: NexoHeader;
  /** The one element beside the header; null where there is none. */
  readonly body: XmlElement | null;
}

export type NexoRead =
  | { kind: 'message'; message: NexoMessage }
  | { kind: 'refused'; detail: string };

export async function readNexo(bytes: Uint8Array, charset: string | null): Promise<NexoRead> {
  const document = await readXml(bytes, charset);
  if (document.kind === 'refused') return document;
  const { root } = document;
  if (root.name !== ROOTS.request && root.name !== ROOTS.response) {
    return { kind: 'refused', detail: `the root element ${root.name} is not taken` };
  }
  const header = headerOf(root);
  if (header === null) return { kind: 'refused', detail: 'the MessageHeader is incomplete' };
  const answers = header.messageType === 'Response';
  if (answers !== (root.name === ROOTS.response)) {
    return { kind: 'refused', detail: `a ${header.messageType} does not belong in ${root.name}` };
  }
  const body = root.children.find(({ name }) => !BESIDE.includes(name)) ?? null;
  return { kind: 'message', message: { header, body } };
}

/** A message inside of another, as in RepeatedMessageResponse; null where it is none. */
export function nestedMessage(parent: XmlElement): NexoMessage | null {
  const header = headerOf(parent);
  const body = parent.children.find(({ name }) => !BESIDE.includes(name)) ?? null;
  return header === null ? null : { header, body };
}

const BESIDE: readonly string[] = ['MessageHeader', 'SecurityTrailer'];

function headerOf(parent: XmlElement): NexoHeader | null {
  const element = parent.children.find(({ name }) => name === 'MessageHeader');
  if (element === undefined) return null;
  const messageCategory = attribute(element, 'MessageCategory');
  const messageType = attribute(element, 'MessageType');
  if (messageCategory === null || messageType === null) return null;
  return {
    protocolVersion: attribute(element, 'ProtocolVersion'),
    messageClass: attribute(element, 'MessageClass') ?? '',
    messageCategory,
    messageType,
    serviceId: attribute(element, 'ServiceID'),
    deviceId: attribute(element, 'DeviceID'),
    saleId: attribute(element, 'SaleID') ?? '',
    poiId: attribute(element, 'POIID') ?? '',
  };
}

/** The header of the answer to this message. */
export function replyHeader(asked: NexoHeader): NexoHeader {
  return { ...asked, messageType: 'Response' };
}

/** Walks down by names; null where a step is missing. */
export function at(from: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let element = from;
  for (const name of path) {
    element = element?.children.find((child) => child.name === name) ?? null;
  }
  return element;
}

export function all(from: XmlElement | null, name: string): readonly XmlElement[] {
  return from?.children.filter((child) => child.name === name) ?? [];
}

/** A trimmed attribute; null where it is missing or empty. */
export function value(element: XmlElement | null, name: string): string | null {
  const text = element === null ? null : attribute(element, name)?.trim();
  return text === undefined || text === '' ? null : text;
}

/** A trimmed text; null where it is missing or empty. */
export function textOf(element: XmlElement | null): string | null {
  const text = element?.text.trim() ?? '';
  return text === '' ? null : text;
}

/** `xs:boolean`; null where it is none. */
export function flag(text: string | null): boolean | null {
  if (text === null) return null;
  const word = text.toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

export interface ResponseHead {
  readonly result: string;
  /** '' where none is named. */
  readonly condition: string;
  readonly text: string | null;
}

/** Result and condition of an answer's body; null where it has no Response with a Result. */
export function responseOf(body: XmlElement | null): ResponseHead | null {
  const response = at(body, 'Response');
  const result = value(response, 'Result');
  if (result === null) return null;
  return {
    result,
    condition: value(response, 'ErrorCondition') ?? '',
    text: textOf(at(response, 'AdditionalResponse')),
  };
}
