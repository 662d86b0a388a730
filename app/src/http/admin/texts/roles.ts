// Roles of people and what each means.
import type { PersonRole } from '../../../ports/accounts.ts';
import type { Triple } from './index.ts';

export const ROLE_TEXTS: Readonly<Record<PersonRole, Triple>> = {
  administrator: ['адміністратор', 'administrator', 'администратор'],
  supervisor: ['старший касир', 'supervisor', 'старший кассир'],
  cashier: ['касир (лише перегляд)', 'cashier (only looks)', 'кассир (только просмотр)'],
  auditor: ['ревізор', 'auditor', 'ревизор'],
};
