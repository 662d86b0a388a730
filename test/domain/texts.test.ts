// The catalogs are complete because they compile; here is what a compiler cannot see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGES, type MessageCode } from '../../app/src/domain/failures.ts';
import { STATES } from '../../app/src/domain/operation.ts';
import { CATALOGS, type Language, textOf } from '../../app/src/domain/texts/index.ts';
import {
  KIND_WORDS,
  LINK_WORDS,
  ROLE_WORDS,
  STATE_WORDS,
} from '../../app/src/domain/texts/states.ts';

const CODES = Object.keys(MESSAGES) as MessageCode[]; // the keys of the table
const LANGUAGES = Object.keys(CATALOGS) as Language[]; // the keys of the table
/** What an operation that is unknown says, whatever the reason. */
const UNKNOWN_CODES = CODES.slice(CODES.indexOf('lost-answer'));
const NOT_AGAIN: Readonly<Record<Language, RegExp>> = {
  uk: /Не проводьте (операцію|її) вдруге/,
  en: /Do not repeat/,
  ru: /Не проводите (операцию|её) второй раз/,
};

test('every code has a text in every language, and only codes have', () => {
  for (const language of LANGUAGES) {
    assert.deepEqual(Object.keys(CATALOGS[language]).sort(), [...CODES].sort(), language);
  }
});

test('texts are sentences: short, closed, without stray spaces', () => {
  for (const language of LANGUAGES) {
    for (const code of CODES) {
      const { text, remedy } = textOf(code, language);
      for (const sentence of [text, ...(remedy === null ? [] : [remedy])]) {
        assert.match(sentence, /^\p{Lu}.*\.$/su, `${language} ${code}`);
        assert.doesNotMatch(sentence, / {2}|\n|^\s|'/, `${language} ${code}`);
      }
      assert.ok(text.length <= 110, `${language} ${code}: ${text.length} characters`);
    }
  }
});

test('each language is written in its own letters', () => {
  for (const code of CODES) {
    const [uk, en, ru] = LANGUAGES.map((language) => Object.values(textOf(code, language)).join());
    assert.doesNotMatch(uk!, /[ыэъё]/i, `uk ${code}`);
    assert.doesNotMatch(en!, /\p{Script=Cyrillic}/u, `en ${code}`);
    assert.doesNotMatch(ru!, /[іїєґ]/i, `ru ${code}`);
  }
});

test('whoever reads of an unknown result is told not to repeat the payment', () => {
  for (const language of LANGUAGES) {
    for (const code of [...UNKNOWN_CODES, 'terminal-unresolved'] as const) {
      assert.match(textOf(code, language).remedy ?? '', NOT_AGAIN[language], `${language} ${code}`);
    }
  }
});

test('nobody is told so where it is certain that no money moved', () => {
  const certain = CODES.filter((code) => !UNKNOWN_CODES.includes(code));
  for (const language of LANGUAGES) {
    for (const code of certain.filter((each) => each !== 'terminal-unresolved')) {
      assert.doesNotMatch(textOf(code, language).remedy ?? '', NOT_AGAIN[language], code);
    }
  }
});

test('the remedies of practice are there', () => {
  assert.match(textOf('journal-full', 'uk').remedy ?? '', /звірку \(Z-звіт\)/);
  assert.match(textOf('card-not-served', 'uk').remedy ?? '', /Бонус\+.*мерчанта 0/);
  assert.match(textOf('cancelled-at-terminal', 'uk').remedy ?? '', /звірку.*банк поверне гроші/);
  assert.match(textOf('no-host', 'uk').remedy ?? '', /інтернет або SIM-картку.*новою оплатою/);
  assert.match(textOf('system-fault', 'uk').remedy ?? '', /параметри термінала заново/);
});

test('no two states, kinds, links or roles have the same word', () => {
  for (const words of [STATE_WORDS, KIND_WORDS, LINK_WORDS, ROLE_WORDS]) {
    for (const language of LANGUAGES) {
      const all = Object.values(words[language]);
      assert.equal(new Set(all).size, all.length, language);
    }
  }
  assert.deepEqual(Object.keys(STATE_WORDS.uk).sort(), [...STATES].sort());
});
