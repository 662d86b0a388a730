// The settings store: one JSON document a file, behind a schema, through lowdb and durable-file.
import { basename, resolve } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import type { z } from 'zod';
import {
  SETTINGS_LOCK_RETRY_MS,
  SETTINGS_LOCK_WAIT_MS,
  SETTINGS_POLL_MS,
  UNUSED_TOLD_MAX,
} from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type DocumentForm, SettingsError, type SettingsStore } from '../ports/settings-store.ts';
import { DurableFile, type FileStamp, lastCopyOf } from './durable-file.ts';
import { tryFileLock } from './file-lock.ts';
import { changesWhatIsOff, keepUnused } from './keep-unused.ts';
import { type DocumentIssue, type Reading, readDocument, withMark } from './newer-document.ts';

export interface SettingsFile<T> extends SettingsStore<T> {
  unused(): readonly string[];
  /**
   * Takes over what another process wrote; true where there was something. Rejects with
   * SettingsError where that is not valid: the current document stays.
   */
  reloadIfChanged(): Promise<boolean>;
  /** Ends the watch; a change that runs is waited for. */
  close(): Promise<void>;
}

export interface SettingsOptions<T> {
  readonly path: string;
  /** Fills in defaults; a missing file is the schema's answer to `{}`. */
  readonly schema: z.ZodType<T>;
  readonly form: DocumentForm;
  readonly clock: Clock;
  readonly log: Log;
  /** Looks for changes by other processes every SETTINGS_POLL_MS. */
  readonly watch: boolean;
}

/** Rejects with SettingsError where the file is damaged or not valid; it is never replaced then. */
export async function openSettings<T>(options: SettingsOptions<T>): Promise<SettingsFile<T>> {
  const adapter = new DurableAdapter(resolve(options.path), options.log);
  const low = new Low(adapter, {});
  await low.read();
  const store = new LowSettings(options, adapter, low);
  if (options.watch) store.watch();
  return store;
}

/**
 * INVARIANTS
 * - `#reading` is what was last read from or written to the disk; its value is valid and frozen.
 * - Changes go one after another, in this process by `#tail`, between processes by the lock file.
 */
class LowSettings<T> implements SettingsFile<T> {
  readonly #options: SettingsOptions<T>;
  readonly #adapter: DurableAdapter;
  readonly #low: Low;
  readonly #listeners = new Set<(next: T, before: T) => void>();
  #reading: Reading<T>;
  /** What was told of a newer release's settings. */
  #told = '';
  /** Why the file that lies there now was not taken over. */
  #refused: SettingsError | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #stopWatch: (() => void) | null = null;
  #closed = false;

  constructor(options: SettingsOptions<T>, adapter: DurableAdapter, low: Low) {
    this.#options = options;
    this.#adapter = adapter;
    this.#low = low;
    this.#reading = this.#read(low.data);
    this.#tellUnused();
  }

  current(): T {
    return this.#reading.value;
  }

  unused(): readonly string[] {
    return this.#reading.unused;
  }

  change(mutate: (draft: T) => void): Promise<T> {
    return this.#inTurn(async () => {
      const unlock = await this.#lock();
      try {
        await this.#reload();
        // What somebody wrote by hand and got wrong is not overwritten.
        if (this.#refused !== null) throw this.#refused;
        const draft = structuredClone(this.#reading.value);
        mutate(draft);
        const next = this.#changed(draft);
        this.#low.data = withMark(next.body, this.#options.form, next.newer);
        await this.#low.write();
        this.#swap(next);
        return next.value;
      } finally {
        unlock();
      }
    });
  }

  onChange(listener: (next: T, before: T) => void): void {
    this.#listeners.add(listener);
  }

  reloadIfChanged(): Promise<boolean> {
    return this.#inTurn(() => this.#reload());
  }

