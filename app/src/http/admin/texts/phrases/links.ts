// Why a terminal cannot be reached, what a test of it found, how the gateway itself stands.
import type { PhraseTable } from './table.ts';

const CONNECTIONS: PhraseTable = {
  'connect ECONNREFUSED {peer}': [
    'за адресою {peer} ніхто не відповідає: з’єднання відхилено',
    'по адресу {peer} никто не отвечает: соединение отклонено',
  ],
  'connect EHOSTUNREACH {peer}': [
    'до {peer} немає шляху: пристрій вимкнено або він в іншій мережі',
    'к {peer} нет пути: устройство выключено или оно в другой сети',
  ],
  'connect ENETUNREACH {peer}': ['мережа з {peer} недоступна', 'сеть с {peer} недоступна'],
  'connect ETIMEDOUT {peer}': ['{peer} не відповідає', '{peer} не отвечает'],
  'connect ECONNRESET {peer}': ['{peer} обірвав з’єднання', '{peer} оборвал соединение'],
  'no answer from {peer}': ['{peer} не відповідає', '{peer} не отвечает'],
  'read ECONNRESET': ['термінал обірвав з’єднання', 'терминал оборвал соединение'],
  'write EPIPE': ['термінал закрив з’єднання', 'терминал закрыл соединение'],
  'socket hang up': [
    'термінал закрив з’єднання без відповіді',
    'терминал закрыл соединение без ответа',
  ],
  'getaddrinfo ENOTFOUND {host}': ['імені {host} немає в мережі', 'имени {host} нет в сети'],
  'getaddrinfo EAI_AGAIN {host}': [
    'імені {host} зараз не знайти: служба імен не відповідає',
    'имя {host} сейчас не найти: служба имён не отвечает',
  ],
  'aborted before connecting': ['перервано до з’єднання', 'прервано до соединения'],
  'aborted while connecting': ['перервано під час з’єднання', 'прервано во время соединения'],
  'aborted while opening the line': [
    'перервано під час відкриття лінії',
    'прервано во время открытия линии',
  ],
  'aborted before sending': ['перервано до надсилання', 'прервано до отправки'],
  'the wait was ended': ['чекання перервано', 'ожидание прервано'],
  'no connection in time': ['з’єднання не відкрилося вчасно', 'соединение не открылось вовремя'],
  'the answer was cut': ['відповідь обірвалася', 'ответ оборвался'],
  '{url} is no address': ['{url} не є адресою', '{url} не адрес'],
  'the connection is closed': ['з’єднання закрито', 'соединение закрыто'],
  'the line is closed': ['лінію закрито', 'линия закрыта'],
  'the line closed meanwhile': ['лінія тим часом закрилася', 'линия тем временем закрылась'],
  'the line hung up': ['лінія обірвалася', 'линия оборвалась'],
  'no address is set': ['адреси не вказано', 'адрес не указан'],
  'an answer above {n} bytes': ['відповідь понад {n} байтів', 'ответ больше {n} байт'],
  'the client was closed': ['з’єднання закрито', 'соединение закрыто'],
  'line gone': ['лінія зникла', 'линия пропала'],
  'nobody listens': ['ніхто не слухає', 'никто не слушает'],
  'Error: No such file or directory, cannot open {path}': [
    'немає пристрою {path}: кабель не під’єднано',
    'нет устройства {path}: кабель не подключён',
  ],
  'Error: Permission denied, cannot open {path}': [
    'немає доступу до {path}',
    'нет доступа к {path}',
  ],
  'Error Resource temporarily unavailable Cannot lock port': [
    'порт зайнятий іншою програмою',
    'порт занят другой программой',
  ],
};

