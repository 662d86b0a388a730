// Nunjucks with autoescape, and the few files that pages load from us.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';
import type { Language } from '../../operations/settings-schema.ts';
import { WORDS } from './words.ts';

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface Views {
  render(template: string, language: Language, model: Readonly<Record<string, unknown>>): string;
  asset(name: string): Asset | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the assets once: a name that is not in the folder at the start is not served. */
export function openViews(
  folder = fileURLToPath(new URL('../../../views', import.meta.url)),
): Views {
  const loader = new nunjucks.FileSystemLoader(folder);
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    // A word that is missing is a defect, not an empty place on a page about money.
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const assets = readAssets(join(folder, 'assets'));
  return {
    render: (template, language, model) =>
      environment.render(template, { ...model, language, words: WORDS[language] }),
    asset: (name) => assets.get(name) ?? null,
  };
}

function readAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type !== undefined) assets.set(name, { type, bytes: readFileSync(join(folder, name)) });
  }
  return assets;
}
