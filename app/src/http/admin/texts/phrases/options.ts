// What a driver's options mean, as the tables of the drivers say it in English; the titles of
// drivers and the words of choices.
import { NEXO_OPTIONS } from './nexo-options.ts';
import type { PhraseTable } from './table.ts';

const TITLES: PhraseTable = {
  'B-POS1 through the bank’s library (TCP, USB, RS-232)': [
    'B-POS1 через бібліотеку банку (TCP, USB, RS-232)',
    'B-POS1 через библиотеку банка (TCP, USB, RS-232)',
  ],
  'Concert E+ (Telium over USB, RS-232)': [
    'Concert E+ (Telium через USB, RS-232)',
    'Concert E+ (Telium через USB, RS-232)',
  ],
  'Caisse-AP over IP': ['Caisse-AP через IP', 'Caisse-AP через IP'],
  'nexo Retailer 3.1 (Swedbank Pay and others, HTTP)': [
    'nexo Retailer 3.1 (Swedbank Pay та інші, HTTP)',
    'nexo Retailer 3.1 (Swedbank Pay и другие, HTTP)',
  ],
};

const CHOICES: PhraseTable = {
  reference: ['еталонне: три з’єднання', 'эталонное: три соединения'],
  single: ['одне з’єднання', 'одно соединение'],
  default: ['звичайний', 'обычный'],
  light: ['спрощений', 'упрощённый'],
  none: ['немає', 'нет'],
  simple: ['стисло', 'кратко'],
  detailed: ['докладно', 'подробно'],
  savings: ['ощадний', 'сберегательный'],
  checking: ['поточний', 'текущий'],
  credit: ['кредитний', 'кредитный'],
  universal: ['універсальний', 'универсальный'],
  'all-but-void': ['усі, крім скасування', 'все, кроме отмены'],
  'purchase-and-refund': ['оплата й повернення', 'оплата и возврат'],
};

/** Several drivers have these. */
const COMMON: PhraseTable = {
  'How long an operation waits for an idle check to end.': [
    'Скільки операція чекає на кінець фонової перевірки.',
    'Сколько операция ждёт конца фоновой проверки.',
  ],
  'How often an idle terminal is looked for.': [
    'Як часто перевіряти, чи є вільний термінал на зв’язку.',
    'Как часто проверять, на связи ли свободный терминал.',
  ],
  'Longest answer to the confirmation.': [
    'Найдовша відповідь на підтвердження.',
    'Самый долгий ответ на подтверждение.',
  ],
  'Longest wait for the answer, the customer included.': [
    'Найдовше чекання відповіді разом із покупцем.',
    'Самое долгое ожидание ответа вместе с покупателем.',
  ],
};

const JSON_ONES: PhraseTable = {
  'How to connect: the vendor’s reference scheme of three connections, or ping and identify on one.':
    [
      'Як з’єднуватися: еталонна схема виробника з трьох з’єднань або вітання й відомості в одному.',
      'Как соединяться: эталонная схема производителя из трёх соединений или приветствие и сведения в одном.',
    ],
  'Pause after the handshake’s ping; Verifone needs 3000 to 5000.': [
    'Пауза після вітання; терміналам Verifone треба від 3000 до 5000.',
    'Пауза после приветствия; терминалам Verifone нужно от 3000 до 5000.',
  ],
  'Least time between two messages to the terminal (SPEC: 0.1 s).': [
    'Найменший час між двома повідомленнями терміналові (за описом 0,1 с).',
    'Наименьшее время между двумя сообщениями терминалу (по описанию 0,1 с).',
  ],
  'How long an operation waits for the link before it fails as offline.': [
    'Скільки операція чекає на зв’язок, перш ніж закінчитися відмовою.',
    'Сколько операция ждёт связи, прежде чем закончиться отказом.',
  ],
  'How often the status is read while an operation runs.': [
    'Як часто читати стан під час операції.',
    'Как часто читать состояние во время операции.',
  ],
  'Longest answer to a query that waits for no card and no bank.': [
    'Найдовша відповідь на запит, який не чекає ні картки, ні банку.',
    'Самый долгий ответ на запрос, который не ждёт ни карты, ни банка.',
  ],
  'Longest answer to a ping or to a service message.': [
    'Найдовша відповідь на вітання або службове повідомлення.',
    'Самый долгий ответ на приветствие или служебное сообщение.',
  ],
  'How often an idle terminal is asked whether it is alive (quietly).': [
    'Як часто тихо питати вільний термінал, чи він на зв’язку.',
    'Как часто тихо спрашивать свободный терминал, на связи ли он.',
  ],
  'How often the last receipt of an idle terminal is read.': [
    'Як часто читати останній чек вільного термінала.',
    'Как часто читать последний чек свободного терминала.',
  ],
  'A terminal that told statuses and then none for so long has lost the operation.': [
    'Термінал, що повідомляв стани й замовк на такий час, загубив операцію.',
    'Терминал, который сообщал состояния и замолчал на такое время, потерял операцию.',
  ],
  'A terminal that says it is idle for so long will not send the answer any more.': [
    'Термінал, що стільки часу каже «вільний», відповіді вже не надішле.',
    'Терминал, который столько времени говорит «свободен», ответа уже не пришлёт.',
  ],
  'Let the customer pay by face on terminals with a camera.': [
    'Дозволити оплату обличчям на терміналах із камерою.',
    'Разрешить оплату лицом на терминалах с камерой.',
  ],
  'Sub-merchant as registered at the bank; empty where there is none.': [
    'Субмерчант, як його записано в банку; порожньо, якщо немає.',
    'Субмерчант, как он записан в банке; пусто, если нет.',
  ],
  'Believe a bare code 0000 without looking at the receipt. Only where the terminal can give none.':
    [
      'Вірити самому коду 0000, не дивлячись у чек. Лише якщо термінал не може дати чека.',
      'Верить одному коду 0000, не глядя в чек. Только если терминал не может дать чек.',
    ],
  'Receipt copies and journals are printed by the terminal as well.': [
    'Копії чеків і журнали друкує також термінал.',
    'Копии чеков и журналы печатает также терминал.',
  ],
  'Refuse a terminal whose answer to identify is not result=true.': [
    'Не приймати термінал, який на запит «хто це» не відповів result=true.',
    'Не принимать терминал, который на запрос «кто это» не ответил result=true.',
  ],
};

