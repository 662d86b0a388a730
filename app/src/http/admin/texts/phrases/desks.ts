// The cards and faults of the simulated terminals of the small protocols, and of the stand-in of the
// bank's library, and what is found on a line.
import type { PhraseTable } from './table.ts';

const CARDS: PhraseTable = {
  'Approves; contactless Mastercard.': [
    'схвалює; безконтактна Mastercard',
    'одобряет; бесконтактная Mastercard',
  ],
  'Declined: 51, no money on it.': ['відмова: 51, бракує грошей', 'отказ: 51, не хватает денег'],
  'Declined: 55, the PIN is wrong.': ['відмова: 55, хибний PIN', 'отказ: 55, неверный PIN'],
  'Declined: 54, the card has expired.': [
    'відмова: 54, строк картки минув',
    'отказ: 54, срок карты истёк',
  ],
  'Declined: 43, the bank wants it back.': [
    'відмова: 43, банк вилучає картку',
    'отказ: 43, банк изымает карту',
  ],
  'Declined: 91, the card’s bank does not answer.': [
    'відмова: 91, банк картки не відповідає',
    'отказ: 91, банк карты не отвечает',
  ],
  'Answered with a code that no table has: 77.': [
    'код, якого немає в жодній таблиці: 77',
    'код, которого нет ни в одной таблице: 77',
  ],
};

const FAULTS: PhraseTable = {
  'The request is not understood once (NAK).': [
    'запит раз не зрозуміли (NAK)',
    'запрос один раз не поняли (NAK)',
  ],
  'The line is cut after the bank’s yes.': [
    'лінія рветься після згоди банку',
    'линия рвётся после согласия банка',
  ],
  'The answer arrives broken once, then whole.': [
    'відповідь раз приходить зіпсованою, потім цілою',
    'ответ один раз приходит испорченным, потом целым',
  ],
  'The answer names another sum than was asked.': [
    'у відповіді інша сума, ніж просили',
    'в ответе другая сумма, чем просили',
  ],
  'The answer has a code and an invoice only.': [
    'у відповіді лише код і номер чека',
    'в ответе только код и номер чека',
  ],
  'The confirmation is taken, its answer never arrives.': [
    'підтвердження прийнято, відповідь не приходить',
    'подтверждение принято, ответ не приходит',
  ],
  'The confirmation is refused; the sale is taken back.': [
    'підтвердження відхилено; продаж скасовано',
    'подтверждение отклонено; продажа отменена',
  ],
  'A call of the till is not answered.': [
    'на виклик каси немає відповіді',
    'на вызов кассы нет ответа',
  ],
  'The answer has no data of the card.': [
    'у відповіді немає даних картки',
    'в ответе нет данных карты',
  ],
  'The terminal leaves out its last EOT.': [
    'термінал не надсилає останнього EOT',
    'терминал не присылает последнего EOT',
  ],
  'Half of the answer arrives, then nothing.': [
    'приходить половина відповіді, далі нічого',
    'приходит половина ответа, дальше ничего',
  ],
  'The answer has no authorisation number.': [
    'у відповіді немає номера авторизації',
    'в ответе нет номера авторизации',
  ],
  'The terminal says «accepted» and no result (AE 11).': [
    'термінал каже «прийнято» без результату (AE 11)',
    'терминал говорит «принято» без результата (AE 11)',
  ],
  'The terminal closes the line behind its answer.': [
    'термінал закриває лінію після відповіді',
    'терминал закрывает линию после ответа',
  ],
};

const STAND_IN: PhraseTable = {
  'The terminal is busy with something else.': ['термінал зайнятий іншим', 'терминал занят другим'],
  'A Bonus+ card: the till is asked for the sum.': [
    'картка Бонус+: у каси питають суму',
    'карта Бонус+: у кассы спрашивают сумму',
  ],
  'The cashier must check the signature.': [
    'касир має звірити підпис',
    'кассир должен сверить подпись',
  ],
  'The library crashes before the terminal hears of the sale.': [
    'бібліотека падає, доки термінал ще не чув про продаж',
    'библиотека падает, пока терминал ещё не слышал о продаже',
  ],
  'The library crashes when the sale has begun.': [
    'бібліотека падає, коли продаж почався',
    'библиотека падает, когда продажа началась',
  ],
  'The library crashes while the customer stands there.': [
    'бібліотека падає, доки покупець біля термінала',
    'библиотека падает, пока покупатель у терминала',
  ],
  'The library crashes before it confirms; the terminal takes the money back.': [
    'бібліотека падає до підтвердження; термінал повертає гроші',
    'библиотека падает до подтверждения; терминал возвращает деньги',
  ],
  'The library crashes after it confirmed; the money has moved.': [
    'бібліотека падає після підтвердження; гроші списано',
    'библиотека падает после подтверждения; деньги списаны',
  ],
  'The library does not return from the call.': [
    'бібліотека не повертається з виклику',
    'библиотека не возвращается из вызова',
  ],
  'The line is lost after the bank’s yes.': [
    'лінію втрачено після згоди банку',
    'линия потеряна после согласия банка',
  ],
  'A yes without its signs.': ['згода без своїх ознак', 'согласие без своих признаков'],
  'The library shows the transaction before for this one.': [
    'бібліотека показує попередню операцію замість цієї',
    'библиотека показывает предыдущую операцию вместо этой',
  ],
};

const LINES: PhraseTable = {
  'the line is open: {device}': ['відкрита: {device}', 'открыта: {device}'],
  'the terminal does not answer the call; on the line: {device}': [
    'термінал не відповідає на виклик; на лінії: {device}',
    'терминал не отвечает на вызов; на линии: {device}',
  ],
};

export const DESKS: PhraseTable = { ...CARDS, ...FAULTS, ...STAND_IN, ...LINES };
