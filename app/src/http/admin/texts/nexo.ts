// Words of the page about nexo: the port that terminals call, and tills that take us for one.
import type { TextTable } from './index.ts';

export const NEXO = {
  nexoTitle: ['Термінали й каси nexo', 'nexo terminals and tills', 'Терминалы и кассы nexo'],
  nexoText: [
    'Термінали nexo (Swedbank Pay та інші) самі звертаються до цього пристрою, а каса, що говорить мовою nexo, може працювати з будь-яким терміналом за ним.',
    'nexo terminals (Swedbank Pay and others) call this box by themselves, and a till that speaks nexo can work with any terminal behind it.',
    'Терминалы nexo (Swedbank Pay и другие) сами обращаются к этому устройству, а касса, говорящая на nexo, может работать с любым терминалом за ним.',
  ],
  nexoListener: ['Порт для терміналів', 'Port for terminals', 'Порт для терминалов'],
  nexoListenerText: [
    'Адресу цього пристрою й цей порт записують у меню термінала. Порожнє поле: термінали не звертаються.',
    'Enter the address of this box and this port in the menu of the terminal. Empty: terminals do not call.',
    'Адрес этого устройства и этот порт записывают в меню терминала. Пустое поле: терминалы не обращаются.',
  ],
  nexoFacade: ['Каси, що говорять nexo', 'Tills that speak nexo', 'Кассы, говорящие на nexo'],
  nexoFacadeText: [
    'Каса звертається сюди замість термінала. Кожну касу треба пов’язати з терміналом нижче.',
    'The till calls here instead of the terminal. Each till has to be paired with a terminal below.',
    'Касса обращается сюда вместо терминала. Каждую кассу надо связать с терминалом ниже.',
  ],
  nexoFacadeOn: ['Приймати каси nexo', 'Take nexo tills', 'Принимать кассы nexo'],
  nexoFacadePort: ['Порт для кас', 'Port for tills', 'Порт для касс'],
  nexoPortOpen: ['слухає порт {port}', 'listens on port {port}', 'слушает порт {port}'],
  nexoPortIdle: [
    'порт {port} відкриється з першим терміналом, якому він потрібен',
    'port {port} opens with the first terminal that needs it',
    'порт {port} откроется с первым терминалом, которому он нужен',
  ],
  nexoPortOff: ['вимкнено', 'switched off', 'выключено'],
  nexoPortFailed: [
    'порт {port} не відкрито ({reason}), спроба повториться',
    'port {port} cannot be opened ({reason}); it is tried again',
    'порт {port} не открыт ({reason}), попытка повторится',
  ],
  nexoPortWrong: ['Число від 1 до 65535.', 'A number from 1 to 65535.', 'Число от 1 до 65535.'],
  nexoPortsSame: [
    'Це порт для терміналів, потрібен інший.',
    'That is the port for terminals; take another.',
    'Это порт для терминалов, нужен другой.',
  ],
  nexoTills: ['Каси, що увійшли', 'Tills that are logged in', 'Вошедшие кассы'],
  nexoNoTills: ['Жодної.', 'None.', 'Ни одной.'],
  nexoPairings: ['Каса і її термінал', 'A till and its terminal', 'Касса и её терминал'],
  nexoNoPairings: [
    'Жодної каси ще не пов’язано.',
    'No till is paired yet.',
    'Ни одна касса ещё не связана.',
  ],
  nexoAddPairing: ['Пов’язати касу', 'Pair a till', 'Связать кассу'],
  nexoSaleIdHint: [
    'Як каса називає себе, літера в літеру.',
    'As the till calls itself, letter by letter.',
    'Как касса называет себя, буква в букву.',
  ],
  nexoPoiIdHint: [
    'Як каса називає свій термінал.',
    'As the till calls its terminal.',
    'Как касса называет свой терминал.',
  ],
  nexoNameWrong: ['Від 1 до 32 знаків.', '1 to 32 characters.', 'От 1 до 32 знаков.'],
  nexoTillAddress: ['IP-адреса каси', 'IP address of the till', 'IP-адрес кассы'],
  nexoTillAddressHint: [
    'Її або ключ треба вказати.',
    'This or a key has to be given.',
    'Его или ключ надо указать.',
  ],
  nexoAddressOrKey: [
    'IP-адреса, наприклад 192.168.1.20, або ключ нижче.',
    'An IP address, such as 192.168.1.20, or a key below.',
    'IP-адрес, например 192.168.1.20, или ключ ниже.',
  ],
  nexoKey: ['Ключ, який надсилає каса', 'Key that the till sends', 'Ключ, который шлёт касса'],
  nexoNoKey: ['без ключа', 'without a key', 'без ключа'],
  nexoCallBack: ['Де слухає каса', 'Where the till listens', 'Где слушает касса'],
  nexoCallBackHint: [
    'http://адреса:порт, якщо каса показує тексти термінала.',
    'http://host:port, if the till shows the texts of the terminal.',
    'http://адрес:порт, если касса показывает тексты терминала.',
  ],
  nexoUnfinished: [
    'Слово для незавершеної операції',
    'Word for what is unfinished',
    'Слово для незавершённой операции',
  ],
  nexoMoved: [
    'Термінали з новою адресою',
    'Terminals with a new address',
    'Терминалы с новым адресом',
  ],
  nexoMovedText: [
    '«{terminal}» каже, що тепер має адресу {address}. Хто це сказав, довести неможливо: погоджуйтеся, лише якщо термінал справді переїхав.',
    '“{terminal}” says that its address is now {address}. Nobody can prove who said so: agree only if the terminal has really moved.',
    '«{terminal}» говорит, что теперь имеет адрес {address}. Кто это сказал, доказать нельзя: соглашайтесь, только если терминал правда переехал.',
  ],
  nexoUseAddress: ['Узяти нову адресу', 'Use the new address', 'Взять новый адрес'],
  nexoNotAnnounced: [
    'Термінал більше цього не каже.',
    'The terminal does not say so any more.',
    'Терминал больше этого не говорит.',
  ],
  nexoToPage: [
    'Порт для терміналів nexo, каси, що говорять nexo',
    'The port for nexo terminals, tills that speak nexo',
    'Порт для терминалов nexo, кассы, говорящие на nexo',
  ],
  alarmNeeds: [
    'Термінал «{terminal}» працює, але: {reason}',
    'The terminal “{terminal}” works, but: {reason}',
    'Терминал «{terminal}» работает, но: {reason}',
  ],
} as const satisfies TextTable;
