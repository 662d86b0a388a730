// All drivers of the product, by the name that settings use.
import type { Clock, Random } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { DriverCatalog, TerminalDriver, TerminalSetup } from '../ports/terminal-driver.ts';
import { type Transport, TransportError } from '../ports/transport.ts';
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
};

export interface CatalogOptions extends DriverParts {
  /** Of the transport; throws TransportError where the address is none. */
  readonly normaliseAddress: (address: string) => string;
}

export function driverCatalog(options: CatalogOptions): DriverCatalog {
  return {
    names: Object.keys(DRIVERS),
    check: (setup) => check(setup, options.normaliseAddress),
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

function definitionOf(name: string): DriverDefinition | null {
  return Object.hasOwn(DRIVERS, name) ? (DRIVERS[name] ?? null) : null;
}
