// The body of a form: bounded, `application/x-www-form-urlencoded`, values as they were typed.
import type { IncomingMessage } from 'node:http';
import { FORM_FIELDS_MAX } from '../../domain/limits.ts';
import { type Currency, type MinorUnits, parseDecimal } from '../../domain/money.ts';
import { readBytes } from '../read-body.ts';

/** Field → what is wrong with it, in the reader's language. */
export type Faults = Readonly<Record<string, string>>;

/** A file of a form; whatever its name says, it is no path. */
export interface UploadedFile {
  readonly name: string;
  readonly size: number;
  /** Empty where it was passed on while it came. */
  readonly bytes: Buffer;
  /** `too-large`, or a word of who took it; null = it is whole. */
  readonly fault: string | null;
}

export class Form {
  readonly #fields: URLSearchParams;
  readonly #files: ReadonlyMap<string, UploadedFile>;

  constructor(
    fields: URLSearchParams = new URLSearchParams(),
    files: ReadonlyMap<string, UploadedFile> = new Map(),
  ) {
    this.#fields = fields;
    this.#files = files;
  }

  /** Null where none was chosen. */
  file(name: string): UploadedFile | null {
    return this.#files.get(name) ?? null;
  }

  /** Trimmed; '' where the field is missing. */
  text(name: string): string {
    return (this.#fields.get(name) ?? '').trim();
  }

  /** As typed: passwords may begin with a blank. */
  raw(name: string): string {
    return this.#fields.get(name) ?? '';
  }

  all(name: string): readonly string[] {
    return this.#fields.getAll(name).map((value) => value.trim());
  }

  checked(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Null where it is no sum of money. */
  money(name: string, currency: Currency): MinorUnits | null {
    const text = this.text(name).replaceAll(/[\s\u00A0\u202F]/g, '');
    const value = parseDecimal(text, currency);
    return value === null || value === 0 ? null : value;
  }

  /** Null where it is no whole number of this range. */
  whole(name: string, min: number, max: number): number | null {
    const text = this.text(name);
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : null;
  }

  /** For showing the form again. */
  values(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#fields].filter(([name]) => !/password|passphrase|current|^pin$/i.test(name)),
    );
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }
}

/** Null where the body is no form of ours. */
export async function readForm(request: IncomingMessage): Promise<Form | null> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type)) return null;
  const read = await readBytes(request);
  if (read.kind !== 'bytes') return null;
  const fields = new URLSearchParams(read.bytes.toString('utf8'));
  return fields.size > FORM_FIELDS_MAX ? null : new Form(fields);
}
