// The settings store: one JSON document a file, behind a schema, through lowdb and durable-file.
import { basename, resolve } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import type { z } from 'zod';
import {
  SETTINGS_LOCK_RETRY_MS,
  SETTINGS_LOCK_WAIT_MS,
  SETTINGS_POLL_MS,
} from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { SettingsError, type SettingsStore } from '../ports/settings-store.ts';
import { DurableFile, type FileStamp, lastCopyOf } from './durable-file.ts';
import { tryFileLock } from './file-lock.ts';

export interface SettingsFile<T> extends SettingsStore<T> {
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
 * - `#current` is what was last read from or written to the disk, validated and frozen.
 * - Changes go one after another, in this process by `#tail`, between processes by the lock file.
 */
class LowSettings<T> implements SettingsFile<T> {
  readonly #options: SettingsOptions<T>;
  readonly #adapter: DurableAdapter;
  readonly #low: Low;
  readonly #listeners = new Set<(next: T, before: T) => void>();
  #current: T;
  /** Why the file that lies there now was not taken over. */
  #refused: SettingsError | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #stopWatch: (() => void) | null = null;
  #closed = false;

  constructor(options: SettingsOptions<T>, adapter: DurableAdapter, low: Low) {
    this.#options = options;
    this.#adapter = adapter;
    this.#low = low;
    this.#current = this.#validated(low.data);
  }

  current(): T {
    return this.#current;
  }

  change(mutate: (draft: T) => void): Promise<T> {
    return this.#inTurn(async () => {
      const unlock = await this.#lock();
      try {
        await this.#reload();
        // What somebody wrote by hand and got wrong is not overwritten.
        if (this.#refused !== null) throw this.#refused;
        const draft = structuredClone(this.#current);
        mutate(draft);
        const next = this.#validated(draft);
        this.#low.data = next;
        await this.#low.write();
        this.#swap(next);
        return next;
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
      this.#swap(this.#validated(this.#low.data));
      return true;
    } catch (error) {
      if (error instanceof SettingsError) this.#refused = error;
      throw error;
    }
  }

  #swap(next: T): void {
    const before = this.#current;
    this.#current = next;
    for (const listener of this.#listeners) {
      try {
        listener(next, before);
      } catch (error) {
        this.#options.log.error('settings-listener-failed', {}, error);
      }
    }
  }

  #validated(data: unknown): T {
    const parsed = this.#options.schema.safeParse(data);
    if (parsed.success) return deepFreeze(parsed.data);
    throw new SettingsError(
      parsed.error.issues.map((issue) => ({
        path: issue.path.join('.') || basename(this.#options.path),
        message: issue.message,
      })),
    );
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
