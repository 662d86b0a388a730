// Words of the pages about the box: network and time, and what the hand answers; acts and news.
import type { TextTable } from './index.ts';

export const APPLIANCE = {
  network: ['Мережа', 'Network', 'Сеть'],
  timePage: ['Час', 'Time', 'Время'],
  updates: ['Оновлення', 'Updates', 'Обновления'],
  power: ['Живлення', 'Power', 'Питание'],
  plainMachine: [
    'Це для пристрою Tillgate. Ця машина звичайна, нею керує її власна система.',
    'This is for the Tillgate appliance. This machine is a plain one, and its own system looks after it.',
    'Это для устройства Tillgate. Эта машина обычная, ею управляет её собственная система.',
  ],
  plainNetwork: [
    'Адресу та назву змінюйте в налаштуваннях мережі цієї операційної системи. Шлюз слухає на всіх її адресах.',
    'Change address and name in the network settings of this operating system. The gateway listens on all of its addresses.',
    'Адрес и имя меняйте в настройках сети этой операционной системы. Шлюз слушает на всех её адресах.',
  ],
  plainTime: [
    'Увімкніть синхронізацію часу в операційній системі: шлюз бере її годинник і довіряє йому.',
    'Switch time synchronisation on in the operating system: the gateway takes its clock and trusts it.',
    'Включите синхронизацию времени в операционной системе: шлюз берёт её часы и доверяет им.',
  ],
  plainUpdates: [
    'Зупиніть службу, поставте нову версію програми так само, як ставили цю, і запустіть службу. Журнал операцій оновиться сам.',
    'Stop the service, install the new version of the program as this one was installed, and start the service. The ledger follows by itself.',
    'Остановите службу, установите новую версию программы так же, как ставили эту, и запустите службу. Журнал операций обновится сам.',
  ],
  plainPower: [
    'Перезапускайте службу або машину засобами операційної системи. Спершу дочекайтеся, поки оплати закінчаться.',
    'Restart the service or the machine with the means of the operating system. Wait first until payments have ended.',
    'Перезапускайте службу или машину средствами операционной системы. Сначала дождитесь, пока оплаты закончатся.',
  ],
  handAway: [
    'Системна служба пристрою не відповідає: {detail}. Скористайтеся консоллю пристрою.',
    'The system service of the box does not answer: {detail}. Use the console of the box.',
    'Системная служба устройства не отвечает: {detail}. Воспользуйтесь консолью устройства.',
  ],
  handFailed: ['Не вийшло: {detail}', 'That did not work: {detail}', 'Не получилось: {detail}'],
  handBusy: [
    'Зараз встановлюється оновлення або випробовується інша мережа. Дочекайтеся кінця.',
    'An update is being installed, or another network is being tried. Wait until that has ended.',
    'Сейчас устанавливается обновление или испытывается другая сеть. Дождитесь окончания.',
  ],
  handNothing: [
    'Вже нічого робити: сторінка застаріла.',
    'There is nothing left to do: the page is out of date.',
    'Делать уже нечего: страница устарела.',
  ],
  handRunning: [
    'Зараз іде оплата ({list}). Її не можна обривати: дочекайтеся, поки вона закінчиться.',
    'A payment is running ({list}). It must not be cut: wait until it has ended.',
    'Сейчас идёт оплата ({list}). Её нельзя обрывать: дождитесь, пока она закончится.',
  ],
  handUnresolved: [
    'Є оплати, доля яких ще не відома ({list}). Спершу з’ясуйте їх.',
    'There are payments whose outcome is not known yet ({list}). Resolve them first.',
    'Есть оплаты, судьба которых ещё не известна ({list}). Сначала выясните их.',
  ],
  handUnreadable: [
    'Журнал операцій не читається, тому невідомо, чи можна: {detail}',
    'The ledger cannot be read, so nobody knows whether this is safe: {detail}',
    'Журнал операций не читается, поэтому неизвестно, можно ли: {detail}',
  ],
  badLink: ['Такого порту немає.', 'There is no such port.', 'Такого порта нет.'],
  badAddress: [
    'Потрібна адреса з довжиною префікса, наприклад 192.168.1.20/24.',
    'An address with the length of its prefix is needed, e.g. 192.168.1.20/24.',
    'Нужен адрес с длиной префикса, например 192.168.1.20/24.',
  ],
  badGateway: [
    'Потрібна адреса того самого виду, наприклад 192.168.1.1, або порожньо.',
    'An address of the same kind is needed, e.g. 192.168.1.1, or nothing.',
    'Нужен адрес того же вида, например 192.168.1.1, или пусто.',
  ],
  badDns: [
    'Потрібна одна адреса або порожньо.',
    'One address is needed, or nothing.',
    'Нужен один адрес или пусто.',
  ],
  badName: [
    'Лише малі латинські літери, цифри й дефіс усередині; до 63 знаків.',
    'Only small Latin letters, digits, and hyphens inside; up to 63 characters.',
    'Только строчные латинские буквы, цифры и дефис внутри; до 63 знаков.',
  ],
  wrongAddress: [
    'Ви досі на старій адресі. Відкрийте {url} і підтвердіть там.',
    'You are still at the old address. Open {url} and confirm there.',
    'Вы всё ещё на старом адресе. Откройте {url} и подтвердите там.',
  ],
  linkLabel: ['Мережевий порт', 'Network port', 'Сетевой порт'],
  linkUp: ['кабель є', 'cable connected', 'кабель есть'],
  linkDown: ['кабелю немає', 'no cable', 'кабеля нет'],
  gatewayAddress: ['Шлюз мережі', 'Router', 'Шлюз сети'],
  dnsServer: ['Сервер імен (DNS)', 'Name server (DNS)', 'Сервер имён (DNS)'],
  boxName: ['Назва пристрою', 'Name of the box', 'Имя устройства'],
  boxNameHint: [
    'Під нею пристрій відповідає в мережі: {name}.local',
    'The box answers to it in the LAN: {name}.local',
    'Под ним устройство отвечает в сети: {name}.local',
  ],
  addressing: [
    'Як пристрій отримує адресу',
    'How the box gets its address',
    'Как устройство получает адрес',
  ],
  byDhcp: ['Автоматично (DHCP)', 'Automatically (DHCP)', 'Автоматически (DHCP)'],
  byHand: ['Постійна адреса', 'Fixed address', 'Постоянный адрес'],
  addressLabel: ['Адреса', 'Address', 'Адрес'],
  networkAddressHint: [
    'З довжиною префікса: 192.168.1.20/24',
    'With the length of the prefix: 192.168.1.20/24',
    'С длиной префикса: 192.168.1.20/24',
  ],
  onlyFixed: [
    'Лише для постійної адреси.',
    'For a fixed address only.',
    'Только для постоянного адреса.',
  ],
  tryText: [
    'Нові налаштування спершу випробовуються. Якщо за дві хвилини їх не підтвердити за новою адресою, повернуться теперішні.',
    'New settings are tried first. Unless they are confirmed at the new address within two minutes, the present ones come back.',
    'Новые настройки сначала испытываются. Если за две минуты их не подтвердить по новому адресу, вернутся нынешние.',
  ],
  tryButton: ['Випробувати', 'Try it', 'Испытать'],
  onTrial: [
    'Нові налаштування мережі випробовуються',
    'New network settings are on trial',
    'Новые настройки сети испытываются',
  ],
  trialLeft: [
    'Через {left} повернуться старі, якщо не підтвердити нові.',
    'In {left} the old ones come back unless the new ones are confirmed.',
    'Через {left} вернутся старые, если не подтвердить новые.',
  ],
  trialFixed: [
    'Відкрийте пристрій за новою адресою, увійдіть і підтвердіть:',
    'Open the box at its new address, sign in, and confirm:',
    'Откройте устройство по новому адресу, войдите и подтвердите:',
  ],
  trialDhcp: [
    'Нову адресу дасть мережа. Вона є на екрані пристрою та в роутері; спробуйте також:',
    'The LAN will give the new address. The screen of the box and the router show it; also try:',
    'Новый адрес даст сеть. Он есть на экране устройства и в роутере; попробуйте также:',
  ],
  keepNetwork: ['Залишити нові налаштування', 'Keep the new settings', 'Оставить новые настройки'],
  backNetwork: ['Повернути старі', 'Take the old ones back', 'Вернуть старые'],
  trialReturned: [
    'Останні випробувані налаштування не підтвердили, тому повернулися попередні.',
    'The settings that were tried last were not confirmed, so the ones before came back.',
    'Последние испытанные настройки не подтвердили, поэтому вернулись прежние.',
  ],
  present: ['Зараз', 'Now', 'Сейчас'],
  clockTrusted: ['Час підтверджено', 'The time is confirmed', 'Время подтверждено'],
  clockUntrusted: ['Час не підтверджено', 'The time is not confirmed', 'Время не подтверждено'],
  follows: ['Йде за сервером', 'Follows the server', 'Следует за сервером'],
  noServer: ['жодним', 'none', 'никаким'],
  trustTime: [
    'Час правильний, підтверджую',
    'The time is right, I confirm it',
    'Время верное, подтверждаю',
  ],
  setTimeTitle: ['Поставити час', 'Set the time', 'Поставить время'],
  setTimeText: [
    'Лише там, де немає сервера часу: сервер поправить годинник знову. Час вважатиметься підтвердженим.',
    'Only where there is no time server: a server would correct the clock again. The time will count as confirmed.',
    'Только там, где нет сервера времени: сервер поправит часы снова. Время будет считаться подтверждённым.',
  ],
  newTime: [
    'Дата й час за часовим поясом магазину',
    'Date and time in the shop’s time zone',
    'Дата и время по часовому поясу магазина',
  ],
  badTime: [
    'Потрібні дата й час від 2026 року.',
    'A date and time from 2026 on is needed.',
    'Нужны дата и время начиная с 2026 года.',
  ],
  timeServers: ['Сервери часу (NTP)', 'Time servers (NTP)', 'Серверы времени (NTP)'],
  timeServersHint: [
    'До чотирьох, через пробіл. Порожньо: ті, що називає мережа.',
    'Up to four, separated by blanks. Empty: those that the LAN names.',
    'До четырёх, через пробел. Пусто: те, что называет сеть.',
  ],
  badServers: [
    'Потрібні назви або адреси, щонайбільше чотири.',
    'Names or addresses are needed, four at most.',
    'Нужны имена или адреса, не больше четырёх.',
  ],
  boxZone: ['Часовий пояс пристрою', 'Time zone of the box', 'Часовой пояс устройства'],
  boxZoneHint: [
    'Для консолі й системного журналу. Сторінки та чеки йдуть за поясом магазину.',
    'For the console and the system log. Pages and receipts follow the shop’s zone.',
    'Для консоли и системного журнала. Страницы и чеки следуют поясу магазина.',
  ],
  notKnown: ['невідомо', 'not known', 'неизвестно'],
} as const satisfies TextTable;

