// All pages as one table.
import type { PageRoute, Services } from './parts.ts';
import { auditRoutes } from './pages/audit.ts';
import { dayEndRoutes } from './pages/day-end.ts';
import { firstStartRoutes } from './pages/first-start.ts';
import { integrationRoutes } from './pages/integration.ts';
import { meRoutes } from './pages/me.ts';
import { operationListRoutes } from './pages/operations.ts';
import { operationRoutes } from './pages/operation.ts';
import { peopleRoutes } from './pages/people.ts';
import { signInRoutes } from './pages/sign-in.ts';
import { systemRoutes } from './pages/system.ts';
import { terminalPageRoutes } from './pages/terminals.ts';
import { todayRoutes } from './pages/today.ts';
import { virtualTerminalRoutes } from './pages/virtual-terminal.ts';

export function pageRoutes(services: Services): PageRoute[] {
  return [
    ...signInRoutes(services),
    ...firstStartRoutes(services),
    ...todayRoutes(services),
    ...operationListRoutes(services),
    ...operationRoutes(services),
    ...terminalPageRoutes(services),
    ...virtualTerminalRoutes(services),
    ...dayEndRoutes(services),
    ...integrationRoutes(services),
    ...meRoutes(services),
    ...peopleRoutes(services),
    ...auditRoutes(services),
    ...systemRoutes(services),
  ];
}
