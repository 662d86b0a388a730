// The parameters of a call, from XML by the table of the contract. What is not exactly as the
// contract says is a wrong parameter, with the reason for the log.
import { ORDER_ITEMS_MAX, SOAP_INT_MAX, SOAP_UID_LENGTH_MAX } from '../../domain/limits.ts';
import type { OrderItem } from '../../domain/operation.ts';
import { attribute, type XmlElement } from '../../xml/read.ts';
import {
  CALLS,
  type CallName,
  type ParameterType,
  POS_NAMESPACE,
  type Values,
} from './contract.ts';

export type ParametersRead<C extends CallName> =
  | { kind: 'values'; values: Values<C> }
  | { kind: 'wrong'; detail: string };

export function readParameters<C extends CallName>(name: C, call: XmlElement): ParametersRead<C> {
  const table: Readonly<Record<string, ParameterType>> = CALLS[name].parameters;
  const values: Record<string, unknown> = {};
  try {
    for (const element of call.children) {
      const type = Object.hasOwn(table, element.name) ? table[element.name] : undefined;
      if (type === undefined || !isOurs(element))
        throw new WrongError(`${element.name}: not known`);
      if (element.name in values) throw new WrongError(`${element.name} comes twice`);
      values[element.name] = READERS[type](element);
    }
    for (const [parameter, type] of Object.entries(table)) {
      if (parameter in values) continue;
      if (type !== 'order') throw new WrongError(`${parameter} is missing`);
      values[parameter] = null;
    }
  } catch (error) {
    if (error instanceof WrongError) return { kind: 'wrong', detail: error.message };
    throw error;
  }
  return { kind: 'values', values: values as Values<C> }; // the loops follow the same table
}

class WrongError extends Error {}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

const READERS: { readonly [T in ParameterType]: (element: XmlElement) => unknown } = {
  string: (element) => {
    // The only strings of calls are uids; their characters are the till's own business.
    const text = textOf(element);
    if (text.length === 0 || text.length > SOAP_UID_LENGTH_MAX) {
      throw new WrongError(`${element.name}: 1–${SOAP_UID_LENGTH_MAX} characters`);
    }
    return text;
  },
  int: (element) => intOf(element),
  order: (element) => {
    if (isNil(element)) return null;
    if (element.children.length > ORDER_ITEMS_MAX) {
      throw new WrongError(`order: more than ${ORDER_ITEMS_MAX} items`);
    }
    return element.children.map(itemOf);
  },
};

function itemOf(item: XmlElement): OrderItem {
  if (item.name !== 'orderitem' || !isOurs(item)) throw new WrongError(`order: ${item.name}`);
  const found: Record<string, XmlElement> = {};
  for (const element of item.children) {
    // The seed's text says `price` where its sample says `cost`.
    const name = element.name === 'price' ? 'cost' : element.name;
    if (!isOurs(element) || name in found) throw new WrongError(`orderitem: ${element.name}`);
    found[name] = element;
  }
  const { id, name, count, cost, ...more } = found;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new WrongError(`orderitem: ${unknown} is not known`);
  if (id === undefined || name === undefined || count === undefined || cost === undefined) {
    throw new WrongError('orderitem: id, name, count and cost are needed');
  }
  return { id: textOf(id), name: textOf(name), count: decimalOf(count), cost: intOf(cost) };
}

/** Qualified as the schema says, or unqualified as some clients send all the same. */
function isOurs(element: XmlElement): boolean {
  return element.namespace === POS_NAMESPACE || element.namespace === '';
}

function isNil(element: XmlElement): boolean {
  const nil = attribute(element, 'nil', XSI)?.trim();
  return nil === 'true' || nil === '1';
}

function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw new WrongError(`${element.name}: text is needed`);
  return isNil(element) ? '' : element.text;
}

function intOf(element: XmlElement): number {
  const text = textOf(element).trim();
  const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(value) <= SOAP_INT_MAX)) throw new WrongError(`${element.name}: an xs:int`);
  return value;
}

/** Quantities only: pieces, or kilograms with a fraction. Money is never read here. */
function decimalOf(element: XmlElement): number {
  const text = textOf(element).trim();
  const isDecimal = /^[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})$/.test(text);
  const value = isDecimal ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || value < 0) {
    throw new WrongError(`${element.name}: a decimal, zero or more`);
  }
  return value;
}
