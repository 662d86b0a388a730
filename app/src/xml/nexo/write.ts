// nexo messages as text: strict in what is sent. Order comes from the table, not from the caller.
import { escapeXml } from '../read.ts';
import { partsOf, ROOTS } from './order.ts';
import type { NexoHeader } from './envelope.ts';

export interface NexoNode {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly NexoNode[];
  readonly text: string;
}

/** An attribute without a value is left out. */
export type Attributes = Readonly<Record<string, string | null | undefined>>;

/** `content`: a text, or the parts; null parts are left out. */
export function node(
  name: string,
  attributes: Attributes = {},
  content: string | readonly (NexoNode | null)[] = [],
): NexoNode {
  const text = typeof content === 'string' ? content : '';
  const given = typeof content === 'string' ? [] : content.filter((child) => child !== null);
  return { name, attributes, children: inOrder(name, given), text };
}

/** The whole message. Throws where a part that the schema requires is missing: a defect of ours. */
export function writeNexo(header: NexoHeader, body: NexoNode | null): string {
  const root = header.messageType === 'Response' ? ROOTS.response : ROOTS.request;
  const content = written(headerNode(header)) + (body === null ? '' : written(body));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>\n`;
}

/** The header of a repeated message stands inside of a body. */
export function headerNode(header: NexoHeader): NexoNode {
  return node('MessageHeader', {
    ProtocolVersion: header.protocolVersion,
    MessageClass: header.messageClass,
    MessageCategory: header.messageCategory,
    MessageType: header.messageType,
    ServiceID: header.serviceId,
    DeviceID: header.deviceId,
    SaleID: header.saleId,
    POIID: header.poiId,
  });
}

function inOrder(name: string, given: readonly NexoNode[]): readonly NexoNode[] {
  const order = partsOf(name).children;
  const placed = given.map((child) => {
    const place = order.indexOf(child.name);
    if (place < 0) throw new Error(`${child.name} is no part of ${name}`);
    return { child, place };
  });
  // Sorting is stable: repeated parts keep the order of the caller.
  return placed.sort((a, b) => a.place - b.place).map(({ child }) => child);
}

function written(element: NexoNode): string {
  const missing = partsOf(element.name).attributes.find(
    (name) => typeof element.attributes[name] !== 'string',
  );
  if (missing !== undefined) throw new Error(`${element.name} needs ${missing}`);
  const attributes = Object.entries(element.attributes)
    .filter(([, value]) => typeof value === 'string')
    .map(([name, value]) => ` ${name}="${escapeXml(value ?? '')}"`)
    .join('');
  const content = escapeXml(element.text) + element.children.map(written).join('');
  return content === ''
    ? `<${element.name}${attributes}/>`
    : `<${element.name}${attributes}>${content}</${element.name}>`;
}
