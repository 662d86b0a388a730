// All pages as one table.
import type { PageRoute, Services } from './parts.ts';
import { auditRoutes } from './pages/audit.ts';
import { backupRoutes } from './pages/backup.ts';
import { certificateRoutes } from './pages/certificate.ts';
import { dayEndRoutes } from './pages/day-end.ts';
import { firstStartRoutes } from './pages/first-start.ts';
import { integrationRoutes } from './pages/integration.ts';
import { libraryRoutes } from './pages/library.ts';
import { meRoutes } from './pages/me.ts';
import { nexoPageRoutes } from './pages/nexo.ts';
import { networkRoutes } from './pages/network.ts';
import { operationListRoutes } from './pages/operations.ts';
import { operationRoutes } from './pages/operation.ts';
import { peopleRoutes } from './pages/people.ts';
import { powerRoutes } from './pages/power.ts';
import { signInRoutes } from './pages/sign-in.ts';
import { systemRoutes } from './pages/system.ts';
import { terminalPageRoutes } from './pages/terminals.ts';
import { timeRoutes } from './pages/time.ts';
import { todayRoutes } from './pages/today.ts';
import { updateRoutes } from './pages/updates.ts';
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
    ...nexoPageRoutes(services),
    ...meRoutes(services),
    ...peopleRoutes(services),
    ...auditRoutes(services),
    ...systemRoutes(services),
    ...certificateRoutes(services),
    ...backupRoutes(services),
    ...libraryRoutes(services),
    ...networkRoutes(services),
    ...timeRoutes(services),
    ...updateRoutes(services),
    ...powerRoutes(services),
  ];
}
