// The files of the project for test/tidy.test.ts, and their code without comments and strings.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

export interface Source {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
  /** Without comments; line breaks stay. Empty where it is not TypeScript. */
  readonly code: string;
  /** Without comments, and what strings hold is blank. */
  readonly bare: string;
}

/** What git tracks or would track; no binary files. */
export function projectSources(): readonly Source[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(path) && statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }))
    .filter(({ bytes }) => !bytes.includes(0))
    .map(({ path, bytes }) => sourceOf(path, bytes.toString('utf8')));
}

export function sourceOf(path: string, text: string): Source {
  if (!path.endsWith('.ts')) return { path, text, code: '', bare: '' };
  return { path, text, ...stripped(text) };
}

/** Modules that the code imports, in every form; types too. */
export function importsOf({ code }: Source): string[] {
  const forms = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;
  return [...code.matchAll(forms)].map((match) => match[2] ?? '');
}

/** Numbers of the lines of `text` that match, from 1. */
export function linesWith(text: string, pattern: RegExp): number[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
}

const TOKEN = new RegExp(
  [
    String.raw`(?<comment>//[^\n]*|/\*[\s\S]*?\*/)`,
    String.raw`(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|` +
      '`(?:[^`\\\\]|\\\\[\\s\\S])*`)',
    // A slash after an operator or an opening bracket begins a regular expression.
    String.raw`(?<=[(,=:[!&|?{};+\n]\s*|\breturn\s+)(?<regex>/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/)`,
  ].join('|'),
  'g',
);

function stripped(text: string): Pick<Source, 'code' | 'bare'> {
  const replaced = (strings: boolean): string =>
    text.replace(TOKEN, (token, comment?: string, string?: string) => {
      if (comment !== undefined) return blank(token);
      // Code inside a template stays seen.
      if (string === undefined || strings) return token;
      return token.startsWith('`') ? template(token) : `''${' '.repeat(token.length - 2)}`;
    });
  return { code: replaced(true), bare: replaced(false) };
}

function blank(token: string): string {
  return token.replace(/[^\n]/g, ' ');
}

function template(token: string): string {
  return [...token.matchAll(/\$\{([^}]*)\}|\n/g)].map(([part, code]) => code ?? part).join(' ');
}
