// What the options of a nexo terminal mean.
import type { PhraseTable } from './table.ts';

export const NEXO_OPTIONS: PhraseTable = {
  'default: the terminal calls back with its display, questions and events. light: it never calls.':
    [
      'звичайний: термінал викликає шлюз із текстами, запитаннями й подіями. спрощений: ніколи не викликає.',
      'обычный: терминал вызывает шлюз с текстами, вопросами и событиями. упрощённый: никогда не вызывает.',
    ],
  'POIID under which the terminal is registered; it selects its parameters.': [
    'POIID, під яким термінал зареєстровано; за ним вибираються його параметри.',
    'POIID, под которым зарегистрирован терминал; по нему выбираются его параметры.',
  ],
  'SaleID of this gateway; keep it, transactions are found again by it.': [
    'SaleID цього шлюзу; не змінюйте: за ним знаходяться попередні операції.',
    'SaleID этого шлюза; не меняйте: по нему находятся прежние операции.',
  ],
  'Language of texts for the cashier, two small letters (sv, no, fi, da, en).': [
    'Мова текстів для касира, дві малі літери (sv, no, fi, da, en).',
    'Язык текстов для кассира, две строчные буквы (sv, no, fi, da, en).',
  ],
  'Addresses from which the terminal may call, separated by commas; else the address of the terminal.':
    [
      'Адреси, з яких термінал може викликати шлюз, через кому; якщо порожньо, адреса термінала.',
      'Адреса, с которых терминал может вызывать шлюз, через запятую; если пусто, адрес терминала.',
    ],
  'How long an operation waits for the login before it fails as offline.': [
    'Скільки операція чекає на вхід у термінал, перш ніж закінчитися відмовою.',
    'Сколько операция ждёт входа в терминал, прежде чем закончиться отказом.',
  ],
  'Pause before a login that the terminal answered with Busy is sent again.': [
    'Пауза перед повтором входу, на який термінал відповів Busy.',
    'Пауза перед повтором входа, на который терминал ответил Busy.',
  ],
  'How often an operation that the terminal answered with Busy is offered again.': [
    'Скільки разів повторити операцію, на яку термінал відповів Busy.',
    'Сколько раз повторить операцию, на которую терминал ответил Busy.',
  ],
  'First pause before that; it grows by itself each time.': [
    'Перша пауза перед цим; щоразу вона довшає на стільки ж.',
    'Первая пауза перед этим; каждый раз она растёт на столько же.',
  ],
  'Longest answer to a login, logout or question about a transaction.': [
    'Найдовша відповідь на вхід, вихід або запитання про операцію.',
    'Самый долгий ответ на вход, выход или вопрос об операции.',
  ],
  'Longest answer to a request to abort.': [
    'Найдовша відповідь на прохання перервати.',
    'Самый долгий ответ на просьбу прервать.',
  ],
  'How often an idle terminal is asked for its last transaction.': [
    'Як часто питати вільний термінал про його останню операцію.',
    'Как часто спрашивать свободный терминал о его последней операции.',
  ],
  'After a lost answer: a transaction that is unfinished for so long is asked to abort.': [
    'Після втраченої відповіді: операцію, не завершену за цей час, просять перервати.',
    'После потерянного ответа: операцию, не завершённую за это время, просят прервать.',
  ],
  'Within one login a transaction that the terminal does not know has never happened.': [
    'Операції, якої термінал не знає в межах того самого входу, не було.',
    'Операции, которой терминал не знает в пределах того же входа, не было.',
  ],
  'How long after its start a transaction must be unknown before that is believed.': [
    'Скільки часу від початку термінал має не знати операції, щоб цьому повірити.',
    'Сколько времени от начала терминал должен не знать операции, чтобы этому поверить.',
  ],
  'The terminal takes back its very last transaction only.': [
    'Термінал скасовує лише свою останню операцію.',
    'Терминал отменяет только свою последнюю операцию.',
  ],
  'How long the cashier may look at a signature where the terminal names no time.': [
    'Скільки касир може звіряти підпис, якщо термінал не називає часу.',
    'Сколько кассир может сверять подпись, если терминал не называет времени.',
  ],
  'Try after the login whether the terminal knows diagnosis and reconciliation.': [
    'Після входу перевірити, чи знає термінал діагностику та звірку.',
    'После входа проверить, знает ли терминал диагностику и сверку.',
  ],
  'What a settlement asks for.': ['Чого просить звірка.', 'О чём просит сверка.'],
  'Longest answer to a settlement: the host works through a whole day.': [
    'Найдовша відповідь на звірку: банк опрацьовує цілий день.',
    'Самый долгий ответ на сверку: банк обрабатывает целый день.',
  ],
  'When the terminal is logged out for maintenance each night, HH:MM; empty = never.': [
    'О котрій щоночі відпускати термінал на обслуговування, ГГ:ХХ; порожньо — ніколи.',
    'Во сколько каждую ночь отпускать терминал на обслуживание, ЧЧ:ММ; пусто — никогда.',
  ],
  'How long; terminals want an hour or more each day.': [
    'На скільки хвилин; терміналам треба щодня година або більше.',
    'На сколько минут; терминалам нужен каждый день час или больше.',
  ],
};
