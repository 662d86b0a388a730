import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import nunjucks from 'nunjucks';
import { ACT_TEXTS } from '../../app/src/http/admin/texts/acts.ts';
import { FIELD_TEXTS, OBJECT_TEXTS } from '../../app/src/http/admin/texts/audit-words.ts';
import { DONE } from '../../app/src/http/admin/texts/done.ts';
import { type TextTable, TEXTS } from '../../app/src/http/admin/texts/index.ts';
import { ROLE_TEXTS } from '../../app/src/http/admin/texts/roles.ts';

const VIEWS = 'app/views/admin';
const PAGES = 'app/src/http/admin';
const TABLES: Readonly<Record<string, TextTable>> = {
  TEXTS,
  DONE,
  ACT_TEXTS,
  FIELD_TEXTS,
  OBJECT_TEXTS,
  ROLE_TEXTS,
};

const templates = readdirSync(VIEWS).filter((name) => name.endsWith('.njk'));
const sources = readdirSync(PAGES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('texts'))
  .map((name) => readFileSync(join(PAGES, name), 'utf8'));

test('every word has three languages, with the same places to fill in', () => {
  for (const [table, texts] of Object.entries(TABLES)) {
    for (const [key, triple] of Object.entries(texts)) {
      const holes = triple.map((text) => holesOf(text.split('|')[0] ?? ''));
      assert.ok(
        triple.every((text) => text.trim() !== ''),
        `${table}.${key} has an empty text`,
      );
      assert.deepEqual(holes[1], holes[0], `${table}.${key}: en`);
      assert.deepEqual(holes[2], holes[0], `${table}.${key}: ru`);
    }
  }
});

test('plurals have the forms of their language', () => {
  for (const [key, [uk, en, ru]] of Object.entries(TEXTS)) {
    if (!uk.includes('|')) continue;
    assert.equal(uk.split('|').length, 3, `${key}: uk has one, few, many`);
    assert.equal(en.split('|').length, 2, `${key}: en has one, other`);
    assert.equal(ru.split('|').length, 3, `${key}: ru has one, few, many`);
  }
});

test('no text borrows the letters of another language', () => {
  for (const [table, texts] of Object.entries(TABLES)) {
    for (const [key, [uk, en, ru]] of Object.entries(texts)) {
      assert.doesNotMatch(uk, /[ыэъё]/i, `${table}.${key}: uk`);
      assert.doesNotMatch(ru, /[іїєґ]/i, `${table}.${key}: ru`);
      assert.doesNotMatch(en, /[а-яіїєґ]/i, `${table}.${key}: en`);
    }
  }
});

test('templates and pages use only words that exist, and every word is used', () => {
  const used = new Set<string>();
  for (const text of [
    ...templates.map((name) => readFileSync(join(VIEWS, name), 'utf8')),
    ...sources,
  ]) {
    for (const [, key] of text.matchAll(/\bt\.(\w+)/g)) used.add(key ?? '');
    // Keys that stand as data: menu sections, refusals, tables of keys.
    for (const [, key] of text.matchAll(/'(\w+)'/g)) used.add(key ?? '');
  }
  const inTemplates = templates.flatMap((name) =>
    [...readFileSync(join(VIEWS, name), 'utf8').matchAll(/\bt\.(\w+)/g)].map(
      ([, key]) => key ?? '',
    ),
  );
  for (const key of inTemplates) assert.ok(key in TEXTS, `no text for t.${key}`);
  const idle = Object.keys(TEXTS).filter((key) => !used.has(key));
  assert.deepEqual(idle, [], 'words that nothing shows');
});

test('every template compiles', () => {
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader('app/views'));
  for (const name of templates) environment.getTemplate(`admin/${name}`, true);
});

test('templates hold no script, no style and nothing from elsewhere', () => {
  for (const name of templates) {
    const text = readFileSync(join(VIEWS, name), 'utf8');
    assert.doesNotMatch(text, /<script(?![^>]* src="\{\{ asset)/, name);
    assert.doesNotMatch(text, /<style|\sstyle="|\son\w+="/, name);
    assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//, name);
  }
});

test('every form that posts carries the token of its session', () => {
  const open = /action="\/admin\/(?:sign-in|first-start)"/;
  for (const name of templates) {
    const text = readFileSync(join(VIEWS, name), 'utf8');
    for (const [form] of text.matchAll(/<form method="post"[\s\S]*?<\/form>/g)) {
      if (open.test(form)) continue;
      assert.match(form, /token\(\)/, `${name}: ${form.slice(0, 80)}`);
    }
  }
});

function holesOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
}
