// Bytes from the network → a plain tree. Strict and bounded: no DTD, no entities of its own, no
// more elements and levels than the limits allow; libxml2 decides what is well-formed.
import type { XmlDocument, XmlElement as LibraryElement } from 'libxml2-wasm';
import { XML_DEPTH_MAX, XML_ELEMENTS_MAX } from '../domain/limits.ts';

export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** '' where it is in none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Its own character data, CDATA included, without that of its children. */
  readonly text: string;
}

export interface XmlAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

export type XmlRead = { kind: 'document'; root: XmlElement } | { kind: 'refused'; detail: string };

type Library = typeof import('libxml2-wasm');

/** A megabyte of WebAssembly: compiled when the first document comes, not while the box starts. */
let loading: Promise<Library> | null = null;

/** For whoever knows that a document is about to come. */
export async function prepareXml(): Promise<void> {
  await loaded();
}

/** `charset` is the one of the Content-Type, null where it names none. */
export async function readXml(bytes: Uint8Array, charset: string | null): Promise<XmlRead> {
  return readWith(await loaded(), bytes, charset);
}

function loaded(): Promise<Library> {
  loading ??= import('libxml2-wasm');
  return loading;
}

function readWith(library: Library, bytes: Uint8Array, charset: string | null): XmlRead {
  const decoded = decode(bytes, charset);
  if (decoded.kind === 'refused') return decoded;
  const content = withoutProlog(decoded.text);
  if (content === null) return refused('a document type or a declaration of entities is not taken');
  let document: XmlDocument;
  try {
    document = library.XmlDocument.fromString(content, { option: optionsOf(library) });
  } catch (error) {
    if (error instanceof library.XmlLibError)
      return refused(`not well-formed XML: ${firstLine(error)}`);
    throw error;
  }
  try {
    if (document.dtd !== null) return refused('a document type is not taken');
    return { kind: 'document', root: copy(library, document.root, 1, { left: XML_ELEMENTS_MAX }) };
  } catch (error) {
    if (error instanceof TooMuchError) return refused(error.message);
    throw error;
  } finally {
    document.dispose();
  }
}

export function child(parent: XmlElement, name: string, namespace?: string): XmlElement | null {
  const matches = (element: XmlElement): boolean =>
    element.name === name && (namespace === undefined || element.namespace === namespace);
  return parent.children.find(matches) ?? null;
}

export function attribute(element: XmlElement, name: string, namespace = ''): string | null {
  const matches = (one: XmlAttribute): boolean => one.name === name && one.namespace === namespace;
  return element.attributes.find(matches)?.value ?? null;
}

/** Text for content and attribute values; what XML cannot carry is replaced. */
export function escapeXml(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are what XML 1.0 forbids
    /[<>&"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => ESCAPES[character] ?? '\ufffd',
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  // A bare carriage return would come back as a line feed.
  '\r': '&#13;',
};

type ParseOption = Library['ParseOption'][keyof Library['ParseOption']];

function optionsOf({ ParseOption: option }: Library): ParseOption {
  return option.XML_PARSE_NONET | option.XML_PARSE_NO_XXE | option.XML_PARSE_NO_SYS_CATALOG;
}

class TooMuchError extends Error {}

function copy(
  library: Library,
  element: LibraryElement,
  depth: number,
  budget: { left: number },
): XmlElement {
  if (depth > XML_DEPTH_MAX) throw new TooMuchError(`deeper than ${XML_DEPTH_MAX} elements`);
  budget.left -= 1;
  if (budget.left < 0) throw new TooMuchError(`more than ${XML_ELEMENTS_MAX} elements`);
  const children: XmlElement[] = [];
  let text = '';
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (node instanceof library.XmlElement) children.push(copy(library, node, depth + 1, budget));
    else if (node instanceof library.XmlText || node instanceof library.XmlCData) {
      text += node.content;
    }
  }
  const attributes = element.attrs.map(({ name, namespaceUri, value }) => ({
    name,
    namespace: namespaceUri,
    value,
  }));
  return { name: element.name, namespace: element.namespaceUri, attributes, children, text };
}

type Decoded = { kind: 'text'; text: string } | { kind: 'refused'; detail: string };

/** UTF-8 and UTF-16 are what every XML processor must read; nobody sends us anything else. */
function decode(bytes: Uint8Array, charset: string | null): Decoded {
  const encoding = byteOrderMark(bytes) ?? (charset === null ? null : charset.toLowerCase());
  const name = encoding === null ? 'utf-8' : ENCODINGS[encoding];
  if (name === undefined) return refused(`the encoding ${encoding} is not taken; send UTF-8`);
  let text: string;
  try {
    text = new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return refused(`the bytes are not ${name}`);
    throw error;
  }
  // The parser would take such bytes for UTF-16 and read what nobody has looked through.
  if (text.includes('\0')) return refused('a character that XML forbids');
  const declared = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1]?.toLowerCase();
  // A declaration that contradicts the bytes is somebody's mistake about the rest of them.
  if (declared !== undefined && family(declared) !== family(name)) {
    return refused(`declared as ${declared}, sent as ${name}`);
  }
  return { kind: 'text', text };
}

const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

function family(encoding: string): string {
  return ENCODINGS[encoding]?.slice(0, 6) ?? encoding;
}

function byteOrderMark(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

/**
 * The text from its root element on, or null where something is declared before it. A document
 * type can stand nowhere else, so the parser never sees one.
 */
function withoutProlog(text: string): string | null {
  let at = 0;
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at += 1;
    if (text.startsWith('<!--', at)) at = after(text, '-->', at + 4);
    else if (text.startsWith('<?', at)) at = after(text, '?>', at + 2);
    else if (text.startsWith('<!', at)) return null;
    else return text.slice(at);
  }
}

/** Behind the end mark, or at the end of a text that has none: the parser names the fault. */
function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function firstLine(error: Error): string {
  return (error.message.split('\n')[0] ?? '').slice(0, 200);
}

function refused(detail: string): { kind: 'refused'; detail: string } {
  return { kind: 'refused', detail };
}