export const APPLIANCE_ACTS = {
  'network-try': ['випробування мережі', 'tried a network', 'испытание сети'],
  'network-keep': ['підтверджено мережу', 'confirmed a network', 'подтверждена сеть'],
  'network-back': ['повернуто мережу', 'took a network back', 'возвращена сеть'],
  'name-change': ['змінено назву пристрою', 'renamed the box', 'изменено имя устройства'],
  'time-set': ['поставлено час', 'set the time', 'поставлено время'],
  'time-trust': ['підтверджено час', 'confirmed the time', 'подтверждено время'],
  'time-zone-change': ['змінено часовий пояс', 'changed the time zone', 'изменён часовой пояс'],
  'time-servers-change': [
    'змінено сервери часу',
    'changed the time servers',
    'изменены серверы времени',
  ],
  'update-upload': ['завантажено оновлення', 'uploaded an update', 'загружено обновление'],
  'update-drop': ['прибрано оновлення', 'removed an update', 'убрано обновление'],
  'update-install': ['встановлення оновлення', 'installed an update', 'установка обновления'],
  'slot-switch': ['перемкнуто розділ', 'switched the slot', 'переключён раздел'],
  'restart-gateway': ['перезапуск шлюзу', 'restarted the gateway', 'перезапуск шлюза'],
  restart: ['перезапуск пристрою', 'restarted the box', 'перезапуск устройства'],
  'power-off': ['вимкнення', 'powered off', 'выключение'],
} as const satisfies TextTable;

export const APPLIANCE_DONE = {
  networkKept: [
    'Нові налаштування мережі залишено.',
    'The new network settings stay.',
    'Новые настройки сети оставлены.',
  ],
  networkBack: [
    'Повертаються попередні налаштування мережі.',
    'The network settings before come back.',
    'Возвращаются прежние настройки сети.',
  ],
  timeTrusted: ['Час підтверджено.', 'The time is confirmed.', 'Время подтверждено.'],
  uploaded: ['Файл на пристрої.', 'The file is on the box.', 'Файл на устройстве.'],
  installing: ['Встановлення почалося.', 'The installation has begun.', 'Установка началась.'],
  slotSwitched: [
    'Наступний запуск візьме інший розділ.',
    'The next start takes the other slot.',
    'Следующий запуск возьмёт другой раздел.',
  ],
} as const satisfies TextTable;
