// Problem documents (RFC 9457): the closed table of refusals, and what only HTTP can refuse.
import { MESSAGES, type Refusal, type RefusalCode } from '../domain/failures.ts';
import { textOf } from '../domain/texts/index.ts';
import type { Language } from '../operations/settings-schema.ts';

/** Refusals that exist because of HTTP: no façade but this one can meet them. */
export const HTTP_PROBLEMS = {
  'unknown-path': {
    http: 404,
    title: { uk: 'Такої адреси немає', en: 'No such address', ru: 'Такого адреса нет' },
  },
  'no-receipt': {
    http: 404,
    title: {
      uk: 'Квитанції цієї операції немає',
      en: 'This operation has no receipt',
      ru: 'Квитанции этой операции нет',
    },
  },
  'no-parked-message': {
    http: 404,
    title: {
      uk: 'Такого відкладеного повідомлення немає',
      en: 'No such parked message',
      ru: 'Такого отложенного сообщения нет',
    },
  },
  'no-processing-server': {
    http: 409,
    title: {
      uk: 'Адреси сервера обробки не вказано',
      en: 'The processing server has no address',
      ru: 'Адрес сервера обработки не указан',
    },
  },
  'unknown-key': {
    http: 404,
    title: { uk: 'Такого ключа немає', en: 'No such key', ru: 'Такого ключа нет' },
  },
  'key-name-taken': {
    http: 409,
    title: {
      uk: 'Ключ із такою назвою вже є',
      en: 'There is a key of this name',
      ru: 'Ключ с таким названием уже есть',
    },
  },
  'too-many-keys': {
    http: 409,
    title: { uk: 'Забагато ключів', en: 'Too many keys', ru: 'Слишком много ключей' },
  },
  'last-administrator': {
    http: 409,
    title: {
      uk: 'Це останній ключ адміністратора',
      en: "This is the last administrator's key",
      ru: 'Это последний ключ администратора',
    },
  },
  'method-not-allowed': {
    http: 405,
    title: {
      uk: 'Ця адреса не приймає такий метод',
      en: 'This address does not take that method',
      ru: 'Этот адрес не принимает такой метод',
    },
  },
  'unsupported-media-type': {
    http: 415,
    title: {
      uk: 'Тіло запиту має бути JSON у UTF-8',
      en: 'The body must be JSON in UTF-8',
      ru: 'Тело запроса должно быть JSON в UTF-8',
    },
  },
  'internal-error': {
    http: 500,
    title: {
      uk: 'Внутрішня помилка шлюзу',
      en: 'Internal fault of the gateway',
      ru: 'Внутренняя ошибка шлюза',
    },
  },
} as const satisfies Record<string, { http: number; title: Record<Language, string> }>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;
export type ProblemCode = RefusalCode | HttpProblemCode;

/** A refusal as a value, whichever table its code is from. */
export interface Problem extends Omit<Refusal, 'code'> {
  readonly code: ProblemCode;
}

/** `application/problem+json`: the standard members, our code, the remedy, then the facts. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly remedy: string | null;
  readonly [fact: string]: unknown;
}

export const PROBLEM_CODES: readonly ProblemCode[] = [
  ...Object.entries(MESSAGES).flatMap(
    ([code, row]) => (row.http === null ? [] : [code as RefusalCode]), // rows with a status are the refusals
  ),
  ...(Object.keys(HTTP_PROBLEMS) as HttpProblemCode[]), // the keys of our own table
];

export function problem(
  code: ProblemCode,
  detail: string,
  facts: Readonly<Record<string, unknown>> = {},
): Problem {
  return { code, detail, facts };
}

export function statusOf(code: ProblemCode): number {
  return code in HTTP_PROBLEMS
    ? HTTP_PROBLEMS[code as HttpProblemCode].http // the line above asked
    : MESSAGES[code as RefusalCode].http;
}

export function titleOf(
  code: ProblemCode,
  language: Language,
): { title: string; remedy: string | null } {
  if (code in HTTP_PROBLEMS) {
    const { title } = HTTP_PROBLEMS[code as HttpProblemCode]; // the line above asked
    return { title: title[language], remedy: null };
  }
  const { text, remedy } = textOf(code as RefusalCode, language); // as above
  return { title: text, remedy };
}

export function problemDocument(from: Problem, language: Language): ProblemDocument {
  const { title, remedy } = titleOf(from.code, language);
  return {
    // The facts come first, so that none of them can replace a standard member.
    ...from.facts,
    type: `/docs#problem-${from.code}`,
    title,
    status: statusOf(from.code),
    detail: from.detail,
    code: from.code,
    remedy,
  };
}
