// Where the build reads and writes. `cache` may be kept between builds, the rest is made anew.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
export const OUT = join(REPOSITORY, 'out');

export const PATHS = {
  /** The bundled program as it lies in `/usr/lib/tillgate`. */
  app: join(OUT, 'app'),
  /** live-build's work folder with its package cache. */
  system: join(OUT, 'cache', 'system'),
  /** Finished system layers by the hash of their sources. */
  layers: join(OUT, 'cache', 'layers'),
  /** Development signing keys; never committed. */
  keys: join(OUT, 'keys'),
  work: join(OUT, 'work'),
  images: OUT,
} as const;
