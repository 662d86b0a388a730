// Templates of the admin pages and their assets, which are named by their content.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';

export interface AdminAsset {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface AdminViews {
  render(template: string, model: Readonly<Record<string, unknown>>): string;
  asset(name: string): AdminAsset | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export function openAdminViews(
  folder = fileURLToPath(new URL('../../../views', import.meta.url)),
): AdminViews {
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), {
    autoescape: true,
    // A word that is missing is a defect, not an empty place on a page about money.
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const assets = new Map<string, AdminAsset>();
  const versions = new Map<string, string>();
  for (const name of readdirSync(join(folder, 'admin', 'assets'))) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = readFileSync(join(folder, 'admin', 'assets', name));
    assets.set(name, { type, bytes });
    versions.set(name, createHash('sha256').update(bytes).digest('hex').slice(0, 12));
  }
  environment.addGlobal('asset', (name: string) => {
    const version = versions.get(name);
    if (version === undefined) throw new Error(`no asset ${name}`);
    return `/admin/assets/${name}?v=${version}`;
  });
  return {
    render: (template, model) => environment.render(`admin/${template}`, model),
    asset: (name) => assets.get(name) ?? null,
  };
}
