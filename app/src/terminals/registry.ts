// All drivers of the product, by the name that settings use.
import type { LibraryFactory } from '../ports/bank-library.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { HttpClient } from '../ports/http-client.ts';
import type { Log } from '../ports/log.ts';
import type { DriverCatalog, TerminalDriver, TerminalSetup } from '../ports/terminal-driver.ts';
import { type Transport, TransportError } from '../ports/transport.ts';
import { openCallOf } from './bpos/address.ts';
import { createBposDriver } from './bpos/driver.ts';
import { OPTIONS as BPOS, parseOptions as parseBpos } from './bpos/options.ts';
import { createNexoDriver } from './nexo/driver.ts';
import { OPTIONS as NEXO, parseOptions as parseNexo } from './nexo/options.ts';
import type { NexoSwitch } from './nexo/switch.ts';
import { createBposLightDriver } from './bpos-light/driver.ts';
import { OPTIONS as BPOS_LIGHT, parseOptions as parseBposLight } from './bpos-light/options.ts';
import { createCaisseApDriver } from './caisse-ap/driver.ts';
import { OPTIONS as CAISSE_AP, parseOptions as parseCaisseAp } from './caisse-ap/options.ts';
import { createConcertDriver } from './concert/driver.ts';
import { OPTIONS as CONCERT, parseOptions as parseConcert } from './concert/options.ts';
import { createPrivatJsonDriver } from './privat-json/driver.ts';
import { OPTIONS as PRIVAT_JSON, parseOptions as parsePrivatJson } from './privat-json/options.ts';
import type { OptionIssue, OptionsTable } from './wire/options.ts';

/** What drivers are built from, besides the settings. */
export interface DriverParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the shop: terminals show local time. */
  readonly timeZone: string;
  /** The bank's library, where this build keeps one. */
  readonly library?: LibraryFactory | null;
  /** For terminals that speak HTTP: the way to them, and the door by which they call back. */
  readonly http?: { readonly client: HttpClient; readonly nexo: NexoSwitch };
}

export type Prepared =
  | { kind: 'ready'; create(parts: DriverParts): TerminalDriver }
  | { kind: 'issues'; issues: readonly OptionIssue[] };

export interface DriverDefinition {
  /** For lists and pages. */
  readonly title: string;
  /** Schemes of addresses that it can talk through. */
  readonly schemes: readonly string[];
  readonly options: OptionsTable;
  /** False where nothing can be asked after a lost answer; true unless said. */
  readonly hasJournal?: boolean;
  /** Reads the options once: either the driver can be built, or what is wrong is told. */
  prepare(setup: TerminalSetup): Prepared;
}

