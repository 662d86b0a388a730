// The rules of the house that no linter knows. Every message names the mend.
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { MESSAGES } from '../app/src/domain/failures.ts';
import { CATALOGS } from '../app/src/domain/texts/index.ts';
import { importsOf, linesWith, projectSources, type Source, sourceOf } from './tidy-sources.ts';

const ROOT = 'app/src/';
const SOURCES = projectSources();
const TYPESCRIPT = SOURCES.filter(({ path }) => path.endsWith('.ts'));
const PRODUCT = TYPESCRIPT.filter(({ path }) => path.startsWith(ROOT));
const SHELL = SOURCES.filter(({ text }) => /^#!.*\b(?:ba|da)?sh\b/.test(text));
const THIS = 'test/tidy';

const NODE = 'node:';
const PACKAGES = 'packages';

/** Which room may import which: rooms, packages by name, `node:`, or all packages. */
const ROOMS: Readonly<Record<string, readonly string[]>> = table({
  domain: '',
  ports: 'domain',
  operations: 'domain ports zod node:crypto',
  'terminals/wire': 'domain ports',
  'terminals/<protocol>': 'domain ports terminals/wire xml',
  'terminals/registry.ts': 'domain ports terminals/wire terminals/<protocol>',
  transport: 'domain ports node: serialport',
  storage: 'domain ports node: packages',
  xml: 'domain libxml2-wasm',
  accounts: 'domain ports operations node:crypto',
  http: 'domain ports operations accounts xml version.ts node: @fastify/busboy koa koa-router koa-helmet nunjucks uqr zod',
  relay: 'domain ports operations node: packages',
  simulator: 'domain ports node:',
  console: 'domain ports operations accounts storage system update hand version.ts node: packages',
  update: 'domain ports storage system node: zod',
  hand: 'domain ports storage system update version.ts node: zod',
  outbound: 'domain ports operations xml version.ts node: zod',
  'bank-library': 'domain ports system node: koffi zod',
  system: 'domain ports node: packages',
  cli: 'domain ports operations storage bank-library system transport simulator update xml terminals/registry.ts version.ts node: packages',
  'version.ts': 'node:',
});
/** Here adapters are built and put together; they may import anything. */
const COMPOSITION = /^(?:appliance|demonstration|devices|main|nexo|pages|warming)\.ts$/;
/** A program of its own builds its adapters too; the rules of its room hold for the rest. */
const MAIN = /(?:^|\/)main\.ts$/;

test('every folder of app/src is a room with a rule', () => {
  const unknown = PRODUCT.map(({ path }) => path.slice(ROOT.length))
    .filter((inner) => !COMPOSITION.test(inner) && ROOMS[roomOf(inner)] === undefined)
    .map(roomOf);
  clean(
    [...new Set(unknown)].map(
      (room) =>
        `app/src/${room} is no room; move its files, or add it with its imports to ROOMS in ` +
        'test/tidy.test.ts and to the tables of ARCHITECTURE.md and README.md',
    ),
  );
});

test('rooms import only what their rule allows', () => {
  const problems = PRODUCT.flatMap((source) => {
    const inner = source.path.slice(ROOT.length);
    const allowed = ROOMS[roomOf(inner)];
    if (COMPOSITION.test(inner) || allowed === undefined) return [];
    return importsOf(source)
      .filter((imported) => !mayImport(inner, allowed, imported))
      .map(
        (imported) =>
          `${source.path} imports ${imported}: «${roomOf(inner)}» may import ` +
          `${allowed.join(', ') || 'nothing'}; pass it in through a port, or move the code`,
      );
  });
  clean(problems);
});

test('time and chance come through system/clock.ts', () => {
  const pattern =
    /\bDate\.now\b|\bMath\.random\b|(?<![.\w])set(?:Timeout|Interval)\b|\bperformance\.now\b|\bnew Date\(\s*\)|\brandom(?:Bytes|UUID|Int)\b/;
  clean(
    PRODUCT.filter(({ path }) => path !== `${ROOT}system/clock.ts`).flatMap((source) =>
      at(source, source.bare, pattern, 'take it from the Clock or Random port'),
    ),
  );
});

test('environment and exit belong to the mains', () => {
  clean(
    PRODUCT.filter(({ path }) => !MAIN.test(path)).flatMap((source) =>
      at(
        source,
        source.bare,
        /\bprocess\.(?:env|exit|exitCode)\b/,
        'hand the value in from main.ts',
      ),
    ),
  );
});

test('a protocol is named only where it lives or is chosen', () => {
  const home =
    /^(?:terminals\/privat-json\/|terminals\/registry\.ts$|simulator\/|appliance\.ts$|demonstration\.ts$|http\/rest\/examples\.ts$)/;
  clean(
    PRODUCT.filter(({ path }) => !home.test(path.slice(ROOT.length))).flatMap((source) =>
      at(source, source.code, /privat(?:[-_]?json|bank|\b)/i, 'ask the driver or its settings'),
    ),
  );
});

test('the simulator has encoders of its own', () => {
  clean(
    PRODUCT.filter(({ path }) => path.startsWith(`${ROOT}simulator/`)).flatMap((source) =>
      importsOf(source)
        .filter((imported) => imported.includes('/terminals/'))
        .map((imported) => `${source.path} imports ${imported}: write the bytes here again`),
    ),
  );
});

test('files stay short', () => {
  clean(
    TYPESCRIPT.map((source) => ({ path: source.path, lines: linesWith(source.code, /\S/).length }))
      .filter(({ lines }) => lines > 400)
      .map(({ path, lines }) => `${path} has ${lines} lines of code; split it at 400`),
  );
});

test('a file says in its first line what it is for', () => {
  clean(
    PRODUCT.filter(({ text }) => !/^(?:\/\/|\/\*\*|#!)/.test(text)).map(
      ({ path }) => `${path}: begin with a comment that says what the file is for`,
    ),
  );
});

test('names are in kebab-case, exports have names', () => {
  clean(
    TYPESCRIPT.filter(({ path }) => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.test)?\.ts$/.test(path)).map(
      ({ path }) => `${path}: rename it to kebab-case`,
    ),
  );
  clean(
    PRODUCT.flatMap((source) =>
      at(source, source.bare, /^export (?:default\b|\* from)/, 'export it by name, at its home'),
    ),
  );
});

test('nothing is left for later, and no test is switched off', () => {
  // A test may leave at run time, with its reason, where a machine cannot do what it needs.
  const pattern = /\b(?:TODO|FIXME|XXX)\b|(?<!\bt)\.skip\(|\bt\.skip\(\)|\.only\(/;
  clean(
    others().flatMap((source) =>
      at(source, source.text, pattern, 'finish it, or make it an issue'),
    ),
  );
});

test('no file names a folder of somebody’s machine', () => {
  const pattern = /(?<![\w.~)}-])\/(?:work|home|root)\//;
  clean(
    others().flatMap((source) =>
      at(source, source.text, pattern, 'use a path relative to the project'),
    ),
  );
});

test('shell scripts stop at the first error and swallow none', () => {
  clean(
    SHELL.filter(({ text }) => !/^set -eu/m.test(text)).map(
      ({ path }) => `${path}: add «set -eu» below its first comment`,
    ),
  );
  clean(
    SHELL.flatMap((source) =>
      at(source, source.text, /^[^#]*\|\|\s*(?:true|:)\s*(?:$|[;)&|])/, 'name the failure'),
    ),
  );
});

test('every code has its text in every language', () => {
  const problems = Object.entries(CATALOGS).flatMap(([language, catalog]) =>
    Object.keys(MESSAGES)
      .filter((code) => !(code in catalog))
      .map((code) => `${code} has no text in app/src/domain/texts/${language}.ts; add it`),
  );
  clean(problems);
});

test('the README names every room', () => {
  const readme = SOURCES.find(({ path }) => path === 'README.md');
  if (readme === undefined) return;
  const rooms = new Set(
    PRODUCT.map(({ path }) => path.slice(ROOT.length).split('/')).flatMap(([room, ...rest]) =>
      rest.length === 0 || room === undefined ? [] : [room],
    ),
  );
  clean(
    [...rooms]
      .filter((room) => !readme.text.includes(`app/src/${room}`))
      .map((room) => `README.md does not name app/src/${room}; add it to the table of rooms`),
  );
});

test('these rules see what they forbid', () => {
  const code = [
    "import { a } from '../transport/tcp.ts';",
    "import type b from 'koa';",
    "const c = await import('node:net');",
    "const text = 'Date.now'; // setTimeout(",
    'const now = `${Date.now()} process.exit`;',
    String.raw`const quote = /['"]/; const later = Math.random();`,
  ].join('\n');
  const source = sourceOf('app/src/domain/sample.ts', code);
  assert.deepEqual(importsOf(source), ['../transport/tcp.ts', 'koa', 'node:net']);
  assert.deepEqual(linesWith(source.bare, /Date\.now/), [5]);
  assert.deepEqual(linesWith(source.bare, /Math\.random/), [6]);
  assert.deepEqual(linesWith(source.bare, /setTimeout|process\.exit/), []);
  assert.equal(mayImport('domain/sample.ts', [], '../transport/tcp.ts'), false);
  assert.equal(mayImport('domain/sample.ts', [], './money.ts'), true);
  assert.equal(
    mayImport('terminals/nexo/a.ts', ROOMS['terminals/<protocol>']!, '../wire/x.ts'),
    true,
  );
  assert.equal(
    mayImport('terminals/nexo/a.ts', ROOMS['terminals/<protocol>']!, '../privat-json/x.ts'),
    false,
  );
});

function table(rules: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(rules).map(([room, allowed]) => [
      room,
      allowed === '' ? [] : allowed.split(' '),
    ]),
  );
}

function clean(problems: readonly string[]): void {
  assert.equal(problems.join('\n'), '');
}

function at(source: Source, text: string, pattern: RegExp, mend: string): string[] {
  return linesWith(text, pattern).map((line) => {
    const found = pattern.exec(text.split('\n')[line - 1] ?? '')?.[0].trim() ?? '';
    return `${source.path}:${line}: «${found}»; ${mend}`;
  });
}

/** All but this test, which must name what it forbids. */
function others(): readonly Source[] {
  return SOURCES.filter(({ path }) => !path.startsWith(THIS));
}

/** The room of a path below app/src, by the names of ROOMS. */
function roomOf(inner: string): string {
  const [first = '', second = ''] = inner.split('/');
  if (first !== 'terminals') return first;
  return second === 'wire' || second.endsWith('.ts')
    ? `terminals/${second}`
    : 'terminals/<protocol>';
}

function mayImport(inner: string, allowed: readonly string[], imported: string): boolean {
  if (imported.startsWith('.')) {
    const target = normalize(join(dirname(inner), imported));
    if (roomOf(target) === roomOf(inner)) return sameProtocol(inner, target);
    return MAIN.test(inner) || allowed.includes(roomOf(target));
  }
  const name = imported.startsWith('@') ? imported : (imported.split('/')[0] ?? '');
  return imported.startsWith(NODE)
    ? allowed.includes(NODE) || allowed.includes(imported)
    : allowed.includes(PACKAGES) || allowed.includes(name);
}

/** Protocols do not know each other. */
function sameProtocol(inner: string, target: string): boolean {
  return roomOf(inner) !== 'terminals/<protocol>' || inner.split('/')[1] === target.split('/')[1];
}
