// What is wrong with a setting, said at its field: the checks of the settings, of the addresses and
// of the drivers' options.
import type { PhraseTable } from './table.ts';

const FIELDS: PhraseTable = {
  required: ['обов’язкове поле', 'обязательное поле'],
  'no such time zone, e.g. Europe/Kyiv': [
    'немає такого часового поясу; приклад: Europe/Kyiv',
    'нет такого часового пояса; пример: Europe/Kyiv',
  ],
  'an origin, e.g. https://pos.example': [
    'потрібна адреса сторінки без шляху; приклад: https://pos.example',
    'нужен адрес страницы без пути; пример: https://pos.example',
  ],
  'no terminal {id}': ['термінала {id} немає', 'терминала {id} нет'],
  'no key {name}': ['ключа {name} немає', 'ключа {name} нет'],
  'no webhook {name}': ['вебхука {name} немає', 'вебхука {name} нет'],
  'is the port for terminals': ['цей порт уже для терміналів', 'этот порт уже для терминалов'],
  'required while it is enabled': ['потрібно, поки ввімкнено', 'нужно, пока включено'],
  'the stored password belongs to another server; give the one for this server': [
    'збережений пароль належить іншому серверу; введіть пароль для цього',
    'сохранённый пароль принадлежит другому серверу; введите пароль для этого',
  ],
  'required: its messages are signed with it': [
    'потрібно: ним підписуються повідомлення',
    'нужно: им подписываются сообщения',
  ],
  'not a certificate in PEM: {why}': [
    'це не сертифікат у форматі PEM: {why}',
    'это не сертификат в формате PEM: {why}',
  ],
  'terminal {id} has this address; a terminal takes one client': [
    'цю адресу вже має термінал {id}; один термінал приймає одного клієнта',
    'этот адрес уже у терминала {id}; один терминал принимает одного клиента',
  ],
};

const ADDRESSES: PhraseTable = {
  'must begin with {schemes}': ['має починатися з {schemes}', 'должен начинаться с {schemes}'],
  'must be http://host:port, 11000 unless the terminal was set up otherwise': [
    'має бути http://адреса:порт; порт 11000, якщо в терміналі не вказано інший',
    'должен быть http://адрес:порт; порт 11000, если в терминале не указан другой',
  ],
  'must be tcp://host:port, serial:///dev/…?baud=115200 or auto://': [
    'має бути tcp://адреса:порт, serial:///dev/…?baud=115200 або auto://',
    'должен быть tcp://адрес:порт, serial:///dev/…?baud=115200 или auto://',
  ],
  '{address}: not a URL': ['{address}: це не адреса', '{address}: это не адрес'],
  '{address}: no user name belongs here': [
    '{address}: імені користувача тут не місце',
    '{address}: имени пользователя здесь не место',
  ],
  '{address}: nothing may follow the port': [
    '{address}: після порту нічого не має бути',
    '{address}: после порта ничего не должно быть',
  ],
  '{address}: the port is missing': ['{address}: бракує порту', '{address}: не хватает порта'],
  '{address}: the host is missing': [
    '{address}: бракує імені або адреси пристрою',
    '{address}: не хватает имени или адреса устройства',
  ],
  '{address}: a serial address has three slashes: serial:///dev/…': [
    '{address}: в адреси порту три скісні риски: serial:///dev/…',
    '{address}: в адресе порта три косые черты: serial:///dev/…',
  ],
  '{address}: the device must be below /dev': [
    '{address}: пристрій має бути в /dev',
    '{address}: устройство должно быть в /dev',
  ],
  '{address}: unknown setting {name}': [
    '{address}: налаштування {name} немає',
    '{address}: настройки {name} нет',
  ],
  '{address}: bad baud rate': [
    '{address}: хибна швидкість порту',
    '{address}: неверная скорость порта',
  ],
  '{address}: bad escape in the path': [
    '{address}: хибний запис шляху',
    '{address}: неверная запись пути',
  ],
};

const OPTION_VALUES: PhraseTable = {
  'unknown option': ['такого налаштування немає', 'такой настройки нет'],
  'must be true or false': ['має бути так або ні', 'должно быть да или нет'],
  'must be an integer from {min} to {max}': [
    'має бути ціле число від {min} до {max}',
    'должно быть целое число от {min} до {max}',
  ],
  'must be a text of at most {n} characters': [
    'має бути текст не довший за {n} знаків',
    'должен быть текст не длиннее {n} знаков',
  ],
  'must be one of {list}': ['має бути одне з: {list}', 'должно быть одно из: {list}'],
  'must not contain ; or =': ['не має містити ; або =', 'не должно содержать ; или ='],
  'must be 32, 48 or 64 hexadecimal digits': [
    'має бути 32, 48 або 64 шістнадцяткові цифри',
    'должно быть 32, 48 или 64 шестнадцатеричные цифры',
  ],
  'must be at most 12 digits': ['має бути не більше 12 цифр', 'должно быть не больше 12 цифр'],
  'must be the POIID of the terminal': ['має бути POIID термінала', 'должен быть POIID терминала'],
  'must be a name without spaces': ['має бути назва без пробілів', 'должно быть имя без пробелов'],
  'must be two small letters': ['мають бути дві малі літери', 'должны быть две строчные буквы'],
  'must be HH:MM or empty': ['має бути ГГ:ХХ або порожньо', 'должно быть ЧЧ:ММ или пусто'],
};

export const SETTINGS: PhraseTable = { ...FIELDS, ...ADDRESSES, ...OPTION_VALUES };