const TERMINALS: PhraseTable = {
  stopped: ['зупинено', 'остановлено'],
  'the connection broke after the handshake': [
    'з’єднання обірвалося після вітання',
    'соединение оборвалось после приветствия',
  ],
  'the terminal accepts the connection and does not answer': [
    'термінал приймає з’єднання, але не відповідає',
    'терминал принимает соединение, но не отвечает',
  ],
  'the terminal does not identify itself': [
    'термінал не називає себе',
    'терминал не называет себя',
  ],
  'the terminal refuses to identify itself': [
    'термінал відмовляється назвати себе',
    'терминал отказывается назвать себя',
  ],
  'the terminal does not answer': ['термінал не відповідає', 'терминал не отвечает'],
  'login refused: {why}': ['у вході відмовлено: {why}', 'во входе отказано: {why}'],
  'HTTP status {code}': ['стан HTTP {code}', 'состояние HTTP {code}'],
  'the answer belongs to another request': [
    'відповідь належить іншому запиту',
    'ответ принадлежит другому запросу',
  ],
  'the answer has no result': ['у відповіді немає результату', 'в ответе нет результата'],
  'terminals cannot call this gateway: {why}': [
    'термінали не можуть викликати цей шлюз: {why}',
    'терминалы не могут вызвать этот шлюз: {why}',
  ],
  'the port for terminals is not open': [
    'порт для терміналів не відкрито',
    'порт для терминалов не открыт',
  ],
  'port {port} cannot be opened ({code})': [
    'порт {port} не відкривається ({code})',
    'порт {port} не открывается ({code})',
  ],
  'the terminal did not call back; check the address and port of this gateway in its menu': [
    'термінал не викликав шлюз; перевірте в його меню адресу й порт цього шлюзу',
    'терминал не вызвал шлюз; проверьте в его меню адрес и порт этого шлюза',
  ],
  'operation {id}: the signature was refused and the terminal did not take the payment back; void it by hand':
    [
      'операція {id}: підпис відхилено, а термінал не повернув оплату; скасуйте її вручну',
      'операция {id}: подпись отклонена, а терминал не вернул оплату; отмените её вручную',
    ],
  'the terminal announces itself at {address}; set this address if you agree': [
    'термінал оголосив себе за адресою {address}; впишіть її, якщо згодні',
    'терминал объявил себя по адресу {address}; впишите его, если согласны',
  ],
};

const LIBRARY: PhraseTable = {
  'this build has no place for the bank’s library': [
    'у цій збірці немає місця для бібліотеки банку',
    'в этой сборке нет места для библиотеки банка',
  ],
  'the library’s process ended: {how}': [
    'процес бібліотеки завершився: {how}',
    'процесс библиотеки завершился: {how}',
  ],
  "the library's process ended: {how}": [
    'процес бібліотеки завершився: {how}',
    'процесс библиотеки завершился: {how}',
  ],
  "{name}: the library's process is gone ({how})": [
    '{name}: процесу бібліотеки вже немає ({how})',
    '{name}: процесса библиотеки уже нет ({how})',
  ],
  'ended by {signal}': ['завершено сигналом {signal}', 'завершён сигналом {signal}'],
  'exit code {code}': ['код завершення {code}', 'код завершения {code}'],
  'it could not be started': ['його не вдалося запустити', 'его не удалось запустить'],
  '{name} did not return within {ms} ms': [
    '{name} не завершилась за {ms} мс',
    '{name} не завершилась за {ms} мс',
  ],
  'the library does not take the key of authentication': [
    'бібліотека не приймає ключа автентифікації',
    'библиотека не принимает ключ аутентификации',
  ],
  'the library has no {name}': [
    'у бібліотеці немає функції {name}',
    'в библиотеке нет функции {name}',
  ],
  'the application {name} cannot be selected': [
    'застосунок {name} не вибирається',
    'приложение {name} не выбирается',
  ],
  'the bank’s library is not installed: {what}, then install it with «tillgate bpos install FILE»':
    [
      'бібліотеку банку не встановлено: візьміть її в банку й завантажте на сторінці «Система → Бібліотека банку»',
      'библиотека банка не установлена: возьмите её в банке и загрузите на странице «Система → Библиотека банка»',
    ],
  '{path} cannot be read': ['{path} не читається', '{path} не читается'],
  '{path} is damaged: install the library anew': [
    '{path} пошкоджено: встановіть бібліотеку знову',
    '{path} повреждён: установите библиотеку снова',
  ],
  '{meaning}: {text}': ['{meaning}: {text}', '{meaning}: {text}'],
  failed: ['не вдалося', 'не удалось'],
  'the port cannot be opened': ['порт не відкривається', 'порт не открывается'],
  'the ports cannot be listed': ['список портів не читається', 'список портов не читается'],
  'no connection with the terminal': ['немає зв’язку з терміналом', 'нет связи с терминалом'],
  'the port is not open': ['порт не відкрито', 'порт не открыт'],
  'the library is not initialised': ['бібліотеку не підготовлено', 'библиотека не подготовлена'],
  busy: ['зайнято', 'занято'],
  'no data': ['даних немає', 'данных нет'],
  'the message was corrupted': ['повідомлення спотворене', 'сообщение искажено'],
  'the buffer is too small': ['буфер замалий', 'буфер слишком мал'],
  disconnected: ['від’єднано', 'отключено'],
  'no answer in time': ['відповіді вчасно не було', 'ответа вовремя не было'],
  'the message could not be sent': ['повідомлення не надіслалося', 'сообщение не отправилось'],
  'connection fault': ['збій з’єднання', 'сбой соединения'],
  'the file cannot be read': ['файл не читається', 'файл не читается'],
  'unknown fault': ['невідомий збій', 'неизвестный сбой'],
  'the terminal did not answer the check': [
    'термінал не відповів на перевірку',
    'терминал не ответил на проверку',
  ],
  'system operation': ['термінал зайнятий своїм', 'терминал занят своим'],
  'the batch has to be closed (settlement)': [
    'треба закрити пакет (звірка)',
    'нужно закрыть пакет (сверка)',
  ],
  'the card readers failed': ['зчитувачі карток відмовили', 'считыватели карт отказали'],
};