  watch(): void {
    if (this.#closed) return;
    this.#stopWatch = this.#options.clock.after(SETTINGS_POLL_MS, () => {
      this.reloadIfChanged()
        .catch((error: unknown) => this.#options.log.error('settings-not-reloaded', {}, error))
        .finally(() => this.watch());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWatch?.();
    await this.#tail;
  }

  async #reload(): Promise<boolean> {
    const stamp = await this.#adapter.file.stamp();
    if (stamp === null || stamp === this.#adapter.stamp) return false;
    this.#adapter.stamp = stamp;
    this.#refused = null;
    try {
      await this.#low.read();
      this.#swap(this.#read(this.#low.data));
      return true;
    } catch (error) {
      if (error instanceof SettingsError) this.#refused = error;
      throw error;
    }
  }

  #swap(next: Reading<T>): void {
    const before = this.#reading.value;
    this.#reading = next;
    this.#tellUnused();
    for (const listener of this.#listeners) {
      try {
        listener(next.value, before);
      } catch (error) {
        this.#options.log.error('settings-listener-failed', {}, error);
      }
    }
  }

  #read(data: unknown): Reading<T> {
    const { schema, form } = this.#options;
    const read = readDocument(data, schema, form);
    if (read.kind === 'not-valid') throw this.#notValid(read.issues);
    deepFreeze(read.value);
    return read;
  }

  /** The document after a change: of a newer release's, what this one does not use is kept. */
  #changed(draft: T): Reading<T> {
    const { schema, form } = this.#options;
    const { newer } = this.#reading;
    const parsed = schema.safeParse(draft);
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => ({
        path: path.join('.'),
        message,
      }));
      throw this.#notValid(issues);
    }
    const next = parsed.data;
    if (newer === null) {
      deepFreeze(next);
      return { ...this.#reading, value: next, body: next };
    }
    const issues = changesWhatIsOff(this.#reading, next, form);
    if (issues.length > 0) throw this.#notValid(issues);
    return this.#read(withMark(keepUnused(this.#reading, next, form), form, newer));
  }

  #notValid(issues: readonly DocumentIssue[]): SettingsError {
    const file = basename(this.#options.path);
    return new SettingsError(
      issues.map(({ path, message }) => ({ path: path === '' ? file : path, message })),
    );
  }

  /** Once for each state of the document; paths only, a value may be a secret. */
  #tellUnused(): void {
    const { newer, unused, offNamed } = this.#reading;
    const told = listed(unused) + listed(offNamed);
    if (told === this.#told) return;
    this.#told = told;
    if (told === '') return;
    this.#options.log.warn('settings-of-newer-release', {
      file: basename(this.#options.path),
      form: newer?.form,
      known: this.#options.form.form,
      unused: listed(unused),
      off: listed(offNamed),
    });
  }

  async #lock(): Promise<() => void> {
    const { clock, path } = this.#options;
    const deadline = clock.monotonic() + SETTINGS_LOCK_WAIT_MS;
    for (;;) {
      const unlock = tryFileLock(`${resolve(path)}.lock`);
      if (unlock !== null) return unlock;
      if (clock.monotonic() >= deadline) {
        throw new Error(`${basename(path)} is being changed by another process that does not end`);
      }
      await clock.sleep(SETTINGS_LOCK_RETRY_MS);
    }
  }

  #inTurn<R>(action: () => Promise<R>): Promise<R> {
    const turn = this.#tail.then(action);
    this.#tail = turn.catch(() => undefined); // whoever asked for it was told
    return turn;
  }
}

/** lowdb's own file adapter never calls fsync and widens the mode; this one does neither. */
class DurableAdapter implements Adapter<unknown> {
  readonly file: DurableFile;
  readonly #log: Log;
  /** Of the content that was last read or written. */
  stamp: FileStamp | null = null;

  constructor(path: string, log: Log) {
    this.file = new DurableFile(path);
    this.#log = log;
  }

  async read(): Promise<unknown> {
    const found = await this.file.read();
    if (found === null) return null;
    if (found.from === 'last') {
      this.#log.warn('settings-file-missing', { used: basename(lastCopyOf(this.file.path)) });
    } else {
      this.stamp = found.stamp;
    }
    return parseJson(this.file.path, found.text);
  }

  async write(data: unknown): Promise<void> {
    this.stamp = await this.file.write(`${JSON.stringify(data, null, 2)}\n`);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const copy = basename(lastCopyOf(path));
    const message = `is not JSON, it is damaged; the content before its last write is in ${copy}`;
    throw new SettingsError([{ path: basename(path), message }], error);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

/** In an order of their own: elements that only change places are no news. */
function listed(paths: readonly string[]): string {
  return paths.toSorted().slice(0, UNUSED_TOLD_MAX).join(', ');
}
