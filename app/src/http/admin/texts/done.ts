// What was just done, told once on the page after it.
import { APPLIANCE_DONE } from './appliance.ts';
import type { TextTable } from './index.ts';

export const DONE = {
  saved: ['Збережено.', 'Saved.', 'Сохранено.'],
  removed: ['Вилучено.', 'Removed.', 'Удалено.'],
  terminalAdded: ['Термінал додано.', 'The terminal was added.', 'Терминал добавлен.'],
  cancelAsked: [
    'Запит на скасування надіслано. Чим закінчиться операція, скаже термінал.',
    'The request to cancel was sent. The terminal will say how the operation ends.',
    'Запрос на отмену отправлен. Чем закончится операция, скажет терминал.',
  ],
  answered: ['Відповідь передано.', 'The answer was passed on.', 'Ответ передан.'],
  resolved: [
    'Рішення записано, термінал знову вільний.',
    'The decision is written down; the terminal is free again.',
    'Решение записано, терминал снова свободен.',
  ],
  started: ['Операцію розпочато.', 'The operation was started.', 'Операция начата.'],
  keyRevoked: ['Ключ відкликано.', 'The key was revoked.', 'Ключ отозван.'],
  replayed: [
    'Повідомлення буде надіслано знову.',
    'The message will be sent again.',
    'Сообщение будет отправлено снова.',
  ],
  sessionEnded: ['Сеанс завершено.', 'The session was ended.', 'Сеанс завершён.'],
  passwordSet: ['Пароль змінено.', 'The password was changed.', 'Пароль изменён.'],
  factorOn: ['Другий крок увімкнено.', 'The second step is on.', 'Второй шаг включён.'],
  factorOff: ['Другий крок вимкнено.', 'The second step is off.', 'Второй шаг выключен.'],
  ...APPLIANCE_DONE,
  turned: ['Зроблено.', 'Done.', 'Сделано.'],
  certificateChanged: [
    'Новий сертифікат діє.',
    'The new certificate is in use.',
    'Новый сертификат действует.',
  ],
  libraryInstalled: [
    'Бібліотеку встановлено.',
    'The library was installed.',
    'Библиотека установлена.',
  ],
} as const satisfies TextTable;
