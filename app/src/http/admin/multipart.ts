// Forms with files: read as they come, bounded, and only after the form has proved to be ours. A file
// goes to memory, or straight on to whoever keeps it.
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import {
  BODY_DRAIN_BYTES_MAX,
  FORM_FIELDS_MAX,
  UPLOAD_FIELDS_BYTES_MAX,
} from '../../domain/limits.ts';
import { Form, type UploadedFile } from './form.ts';

/** What a page takes. */
export interface UploadRules {
  /** Of each file. */
  readonly bytesMax: number;
  /**
   * Takes a file while it comes; files go to memory without it. Answers what is wrong with it, as a
   * word of the page's own; null = nothing.
   */
  readonly keep?: (chunks: AsyncIterable<Buffer>) => Promise<string | null>;
}

export type MultipartRead =
  | { kind: 'form'; form: Form }
  /** The token is missing, wrong, or stands behind the file. */
  | { kind: 'not-ours' }
  | { kind: 'bad' }
  /** Larger than any form of this page: the rest is not read. */
  | { kind: 'too-large' };

/** Two at most: a certificate and its key. */
const FILES_MAX = 2;
const FILE_NAME_LENGTH_MAX = 200;

export function isMultipart(request: IncomingMessage): boolean {
  return /^multipart\/form-data(?:;|$)/i.test(request.headers['content-type'] ?? '');
}

export async function readMultipart(
  request: IncomingMessage,
  rules: UploadRules,
  isOurs: (token: string) => boolean,
): Promise<MultipartRead> {
  const bodyMax = FILES_MAX * rules.bytesMax + UPLOAD_FIELDS_BYTES_MAX;
  if (Number(request.headers['content-length'] ?? '0') > bodyMax) return { kind: 'too-large' };
  const parser = parserFor(request, rules);
  if (parser === null) return { kind: 'bad' };
  const reading = new Reading(parser, rules, isOurs);
  return reading.read(request, bodyMax);
}

/**
 * Drops what is still on its way, so that a browser gets to see the answer; false where that would
 * be too much: then the connection ends with the answer.
 */
export async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return true;
  if (Number(request.headers['content-length'] ?? '0') > BODY_DRAIN_BYTES_MAX) return false;
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length; // no encoding is set on the request
      if (bytes > BODY_DRAIN_BYTES_MAX) return false;
    }
  } catch {
    // The peer is gone; nobody waits for an answer.
    return false;
  }
  return true;
}

/** INVARIANT: no byte of a file is taken before the form's token was found right. */
class Reading {
  readonly #parser: BusboyInstance;
  readonly #rules: UploadRules;
  readonly #isOurs: (token: string) => boolean;
  readonly #fields = new URLSearchParams();
  readonly #files = new Map<string, UploadedFile>();
  readonly #open = new Set<BusboyFileStream>();
  readonly #taking: Promise<void>[] = [];
  #verdict: Exclude<MultipartRead['kind'], 'form'> | null = null;

  constructor(parser: BusboyInstance, rules: UploadRules, isOurs: (token: string) => boolean) {
    this.#parser = parser;
    this.#rules = rules;
    this.#isOurs = isOurs;
    parser.on('field', (name, value, _nameCut, valueCut) => {
      if (valueCut) this.#verdict ??= 'bad';
      this.#fields.append(name, value);
    });
    parser.on('file', (name, stream, fileName) => this.#file(name, stream, fileName));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => {
        this.#verdict ??= 'bad';
      });
    }
  }

  async read(request: IncomingMessage, bodyMax: number): Promise<MultipartRead> {
    const broken = new Promise<never>((_resolve, reject) => this.#parser.once('error', reject));
    broken.catch(() => undefined); // also where nobody waits for it any more
    const finished = new Promise<void>((resolve) => this.#parser.once('finish', () => resolve()));
    try {
      let bytes = 0;
      // The connection is still needed for the answer.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const part = chunk as Buffer; // no encoding is set on the request
        bytes += part.length;
        if (bytes > bodyMax) this.#verdict ??= 'too-large';
        if (this.#verdict !== null) break;
        await Promise.race([written(this.#parser, part), broken]);
      }
      if (this.#verdict === null) {
        this.#parser.end();
        await Promise.race([finished, broken]);
      }
    } catch {
      // Not of this form, or the peer went away: whoever takes a file must not wait for its rest.
      this.#verdict ??= 'bad';
    }
    if (this.#verdict !== null) this.#cut();
    const [fault] = (await Promise.allSettled(this.#taking)).flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    );
    if (this.#verdict !== null) return { kind: this.#verdict };
    if (fault !== undefined) throw fault;
    return { kind: 'form', form: new Form(this.#fields, this.#files) };
  }

  #file(name: string, stream: BusboyFileStream, fileName: string | undefined): void {
    // What the parser says of a broken body, it says to the file too.
    stream.on('error', () => undefined);
    if (this.#verdict === null && !this.#isOurs(this.#fields.get('form') ?? '')) {
      this.#verdict = 'not-ours';
    }
    // A browser sends an empty part where no file was chosen.
    if (this.#verdict !== null || fileName === undefined || fileName === '') {
      stream.resume();
      return;
    }
    this.#open.add(stream);
    const taken = this.#take(name, stream, fileName).finally(() => {
      this.#open.delete(stream);
      // Whoever stopped early: the parser waits for a reader.
      stream.resume();
    });
    this.#taking.push(taken);
    taken.catch(() => undefined); // told by `read`
  }

  async #take(field: string, stream: BusboyFileStream, fileName: string): Promise<void> {
    const name = fileName.slice(0, FILE_NAME_LENGTH_MAX);
    const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>; // no encoding
    const { keep } = this.#rules;
    let bytes = Buffer.alloc(0);
    let fault: string | null = null;
    if (keep === undefined) bytes = await collected(chunks);
    else fault = await keep(chunks);
    const { truncated, bytesRead } = stream;
    this.#files.set(field, {
      name,
      size: bytesRead,
      bytes,
      fault: truncated ? 'too-large' : fault,
    });
  }

  #cut(): void {
    const gone = new Error('the upload ended early');
    for (const stream of this.#open) stream.destroy(gone);
  }
}

function parserFor(request: IncomingMessage, rules: UploadRules): BusboyInstance | null {
  const type = request.headers['content-type'] ?? '';
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: {
        fieldNameSize: 100,
        fieldSize: UPLOAD_FIELDS_BYTES_MAX,
        fields: FORM_FIELDS_MAX,
        fileSize: rules.bytesMax,
        files: FILES_MAX,
        headerPairs: 20,
        headerSize: 8 * 1024,
      },
    });
  } catch {
    // It names no boundary.
    return null;
  }
}

function written(parser: BusboyInstance, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

async function collected(chunks: AsyncIterable<Buffer>): Promise<Buffer<ArrayBuffer>> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