export const DRIVERS: Readonly<Record<string, DriverDefinition>> = {
  'privat-json': {
    title: 'PrivatBank ECR JSON (TCP, USB, RS-232)',
    schemes: ['tcp', 'serial', 'sim'],
    options: PRIVAT_JSON,
    prepare: (setup) => {
      const parsed = parsePrivatJson(setup.options);
      if (parsed.kind === 'issues') return parsed;
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) => createPrivatJsonDriver({ ...parts, setup, options }),
      };
    },
  },
  bpos: {
    title: 'B-POS1 through the bank’s library (TCP, USB, RS-232)',
    schemes: ['tcp', 'serial', 'auto', 'sim'],
    options: BPOS,
    prepare: (setup) => {
      const parsed = parseBpos(setup.options);
      const openCall = openCallOf(setup.address);
      if (parsed.kind === 'issues') return parsed;
      // `check` has looked at the address before; what it let through can be opened.
      if ('issue' in openCall) {
        return { kind: 'issues', issues: [{ path: 'address', message: openCall.issue }] };
      }
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) =>
          createBposDriver({ ...parts, setup, options, openCall, library: parts.library ?? null }),
      };
    },
  },
  'bpos-light': {
    title: 'B-POS light (USB, RS-232, TCP)',
    schemes: ['serial', 'tcp', 'sim'],
    options: BPOS_LIGHT,
    hasJournal: false,
    prepare: (setup) => {
      const parsed = parseBposLight(setup.options);
      if (parsed.kind === 'issues') return parsed;
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) => createBposLightDriver({ ...parts, setup, options }),
      };
    },
  },
  concert: {
    title: 'Concert E+ (Telium over USB, RS-232)',
    schemes: ['serial', 'tcp', 'sim'],
    options: CONCERT,
    hasJournal: false,
    prepare: (setup) => {
      const parsed = parseConcert(setup.options);
      if (parsed.kind === 'issues') return parsed;
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) => createConcertDriver({ ...parts, setup, options }),
      };
    },
  },
  'caisse-ap': {
    title: 'Caisse-AP over IP',
    schemes: ['tcp', 'sim'],
    options: CAISSE_AP,
    hasJournal: false,
    prepare: (setup) => {
      const parsed = parseCaisseAp(setup.options);
      if (parsed.kind === 'issues') return parsed;
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) => createCaisseApDriver({ ...parts, setup, options }),
      };
    },
  },
  nexo: {
    title: 'nexo Retailer 3.1 (Swedbank Pay and others, HTTP)',
    schemes: ['http', 'sim'],
    options: NEXO,
    prepare: (setup) => {
      const parsed = parseNexo(setup.options);
      if (parsed.kind === 'issues') return parsed;
      const address = setup.address.trim();
      // A simulated terminal is behind such an address when the driver is made.
      if (!/^(?:http:\/\/[^/?#@\s]+:\d{1,5}\/?|sim:\/\/nexo(?:\?\S*)?)$/i.test(address)) {
        const message = 'must be http://host:port, 11000 unless the terminal was set up otherwise';
        return { kind: 'issues', issues: [{ path: 'address', message }] };
      }
      const { options } = parsed;
      return {
        kind: 'ready',
        create: (parts) => {
          if (parts.http === undefined) throw new Error('this build has no way to HTTP terminals');
          const { client, nexo } = parts.http;
          return createNexoDriver({ ...parts, setup, options, http: client, nexo });
        },
      };
    },
  },
};

export interface CatalogOptions extends DriverParts {
  /** Of the transport; throws TransportError where the address is none. */
  readonly normaliseAddress: (address: string) => string;
}

export function driverCatalog(options: CatalogOptions): DriverCatalog {
  return {
    names: Object.keys(DRIVERS),
    check: (setup) => check(setup, options.normaliseAddress),
    secretOptions,
    normaliseAddress: (address) => {
      try {
        return options.normaliseAddress(address);
      } catch (error) {
        // Settings hold what `check` let through; a peer that is none has no second name.
        if (error instanceof TransportError) return address.trim();
        throw error;
      }
    },
    create: (setup) => {
      const prepared = definitionOf(setup.driver)?.prepare(setup);
      if (prepared?.kind !== 'ready') throw new Error(`${setup.id}: settings were not checked`);
      return prepared.create({ ...options, log: options.log.with({ terminal: setup.id }) });
    },
  };
}

function check(
  setup: TerminalSetup,
  normaliseAddress: (address: string) => string,
): readonly OptionIssue[] {
  const definition = definitionOf(setup.driver);
  if (definition === null) {
    return [{ path: 'driver', message: `must be one of ${Object.keys(DRIVERS).join(', ')}` }];
  }
  const issues: OptionIssue[] = [];
  const scheme = /^([a-z]+):/i.exec(setup.address.trim())?.[1]?.toLowerCase() ?? '';
  if (!definition.schemes.includes(scheme)) {
    const message = `must begin with ${definition.schemes.map((one) => `${one}://`).join(', ')}`;
    issues.push({ path: 'address', message });
  } else {
    try {
      normaliseAddress(setup.address);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      issues.push({ path: 'address', message: error.message });
    }
  }
  const prepared = definition.prepare(setup);
  if (prepared.kind === 'issues') {
    issues.push(...prepared.issues.map((one) => ({ ...one, path: `options.${one.path}` })));
  }
  return issues;
}

export function secretOptions(driver: string): readonly string[] {
  return Object.entries(definitionOf(driver)?.options ?? {})
    .filter(([, { type }]) => type === 'secret')
    .map(([name]) => name);
}

function definitionOf(name: string): DriverDefinition | null {
  return Object.hasOwn(DRIVERS, name) ? (DRIVERS[name] ?? null) : null;
}
