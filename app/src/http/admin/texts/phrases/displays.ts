// What a terminal shows while an operation runs, where the driver gives the words for its code.
import type { PhraseTable } from './table.ts';

export const DISPLAYS: PhraseTable = {
  Ready: ['Готовий', 'Готов'],
  'Card was read': ['Картку зчитано', 'Карта считана'],
  'Card has a chip: insert it': ['Картка з чипом: вставте її', 'Карта с чипом: вставьте её'],
  Authorising: ['Запит до банку', 'Запрос в банк'],
  'Waiting for the cashier': ['Очікує касира', 'Ожидает кассира'],
  'Printing the receipt': ['Друкує чек', 'Печатает чек'],
  'Customer enters the PIN': ['Покупець вводить PIN', 'Покупатель вводит PIN'],
  'Card was removed': ['Картку вийнято', 'Карта вынута'],
  'Customer chooses the application of the card': [
    'Покупець вибирає застосунок картки',
    'Покупатель выбирает приложение карты',
  ],
  'Waiting for the card': ['Очікує картку', 'Ожидает карту'],
  'In progress': ['Виконується', 'Выполняется'],
  'Waiting for the corrected sum': ['Очікує уточнену суму', 'Ожидает уточнённую сумму'],
  'Waiting for a PIN key': ['Очікує цифру PIN', 'Ожидает цифру PIN'],
  'PIN digit was deleted': ['Цифру PIN стерто', 'Цифра PIN стёрта'],
  'PIN key was pressed': ['Натиснуто цифру PIN', 'Нажата цифра PIN'],
  'Customer chooses the account': ['Покупець вибирає рахунок', 'Покупатель выбирает счёт'],
  'Purchase only': ['Лише оплата', 'Только оплата'],
  'Purchase only: to be confirmed': [
    'Лише оплата: потрібне підтвердження',
    'Только оплата: нужно подтверждение',
  ],
  'Waiting for the finger': ['Очікує палець', 'Ожидает палец'],
  'Status {code}': ['Стан {code}', 'Состояние {code}'],
  'Compare the signature with the card': ['Звірте підпис із карткою', 'Сверьте подпись с картой'],
  'Is the signature right?': ['Підпис збігається?', 'Подпись совпадает?'],
  'the sum is larger than the library can take': [
    'сума більша, ніж приймає бібліотека',
    'сумма больше, чем принимает библиотека',
  ],
};
