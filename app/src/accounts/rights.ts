// What a person's role may do on the pages, and who that is to the gateway.
import type { Principal } from '../operations/gateway.ts';
import type { Role } from '../operations/settings-schema.ts';
import type { Person, PersonRole } from '../ports/accounts.ts';

const RIGHTS = {
  /** Dashboard, operations, terminals, reports. */
  look: ['administrator', 'supervisor', 'cashier', 'auditor'],
  /** Start and cancel operations. */
  act: ['administrator', 'supervisor'],
  /** End an unknown operation. */
  resolve: ['administrator', 'supervisor'],
  audit: ['administrator', 'auditor'],
  /** Everything that changes how the box works. */
  configure: ['administrator'],
} as const satisfies Record<string, readonly PersonRole[]>;
export type PageRight = keyof typeof RIGHTS;

/** A cashier only looks, so the gateway knows one as it knows an auditor. */
const ROLE_OF: Readonly<Record<PersonRole, Role>> = {
  administrator: 'administrator',
  supervisor: 'supervisor',
  cashier: 'auditor',
  auditor: 'auditor',
};

export function allows(role: PersonRole, right: PageRight): boolean {
  return (RIGHTS[right] as readonly PersonRole[]).includes(role);
}

/** Named so that nobody takes a person for a key of the same name. */
export function principalOf(person: Person): Principal {
  return {
    name: `person:${person.login}`,
    role: ROLE_OF[person.role],
    limits: { terminals: null, kinds: null, amountMax: null },
  };
}
