// The menu as a table.
import type { Dialog } from '../dialog.ts';
import type { Machine } from '../machine.ts';
import type { TextKey } from '../texts/say.ts';
import { administratorMenu } from './administrator.ts';
import { certificateMenu } from './certificate.ts';
import { diskMenu } from './disk.ts';
import { exportMenu } from './export.ts';
import { networkMenu } from './network.ts';
import { paymentsMenu } from './payments.ts';
import { powerMenu } from './power.ts';
import { resetMenu } from './reset.ts';
import { serviceMenu } from './service.ts';
import { timeMenu } from './time.ts';
import { updateMenu } from './update.ts';

export type Action = (dialog: Dialog, machine: Machine) => Promise<void>;

/** In the order of the numbers; language and shell belong to the session. */
export const ACTIONS: readonly { readonly text: TextKey; readonly action: Action }[] = [
  { text: 'menuNetwork', action: networkMenu },
  { text: 'menuAdministrator', action: administratorMenu },
  { text: 'menuCertificate', action: certificateMenu },
  { text: 'menuService', action: serviceMenu },
  { text: 'menuPayments', action: paymentsMenu },
  { text: 'menuExport', action: exportMenu },
  { text: 'menuUpdate', action: updateMenu },
  { text: 'menuTime', action: timeMenu },
  { text: 'menuDisk', action: diskMenu },
  { text: 'menuPower', action: powerMenu },
  { text: 'menuReset', action: resetMenu },
];
