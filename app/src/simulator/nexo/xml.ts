// A terminal's own small XML reader and writer: elements, attributes, text; nothing else is taken.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** A value that is null is left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  content: string | readonly (Element | null)[] = [],
): Element {
  const given = Object.entries(attributes).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  return {
    name,
    attributes: Object.fromEntries(given),
    children: typeof content === 'string' ? [] : content.filter((child) => child !== null),
    text: typeof content === 'string' ? content : '',
  };
}

export function serialise(root: Element): string {
  const attributes = Object.entries(root.attributes).map(
    ([name, value]) => ` ${name}="${escaped(value)}"`,
  );
  const content = escaped(root.text) + root.children.map(serialise).join('');
  return `<${root.name}${attributes.join('')}>${content}</${root.name}>`;
}

export function childOf(parent: Element | null, ...path: readonly string[]): Element | null {
  let found = parent;
  for (const name of path) found = found?.children.find((child) => child.name === name) ?? null;
  return found;
}

export class XmlError extends Error {}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<\/([A-Za-z][\w.:-]*)\s*>|<([A-Za-z][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ELEMENTS_MAX = 5_000;

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** The root element; throws XmlError where the text is no document of the kind that we take. */
export function parse(text: string): Element {
  const stack: Open[] = [];
  let root: Element | null = null;
  let count = 0;
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    end = TOKEN.lastIndex;
    const [, closed, opened, attributes = '', empty, characters] = match;
    if (opened !== undefined) {
      count += 1;
      if (count > ELEMENTS_MAX || (stack.length === 0 && root !== null))
        throw new XmlError('shape');
      stack.push({ name: opened, attributes: attributesOf(attributes), children: [], text: '' });
    }
    if (closed !== undefined || empty === '/') root = close(stack, closed ?? opened ?? '', root);
    if (characters !== undefined) append(stack, characters);
  }
  if (end !== text.length || root === null || stack.length > 0)
    throw new XmlError('not well-formed');
  return root;
}

function close(stack: Open[], name: string, root: Element | null): Element | null {
  const done = stack.pop();
  if (done?.name !== name) throw new XmlError(`</${name}> closes nothing`);
  const parent = stack.at(-1);
  if (parent === undefined) return done;
  parent.children.push(done);
  return root;
}

function append(stack: Open[], characters: string): void {
  const open = stack.at(-1);
  if (open === undefined) {
    if (characters.trim() !== '') throw new XmlError('text outside of the root');
  } else open.text += unescaped(characters);
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(
    ([, name = '', double, single]) => [name, unescaped(double ?? single ?? '')] as const,
  );
  return Object.fromEntries(pairs);
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));|&/gi, (_, decimal, hex, name) => {
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    const known = typeof name === 'string' ? ENTITIES[name] : undefined;
    if (known === undefined) throw new XmlError('an entity that is not known');
    return known;
  });
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