const BPOS: PhraseTable = {
  'How often the state is read while the terminal works.': [
    'Як часто читати стан, поки термінал працює.',
    'Как часто читать состояние, пока терминал работает.',
  ],
  'A terminal that shows nothing new for so long is asked whether it is there.': [
    'Термінал, що стільки часу не показує нового, питають, чи він є.',
    'Терминал, который столько времени не показывает нового, спрашивают, на месте ли он.',
  ],
  'A function that does not return for so long is taken for hung; 6 s are documented.': [
    'Функція, що не завершилася за цей час, вважається завислою; в описі 6 с.',
    'Функция, не завершившаяся за это время, считается зависшей; в описании 6 с.',
  ],
  'Longest opening of the line to the terminal.': [
    'Найдовше відкриття лінії до термінала.',
    'Самое долгое открытие линии к терминалу.',
  ],
  'Longest answer to a question that waits for no card and no bank.': [
    'Найдовша відповідь на запитання, яке не чекає ні картки, ні банку.',
    'Самый долгий ответ на вопрос, который не ждёт ни карты, ни банка.',
  ],
  'Longest report or settlement.': ['Найдовший звіт або звірка.', 'Самый долгий отчёт или сверка.'],
  'Wait for the end after a cancel at the deadline.': [
    'Чекання кінця після скасування, коли час вийшов.',
    'Ожидание конца после отмены, когда время вышло.',
  ],
  'How long the journal must stay the same before it is believed after a lost answer: by then the terminal has taken back what was not confirmed.':
    [
      'Скільки журнал має не змінюватися, щоб йому повірити після втраченої відповіді: за цей час термінал повертає те, чого не підтвердили.',
      'Сколько журнал должен не меняться, чтобы ему поверить после потерянного ответа: за это время терминал возвращает то, что не подтвердили.',
    ],
  'How often an idle terminal is looked at.': [
    'Як часто перевіряти вільний термінал.',
    'Как часто проверять свободный терминал.',
  ],
  'Keeps the line open and sends a heartbeat this often (8000 for terminals that drop it after 15 s); 0 opens it anew for each operation.':
    [
      'Тримає лінію відкритою й так часто подає знак життя (8000 для терміналів, що рвуть її за 15 с); 0 відкриває її щоразу знову.',
      'Держит линию открытой и так часто подаёт признак жизни (8000 для терминалов, которые рвут её через 15 с); 0 открывает её каждый раз заново.',
    ],
  'An open line older than this is opened anew before use; the terminal drops idle ones after 15 s.':
    [
      'Лінію, відкриту давніше, перед ужитком відкривають знову; термінал рве вільну за 15 с.',
      'Линию, открытую раньше, перед использованием открывают заново; терминал рвёт свободную через 15 с.',
    ],
  'Its index.': ['Номер застосунку.', 'Номер приложения.'],
  'Language of the library’s own texts.': [
    'Мова власних текстів бібліотеки.',
    'Язык собственных текстов библиотеки.',
  ],
  'The library’s own log in the data folder; for the bank’s support only.': [
    'Власний журнал бібліотеки в теці даних; лише для підтримки банку.',
    'Собственный журнал библиотеки в папке данных; только для поддержки банка.',
  ],
  'Application on the terminal to select; empty for the only one.': [
    'Який застосунок термінала вибрати; порожньо, якщо він один.',
    'Какое приложение терминала выбрать; пусто, если оно одно.',
  ],
  'Key of message authentication in hexadecimal, where the bank gave one.': [
    'Ключ автентифікації повідомлень шістнадцятковими цифрами, якщо його дав банк.',
    'Ключ аутентификации сообщений шестнадцатеричными цифрами, если его дал банк.',
  ],
  'Which operations wait for our confirmation on this terminal.': [
    'Які операції на цьому терміналі чекають нашого підтвердження.',
    'Какие операции на этом терминале ждут нашего подтверждения.',
  ],
  'Ask the till whether the signature is right before a sale is confirmed.': [
    'Питати касу про підпис, перш ніж підтвердити оплату.',
    'Спрашивать кассу о подписи, прежде чем подтвердить оплату.',
  ],
  'Which bank’s scenario gives cash with a purchase.': [
    'Який сценарій банку видає готівку разом з оплатою.',
    'Какой сценарий банка выдаёт наличные вместе с оплатой.',
  ],
  'Service of the bank for instalments, e.g. 0109//1/{parts}; empty where there is none.': [
    'Послуга банку для оплати частинами, наприклад 0109//1/{parts}; порожньо, якщо немає.',
    'Услуга банка для оплаты частями, например 0109//1/{parts}; пусто, если нет.',
  ],
  'Account of the card for balance, deposit and cash advance.': [
    'Рахунок картки для залишку, внесення та видачі готівки.',
    'Счёт карты для остатка, внесения и выдачи наличных.',
  ],
  'The terminal prints the totals as well.': [
    'Підсумки друкує також термінал.',
    'Итоги печатает также терминал.',
  ],
  'The till’s reference is printed on the terminal’s receipt.': [
    'Документ каси друкується в чеку термінала.',
    'Документ кассы печатается в чеке терминала.',
  ],
};