/** Steps of «test this terminal» and what they tell. */
const TESTS: PhraseTable = {
  connect: ['З’єднання', 'Соединение'],
  ping: ['Відгук', 'Отклик'],
  identify: ['Хто це', 'Кто это'],
  status: ['Останній результат', 'Последний результат'],
  'call-back': ['Зворотний виклик', 'Обратный вызов'],
  open: ['Лінія', 'Линия'],
  library: ['Бібліотека банку', 'Библиотека банка'],
  info: ['Відомості', 'Сведения'],
  journal: ['Журнал термінала', 'Журнал терминала'],
  own: ['відповідає', 'отвечает'],
  other: ['інша операція', 'другая операция'],
  'not-found': ['операції не знає', 'операции не знает'],
  unfinished: ['не завершена', 'не завершена'],
  silent: ['не відповідає', 'не отвечает'],
  connected: ['є', 'есть'],
  connecting: ['з’єднується', 'соединяется'],
  ready: ['є', 'есть'],
  answered: ['відповідає', 'отвечает'],
  'no answer': ['не відповідає', 'не отвечает'],
  'an operation is running': ['виконується операція', 'выполняется операция'],
  'the line is open': ['відкрита', 'открыта'],
  'the terminal is busy': ['термінал зайнятий', 'терминал занят'],
  'the terminal does not say': ['термінал не каже', 'терминал не говорит'],
  'the journal was not read': ['журнал не прочитано', 'журнал не прочитан'],
  '{n} transactions': ['записів: {n}', 'записей: {n}'],
  'not installed': ['не встановлено', 'не установлена'],
  'the terminal can call': ['термінал може викликати', 'терминал может вызвать'],
};

const HEALTH: PhraseTable = {
  stopping: ['зупиняється', 'останавливается'],
  'the time is not confirmed': ['час не підтверджено', 'время не подтверждено'],
  'settings of a newer release are kept but not used': [
    'налаштування новішої версії збережено, але не використано',
    'настройки более новой версии сохранены, но не используются',
  ],
  'the disk is full': ['диск повний', 'диск полон'],
  'the disk is full: only running operations are written': [
    'диск повний: записуються лише розпочаті операції',
    'диск полон: записываются только начатые операции',
  ],
  'the disk refused ({code})': ['диск відмовив ({code})', 'диск отказал ({code})'],
  "the ledger's file is damaged ({code})": [
    'файл журналу операцій пошкоджено ({code})',
    'файл журнала операций повреждён ({code})',
  ],
};

export const LINKS: PhraseTable = {
  ...CONNECTIONS,
  ...TERMINALS,
  ...LIBRARY,
  ...TESTS,
  ...HEALTH,
};
