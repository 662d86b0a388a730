// Bundles the program for the appliance: out/app is what lies in /usr/lib/tillgate there.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { PATHS, REPOSITORY } from './paths.ts';
import { run } from './run.ts';

/**
 * Programs that a start waits for: one script each, whose compiled form is kept (compiled.ts).
 * What they import late lies in the same script and is run when it is asked for.
 */
const SCRIPTS = {
  main: 'app/src/main.ts',
  console: 'app/src/console/main.ts',
} as const;

/** Name of the program on the appliance → its entry in the sources. */
const ENTRIES = {
  cli: 'app/src/cli/main.ts',
  update: 'app/src/update/main.ts',
  hand: 'app/src/hand/main.ts',
  'ledger-worker': 'app/src/storage/ledger/worker.ts',
  'bank-library-child': 'app/src/bank-library/child.ts',
} as const;

/** Packages with native code stay packages; of each only what runs on Linux on amd64 is copied. */
const NATIVE: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^(lib\/.*\.js|build\/Release\/better_sqlite3\.node)$/,
  bindings: /^bindings\.js$/,
  'file-uri-to-path': /^index\.js$/,
  koffi: /^(index\.(js|cjs)|indirect\.(js|cjs)|src\/koffi\/.*\.(js|cjs))$/,
  '@koromix/koffi-linux-x64': /^(index\.js|linux_x64\/koffi\.node)$/,
  '@serialport/bindings-cpp': /^(dist\/.*\.js|prebuilds\/linux-x64\/.*glibc\.node)$/,
  '@serialport/bindings-interface': /^dist\/.*\.js$/,
  '@serialport/bindings-cpp/node_modules/@serialport/parser-delimiter': /^dist\/.*\.js$/,
  '@serialport/bindings-cpp/node_modules/@serialport/parser-readline': /^dist\/.*\.js$/,
  // Not native, but it waits for its WebAssembly at the top, which no script can.
  'libxml2-wasm': /^lib\/.*\.mjs$/,
  'node-gyp-build': /^(index|node-gyp-build)\.js$/,
  debug: /^src\/.*\.js$/,
  ms: /^index\.js$/,
};
const ALWAYS = /^(package\.json|LICEN[CS]E(\.\w+)?)$/i;

const LOADED = ['better-sqlite3', 'koffi', '@serialport/bindings-cpp'];
const PACKAGES = [...LOADED, 'libxml2-wasm'];
/** Of nunjucks, for reloading templates while they are edited. */
const ABSENT = ['chokidar', 'fsevents'];

const VIEWS_IN_SOURCES = "new URL('../../../views'";

/** Bundled CommonJS packages still ask for Node's own modules by `require`. */
const BANNER =
  "import { createRequire as tillgateCreateRequire } from 'node:module'; " +
  'const require = tillgateCreateRequire(import.meta.url);';

const COMMON = {
  absWorkingDir: REPOSITORY,
  outdir: PATHS.app,
  bundle: true,
  platform: 'node' as const,
  target: 'node20',
  external: [...PACKAGES, ...ABSENT],
  // A third less to read at every start; names and lines of a stack trace stay useful.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none' as const,
  metafile: true as const,
  logLevel: 'warning' as const,
} satisfies BuildOptions;

/** The source of a script, beside its `.cjs` that starts it. */
export const SCRIPT_ENDING = '.script';
/** What Node itself wraps around a CommonJS file. */
const SCRIPT_BANNER =
  '(function (exports, require, module, __filename, __dirname) {' +
  " const tillgateUrl = require('node:url').pathToFileURL(__filename).href;";
const SCRIPT_FOOTER = '})';

export async function bundle(): Promise<void> {
  rmSync(PATHS.app, { recursive: true, force: true });
  const modules = await build({
    ...COMMON,
    entryPoints: entryPoints(ENTRIES),
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    plugins: [viewsBesideProgram, ownLanguages],
    banner: { js: BANNER },
  });
  const scripts = await build({
    ...COMMON,
    entryPoints: entryPoints(SCRIPTS),
    outExtension: { '.js': SCRIPT_ENDING },
    format: 'cjs',
    plugins: [viewsBesideProgram, ownLanguages, sourcesOnly],
    banner: { js: SCRIPT_BANNER },
    footer: { js: SCRIPT_FOOTER },
    define: { 'import.meta.url': 'tillgateUrl' },
  });
  for (const name of Object.keys(SCRIPTS)) {
    cpSync(join(REPOSITORY, 'image/boot/loader.cjs'), join(PATHS.app, `${name}.cjs`));
  }
  for (const [name, keep] of Object.entries(NATIVE)) copyPackage(name, keep);
  copyOwnFiles();
  checkLoads();
  const inputs = { ...modules.metafile.inputs, ...scripts.metafile.inputs };
  const bundled = Object.keys(inputs).map(packageOf).filter(isName);
  writeFileSync(
    join(PATHS.app, 'NOTICES.txt'),
    notices([...new Set([...bundled, ...Object.keys(NATIVE)])].sort()),
  );
}

