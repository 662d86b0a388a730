// The chain of administrative acts, as those see it who only add to it: pages, REST, commands.
import type { AuditAct, AuditStore } from './accounts.ts';

export type AuditTrail = Pick<AuditStore, 'append'>;

/** An act as the one who does it knows it; when, who and from where is known at the door. */
export type Deed = Pick<AuditAct, 'act' | 'object' | 'before' | 'after'>;
