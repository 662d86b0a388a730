// Why a message to the processing server or to a webhook has not arrived yet.
import type { PhraseTable } from './table.ts';

export const DELIVERY: PhraseTable = {
  'the gateway is stopping': ['шлюз зупиняється', 'шлюз останавливается'],
  'no answer within {n} s': ['відповіді не було {n} с', 'ответа не было {n} с'],
  'the answer is too large': ['відповідь завелика', 'ответ слишком велик'],
  'the processing server is switched off or has no address': [
    'сервер обробки вимкнено або не вказано його адреси',
    'сервер обработки выключен или не указан его адрес',
  ],
  'the entry of the outbox is damaged': [
    'запис у черзі повідомлень пошкоджено',
    'запись в очереди сообщений повреждена',
  ],
  '{name} is beyond xs:int': ['{name} завелике для xs:int', '{name} слишком велико для xs:int'],
  'HTTP {status}: the user or the password is refused': [
    'HTTP {status}: користувача або пароль не прийнято',
    'HTTP {status}: пользователь или пароль не приняты',
  ],
  'true with HTTP {status}': ['відповідь «так», але HTTP {status}', 'ответ «да», но HTTP {status}'],
  'the processing server answered false': [
    'сервер обробки відповів «ні»',
    'сервер обработки ответил «нет»',
  ],
  'HTTP {status} without SOAP ({why}): {page}': [
    'HTTP {status} без SOAP ({why}): {page}',
    'HTTP {status} без SOAP ({why}): {page}',
  ],
  '{name} is not RegisterResponse': ['{name} не є RegisterResponse', '{name} не RegisterResponse'],
  'the document is not a WSDL 1.1': ['документ не є WSDL 1.1', 'документ не WSDL 1.1'],
  'HTTP {status}: {text}': ['HTTP {status}: {text}', 'HTTP {status}: {text}'],
  'the user or the password is refused': [
    'користувача або пароль не прийнято',
    'пользователь или пароль не приняты',
  ],
  'no WSDL is here': ['опису WSDL тут немає', 'описания WSDL здесь нет'],
  'the service has no SOAP port with an operation Register': [
    'у службі немає порту SOAP з операцією Register',
    'у службы нет порта SOAP с операцией Register',
  ],
  'the parameter {name} is missing': ['бракує параметра {name}', 'не хватает параметра {name}'],
  'the parameter {name} is {is}, not {type}': [
    'параметр {name} має тип {is}, а не {type}',
    'параметр {name} имеет тип {is}, а не {type}',
  ],
  'without a type': ['без типу', 'без типа'],
  'the parameter {name} is not known to us': [
    'параметр {name} нам невідомий',
    'параметр {name} нам неизвестен',
  ],
  'the parameters are not in the order {list}': [
    'параметри стоять не в порядку {list}',
    'параметры стоят не в порядке {list}',
  ],
  'the webhook {name} was removed': ['вебхук {name} вилучено', 'вебхук {name} удалён'],
  'the webhook {name} is switched off': ['вебхук {name} вимкнено', 'вебхук {name} выключен'],
  'the webhook {name} has no secret': [
    'у вебхука {name} немає секрету',
    'у вебхука {name} нет секрета',
  ],
};
