// Words of the scheduled settlement, and of acts that were not done on pages.
import type { TextTable } from './index.ts';

export const SCHEDULE = {
  schedule: ['Звірка за розкладом', 'Scheduled settlement', 'Сверка по расписанию'],
  scheduleName: ['розклад', 'the schedule', 'расписание'],
  scheduleOff: [
    'Вимкнено: день закривають люди.',
    'Off: people close the day.',
    'Выключено: день закрывают люди.',
  ],
  scheduleIsOff: ['вимкнено', 'off', 'выключено'],
  scheduleNext: [
    'Щодня сама. Наступна: {when}.',
    'Every day by itself. Next: {when}.',
    'Каждый день сама. Следующая: {when}.',
  ],
  scheduleNobody: [
    'Увімкнено, але немає термінала, який уміє звірку.',
    'On, but there is no terminal that can settle.',
    'Включено, но нет терминала, который умеет сверку.',
  ],
  scheduleClock: [
    'Час пристрою не підтверджено: звірка чекає, доки він буде підтверджений.',
    'The time of the box is not confirmed: the settlement waits until it is.',
    'Время устройства не подтверждено: сверка ждёт, пока оно будет подтверждено.',
  ],
  scheduleEnabled: [
    'Проводити Z-звіт щодня без людей',
    'Run the Z report every day without people',
    'Проводить Z-отчёт каждый день без людей',
  ],
  scheduleHint: [
    'Зайнятий термінал чекає своєї черги. Якщо за {hours} год не вдалося, це буде тут і на сторінці «Сьогодні».',
    'A busy terminal is waited for. What could not be done within {hours} h is told here and on “Today”.',
    'Занятый терминал ждёт своей очереди. Если за {hours} ч не удалось, это будет здесь и на странице «Сегодня».',
  ],
  scheduleAt: ['О котрій', 'At', 'Во сколько'],
  scheduleAtHint: [
    'За годинником магазину ({zone}). Коли магазин уже зачинено.',
    'By the shop’s clock ({zone}). When the shop is closed already.',
    'По часам магазина ({zone}). Когда магазин уже закрыт.',
  ],
  scheduleTerminals: ['Які термінали', 'Which terminals', 'Какие терминалы'],
  scheduleAll: [
    'усі, також додані пізніше',
    'all, also those added later',
    'все, также добавленные позже',
  ],
  scheduleThese: ['лише ці:', 'only these:', 'только эти:'],
  schedulePerMerchant: [
    'Окремий Z-звіт для кожного мерчанта термінала',
    'A Z report of its own for each merchant of a terminal',
    'Отдельный Z-отчёт для каждого мерчанта терминала',
  ],
  chooseTerminal: ['Оберіть термінал.', 'Choose a terminal.', 'Выберите терминал.'],
  notATime: ['Час як 23:30.', 'A time like 23:30.', 'Время как 23:30.'],
  scheduleHistory: ['Що зроблено за розкладом', 'What it did', 'Что сделано по расписанию'],
  noScheduled: [
    'За розкладом ще нічого не було.',
    'Nothing yet.',
    'По расписанию ещё ничего не было.',
  ],
  takenSince: ['Оплати мінус повернення', 'Sales minus refunds', 'Оплаты минус возвраты'],
  outcome: ['Чим закінчилось', 'How it ended', 'Чем закончилось'],
  missedWord: ['не відбулася', 'did not happen', 'не состоялась'],
  missedNeeds: [
    'Звірка за розкладом на «{terminal}» ({when}) не відбулася: {reason}',
    'The scheduled settlement of “{terminal}” ({when}) did not happen: {reason}',
    'Сверка по расписанию на «{terminal}» ({when}) не состоялась: {reason}',
  ],
  missedGatewayOff: [
    'шлюз тоді не працював.',
    'the gateway did not run then.',
    'шлюз тогда не работал.',
  ],
  missedClock: [
    'час пристрою не було підтверджено.',
    'the time of the box was not confirmed.',
    'время устройства не было подтверждено.',
  ],
  missedUnresolved: [
    'на терміналі була нез’ясована операція.',
    'the terminal had an unresolved operation.',
    'на терминале была невыясненная операция.',
  ],
  missedOffline: [
    'термінал був без зв’язку.',
    'the terminal was offline.',
    'терминал был без связи.',
  ],
  missedBusy: [
    'термінал весь час був зайнятий.',
    'the terminal was busy all the time.',
    'терминал всё время был занят.',
  ],
  missedLedger: [
    'журнал не записувався на диск.',
    'the ledger could not be written.',
    'журнал не записывался на диск.',
  ],
  missedUnsuccessful: [
    'термінал або банк відмовив.',
    'the terminal or the bank refused.',
    'терминал или банк отказал.',
  ],
  missedCancelled: ['її скасували.', 'somebody cancelled it.', 'её отменили.'],
  missedRefused: [
    'шлюз відмовився її почати, причина в журналі подій.',
    'the gateway would not start it; the log says why.',
    'шлюз отказался её начать, причина в журнале событий.',
  ],
  lastAdministratorKey: [
    'Це останній ключ адміністратора: спершу створіть інший.',
    'This is the last administrator key: make another one first.',
    'Это последний ключ администратора: сначала создайте другой.',
  ],
  actedByKey: ['ключ {name}', 'key {name}', 'ключ {name}'],
  actedByCommand: ['командний рядок', 'command line', 'командная строка'],
  actedByConsole: ['консоль пристрою', 'console of the box', 'консоль устройства'],
} as const satisfies TextTable;