function entryPoints(entries: Readonly<Record<string, string>>) {
  return Object.entries(entries).map(([out, source]) => ({ in: source, out }));
}

/** zod brings its messages in forty languages; ours are three. */
const ownLanguages: Plugin = {
  name: 'own-languages',
  setup(builder) {
    builder.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => {
      const lines = ['en', 'ru', 'uk'].map(
        (name) => `export { default as ${name} } from './${name}.js';`,
      );
      return { contents: lines.join('\n'), loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/** What a script cannot have, and needs only where it runs from its sources. */
const sourcesOnly: Plugin = {
  name: 'sources-only',
  setup(builder) {
    builder.onLoad({ filter: /\/start-(writer|child)\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      return { contents: text.replace(/import\.meta\.resolve\(/g, 'String('), loader: 'ts' };
    });
  },
};

/** In the sources the views are three folders up; on the appliance they lie beside the program. */
const viewsBesideProgram: Plugin = {
  name: 'views-beside-program',
  setup(builder) {
    builder.onLoad({ filter: /\/http\/\w+\/views\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes(VIEWS_IN_SOURCES)) throw new Error(`${path} finds its views another way`);
      return { contents: text.replace(VIEWS_IN_SOURCES, "new URL('./views'"), loader: 'ts' };
    });
  },
};

function copyPackage(name: string, keep: RegExp): void {
  const from = join(REPOSITORY, 'node_modules', name);
  if (!existsSync(from)) throw new Error(`package ${name} is not installed; see NATIVE`);
  const files = filesUnder(from).filter((file) => keep.test(file) || ALWAYS.test(file));
  if (files.length < 2) throw new Error(`package ${name} has none of the files that NATIVE names`);
  for (const file of files) {
    const to = join(PATHS.app, 'node_modules', name, file);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(from, file), to);
  }
}

/** A file that NATIVE forgets is found here, not on the appliance. */
function checkLoads(): void {
  const script = `require(${JSON.stringify(PATHS.app)} + '/node_modules/' + process.argv[1])`;
  for (const name of LOADED) run('node', ['-e', script, name], { cwd: '/' });
}

function copyOwnFiles(): void {
  const { version } = packageJson('');
  writeFileSync(
    join(PATHS.app, 'package.json'),
    `${JSON.stringify({ type: 'module', version })}\n`,
  );
  const views = join(REPOSITORY, 'app', 'views');
  if (existsSync(views)) cpSync(views, join(PATHS.app, 'views'), { recursive: true });
}

/** `node_modules/koa/lib/x.js` → `koa`; null for our own files. The innermost package counts. */
function packageOf(file: string): string | null {
  const match = /^(?:.*?)node_modules\/((?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return match?.[1] ?? null;
}

function isName(name: string | null): name is string {
  return name !== null;
}

function notices(names: readonly string[]): string {
  const parts = names.map((name) => {
    const { version, license } = packageJson(join('node_modules', name));
    const folder = join(REPOSITORY, 'node_modules', name);
    const file = readdirSync(folder).find((entry) => /^(LICEN[CS]E|COPYING)/i.test(entry));
    const text =
      file === undefined
        ? '(the package carries no licence text)'
        : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version} — ${license}\n\n${text}\n`;
  });
  return `Packages that the program contains, with their licences.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function packageJson(folder: string): { version: string; license: string } {
  const text = readFileSync(join(REPOSITORY, folder, 'package.json'), 'utf8');
  const { version, license } = JSON.parse(text) as { version?: string; license?: unknown };
  return {
    version: version ?? '?',
    license: typeof license === 'string' ? license : 'see its text',
  };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('node_modules/'));
}

if (process.argv[1] === import.meta.filename) await bundle();
