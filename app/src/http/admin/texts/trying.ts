// Words of trying things out: the PIN of a virtual terminal, a test of the processing server.
import type { TextTable } from './index.ts';

export const TRYING = {
  pin: ['ПІН', 'PIN', 'ПИН'],
  pinHint: [
    'Вигадані 4–12 цифр: 0000 не підходить до жодної картки, тричі поспіль її блокує. ПІН ніде не зберігається.',
    'An invented one, 4–12 digits: 0000 is wrong on every card and blocks it the third time. It is kept nowhere.',
    'Выдуманные 4–12 цифр: 0000 не подходит ни к одной карте, трижды подряд её блокирует. ПИН нигде не хранится.',
  ],
  pinDigits: ['Від 4 до 12 цифр.', '4 to 12 digits.', 'От 4 до 12 цифр.'],
  enterPin: ['Ввести ПІН', 'Enter the PIN', 'Ввести ПИН'],
  askPin: ['Чекати на ПІН', 'Wait for a PIN', 'Ждать ПИН'],
  askPinHint: [
    'Після картки, яка його потребує; інакше він вводиться сам.',
    'After a card that needs one; otherwise it enters itself.',
    'После карты, которой он нужен; иначе он вводится сам.',
  ],
  sendTest: ['Надіслати тест', 'Send a test', 'Отправить тест'],
  sendTestText: [
    'Сервер отримає справжній виклик Register: документ на суму 0,00 з uid «tillgate-test-…» і рядком, який каже, що це перевірка. Операції в журналі не буде, повтору теж. Вилучіть документ на сервері самі.',
    'The server will get a real Register call: a document with the sum 0.00, the uid “tillgate-test-…” and a line that says it is a test. There will be no operation in the ledger and no second try. Remove the document on the server yourself.',
    'Сервер получит настоящий вызов Register: документ на сумму 0,00 с uid «tillgate-test-…» и строкой, которая говорит, что это проверка. Операции в журнале не будет, повтора тоже. Удалите документ на сервере сами.',
  ],
  sendTestSure: [
    'Я знаю, що на сервері з’явиться документ',
    'I know that a document will appear on the server',
    'Я знаю, что на сервере появится документ',
  ],
  sendTestNotSure: [
    'Поставте позначку: без неї нічого не надсилається.',
    'Tick the box: nothing is sent without it.',
    'Поставьте отметку: без неё ничего не отправляется.',
  ],
  sendTestNoAddress: [
    'Адреси сервера не збережено: тест надсилати нікуди.',
    'No address of the server is saved: there is nowhere to send a test.',
    'Адрес сервера не сохранён: тест отправлять некуда.',
  ],
  testAccepted: ['Сервер прийняв тест.', 'The server accepted the test.', 'Сервер принял тест.'],
  testRefused: [
    'Сервер відповів «ні» (false).',
    'The server answered “no” (false).',
    'Сервер ответил «нет» (false).',
  ],
  testFault: [
    'Сервер відповів помилкою.',
    'The server answered with a fault.',
    'Сервер ответил ошибкой.',
  ],
  testNoAnswer: [
    'Сам сервіс не відповів; невідомо, чи отримав він тест.',
    'The service itself did not answer; nobody knows whether it got the test.',
    'Сам сервис не ответил; неизвестно, получил ли он тест.',
  ],
  testUid: ['uid тесту', 'uid of the test', 'uid теста'],
  testTook: ['Тривало', 'Took', 'Длилось'],
  testTookMs: ['{n} мс', '{n} ms', '{n} мс'],
  testWords: ['Слова сервера', 'The server’s words', 'Слова сервера'],
  testWhyNone: ['Чому', 'Why', 'Почему'],
  testCheck: ['Що перевірити', 'What to check', 'Что проверить'],
  checkDocument: [
    'Знайдіть на сервері документ із цим uid: термінал, сума 0,00, рядок перевірки. Потім вилучіть його.',
    'Find the document with this uid on the server: terminal, sum 0.00, the line of the test. Then remove it.',
    'Найдите на сервере документ с этим uid: терминал, сумма 0,00, строка проверки. Затем удалите его.',
  ],
  checkRules: [
    'Зв’язок є. Чи знає сервер такий «ID термінала» і чи приймає він суму 0,00? Причину шукайте в його журналі реєстрації.',
    'The link works. Does the server know this terminal id, and does it take a sum of 0.00? Its own log has the reason.',
    'Связь есть. Знает ли сервер такой «ID терминала» и принимает ли он сумму 0,00? Причину ищите в его журнале регистрации.',
  ],
  checkContract: [
    'Сервер не зрозумів виклику: прочитайте WSDL і порівняйте простори імен, версію SOAP і назву ціни рядка.',
    'The server did not understand the call: read the WSDL; compare namespaces, SOAP version and the name of a line’s price.',
    'Сервер не понял вызова: прочитайте WSDL и сравните пространства имён, версию SOAP и название цены строки.',
  ],
  checkServer: [
    'Помилка на боці сервера: подивіться журнал реєстрації бази й вебсервера за цей час.',
    'The failure is on the server’s side: look at the logs of its base and web server at this time.',
    'Ошибка на стороне сервера: посмотрите журнал регистрации базы и веб-сервера за это время.',
  ],
  checkCredentials: [
    'Користувача, пароль і право цього користувача на вебсервіс.',
    'The user, the password, and that user’s right to the web service.',
    'Пользователя, пароль и право этого пользователя на веб-сервис.',
  ],
  checkAddress: [
    'Адресу й порт; чи ввімкнено сервер і чи пускає до нього мережа та брандмауер.',
    'Address and port; whether the server runs, and whether network and firewall let us through.',
    'Адрес и порт; включён ли сервер и пускают ли к нему сеть и брандмауэр.',
  ],
  checkName: [
    'Ім’я сервера в адресі та DNS цього пристрою.',
    'The server’s name in the address, and the DNS of this box.',
    'Имя сервера в адресе и DNS этого устройства.',
  ],
  checkCertificate: [
    'Сертифікат сервера: строк, ім’я в ньому, центр, що його підписав (налаштування authority).',
    'The server’s certificate: its dates, the name in it, the authority that signed it (setting authority).',
    'Сертификат сервера: срок, имя в нём, центр, который его подписал (настройка authority).',
  ],
  checkPatience: [
    'Чи не «спала» база: повторіть тест. Якщо вона повільна завжди, збільште timeoutMs.',
    'Whether the base was asleep: send another test. Where it is always slow, raise timeoutMs.',
    'Не «спала» ли база: повторите тест. Если она медленная всегда, увеличьте timeoutMs.',
  ],
  checkPublication: [
    'Чи веде адреса до вебсервісу pos, а не до сторінки чи іншої служби; чи http це, чи https.',
    'Whether the address leads to the web service pos and not to a page or something else; whether it is http or https.',
    'Ведёт ли адрес к веб-сервису pos, а не к странице или другой службе; http это или https.',
  ],
} as const satisfies TextTable;
