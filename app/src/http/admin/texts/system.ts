// Words of the page about the system.
import type { TextTable } from './index.ts';

export const SYSTEM = {
  health: ['Стан', 'Health', 'Состояние'],
  partLedger: ['Журнал операцій', 'Ledger', 'Журнал операций'],
  partGateway: ['Шлюз', 'Gateway', 'Шлюз'],
  partClock: ['Годинник', 'Clock', 'Часы'],
  works: ['працює', 'works', 'работает'],
  doesNotWork: ['не працює', 'does not work', 'не работает'],
  version: ['Версія', 'Version', 'Версия'],
  runsSince: ['Працює з', 'Runs since', 'Работает с'],
  now: ['Час пристрою', 'Time of the box', 'Время устройства'],
  operatingSystem: ['Операційна система', 'Operating system', 'Операционная система'],
  load: ['Навантаження', 'Load', 'Нагрузка'],
  memory: ['Пам’ять', 'Memory', 'Память'],
  disk: ['Диск', 'Disk', 'Диск'],
  temperature: ['Температура', 'Temperature', 'Температура'],
  shop: ['Магазин', 'Shop', 'Магазин'],
  certificate: ['Сертифікат TLS', 'TLS certificate', 'Сертификат TLS'],
  fingerprint: ['Відбиток SHA-256', 'SHA-256 fingerprint', 'Отпечаток SHA-256'],
  noTls: ['TLS вимкнено.', 'TLS is off.', 'TLS выключен.'],
  backup: ['Резервна копія', 'Backup', 'Резервная копия'],
  backupText: [
    'Повна копія журналу операцій, зроблена на ходу.',
    'A whole copy of the ledger, made while it works.',
    'Полная копия журнала операций, сделанная на ходу.',
  ],
  downloadBackup: [
    'Завантажити копію журналу',
    'Download a copy of the ledger',
    'Скачать копию журнала',
  ],
  support: ['Пакет підтримки', 'Support bundle', 'Пакет поддержки'],
  supportText: [
    'Налаштування без секретів, стани, останні рядки журналу. Без даних карток.',
    'Settings without secrets, states, the newest log lines. No card data.',
    'Настройки без секретов, состояния, последние строки журнала. Без данных карт.',
  ],
  downloadSupport: ['Завантажити пакет', 'Download the bundle', 'Скачать пакет'],
  log: ['Журнал програми', 'Program log', 'Журнал программы'],
  logFilter: ['Шукати в журналі', 'Search the log', 'Искать в журнале'],
  noLines: ['Рядків немає.', 'No lines.', 'Строк нет.'],
  notAppliance: [
    'Це звичайна машина, а не пристрій Tillgate: мережею, оновленнями та живленням керує її власна система.',
    'This is a plain machine and not a Tillgate appliance: its own system looks after network, updates and power.',
    'Это обычная машина, а не устройство Tillgate: сетью, обновлениями и питанием управляет её собственная система.',
  ],
} as const satisfies TextTable;