const SERIAL_ONES: PhraseTable = {
  'Ids of the merchants as the bank gave them, by comma: that of merchant 1 first.': [
    'Ідентифікатори мерчантів від банку через кому: першим той, що в мерчанта 1.',
    'Идентификаторы мерчантов от банка через запятую: первым тот, что у мерчанта 1.',
  ],
  'Believe a bare code 0000 without sum and reference. Only where the terminal can give none.': [
    'Вірити самому коду 0000 без суми й номера. Лише якщо термінал не може їх дати.',
    'Верить одному коду 0000 без суммы и номера. Только если терминал не может их дать.',
  ],
  'Longest wait for the acknowledgement of a request.': [
    'Найдовше чекання, поки термінал прийме запит.',
    'Самое долгое ожидание, пока терминал примет запрос.',
  ],
  'Who asks: the identification that the terminal expects (tag CJ).': [
    'Хто просить: ідентифікатор, якого чекає термінал (поле CJ).',
    'Кто просит: идентификатор, которого ждёт терминал (поле CJ).',
  ],
  'Number of this till (tag CA).': ['Номер цієї каси (поле CA).', 'Номер этой кассы (поле CA).'],
  'Believe a yes without an authorisation number. Only where there can be none.': [
    'Вірити згоді без коду авторизації. Лише якщо його не може бути.',
    'Верить согласию без кода авторизации. Только если его не может быть.',
  ],
  'Number of this till, as the terminal is set up.': [
    'Номер цієї каси, як налаштовано термінал.',
    'Номер этой кассы, как настроен терминал.',
  ],
  'Ask for the card’s data: without them a yes has no sign beyond its code.': [
    'Просити дані картки: без них згода не має інших ознак, крім коду.',
    'Просить данные карты: без них у согласия нет других признаков, кроме кода.',
  ],
  'Believe a yes without the card’s data. Only where the terminal can give none.': [
    'Вірити згоді без даних картки. Лише якщо термінал не може їх дати.',
    'Верить согласию без данных карты. Только если терминал не может их дать.',
  ],
  'The bank is always asked; otherwise the terminal decides.': [
    'Банк питають завжди; інакше вирішує термінал.',
    'Банк спрашивают всегда; иначе решает терминал.',
  ],
};

export const OPTIONS: PhraseTable = {
  ...TITLES,
  ...CHOICES,
  ...COMMON,
  ...JSON_ONES,
  ...BPOS,
  ...SERIAL_ONES,
  ...NEXO_OPTIONS,
};
