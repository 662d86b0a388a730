// The cards and faults of simulated terminals, and what they remark about the till.
import type { PhraseTable } from './table.ts';

const CARDS: PhraseTable = {
  'Approves; contactless MasterCard with a PIN.': [
    'схвалює; безконтактна MasterCard з PIN',
    'одобряет; бесконтактная MasterCard с PIN',
  ],
  'Approves; contactless Mastercard with a PIN.': [
    'схвалює; безконтактна Mastercard з PIN',
    'одобряет; бесконтактная Mastercard с PIN',
  ],
  'Approves; chip Visa with a PIN.': [
    'схвалює; Visa з чипом і PIN',
    'одобряет; Visa с чипом и PIN',
  ],
  'Approves; Visa.': ['схвалює; Visa', 'одобряет; Visa'],
  'Approves without asking for a PIN.': ['схвалює без PIN', 'одобряет без PIN'],
  'Approves; the cashier must check the signature.': [
    'схвалює; касир має звірити підпис',
    'одобряет; кассир должен сверить подпись',
  ],
  'Approves; its discount group asks the till for a corrected sum (status 11).': [
    'схвалює; картка зі знижкою питає касу про уточнену суму (стан 11)',
    'одобряет; карта со скидкой спрашивает кассу об уточнённой сумме (состояние 11)',
  ],
  'Approves, and gives a tip of 5.00.': [
    'схвалює й дає 5,00 чайових',
    'одобряет и даёт 5,00 чаевых',
  ],
  'The bank approves half of the sum (0010).': [
    'банк схвалює половину суми (0010)',
    'банк одобряет половину суммы (0010)',
  ],
  'The bank approves half of the sum (Partial).': [
    'банк схвалює половину суми (Partial)',
    'банк одобряет половину суммы (Partial)',
  ],
  'Declined: not enough money (0051).': [
    'відмова: бракує грошей (0051)',
    'отказ: не хватает денег (0051)',
  ],
  'Declined: expired card (0054).': [
    'відмова: картка прострочена (0054)',
    'отказ: карта просрочена (0054)',
  ],
  'Declined: wrong PIN (0055).': ['відмова: хибний PIN (0055)', 'отказ: неверный PIN (0055)'],
  'Declined: too many wrong PINs (0075).': [
    'відмова: забагато хибних PIN (0075)',
    'отказ: слишком много неверных PIN (0075)',
  ],
  'Declined: restricted card (0062).': [
    'відмова: картка обмежена (0062)',
    'отказ: карта ограничена (0062)',
  ],
  'Declined by the bank without a reason (0005).': [
    'відмова банку без пояснення (0005)',
    'отказ банка без объяснения (0005)',
  ],
  'Declined: over the limit (0061).': ['відмова: понад ліміт (0061)', 'отказ: сверх лимита (0061)'],
  'Declined: the issuer does not answer (0091).': [
    'відмова: емітент не відповідає (0091)',
    'отказ: эмитент не отвечает (0091)',
  ],
  'The chip itself declines (1002).': ['відмовляє сам чип (1002)', 'отказывает сам чип (1002)'],
  'Declined: Refusal.': ['відмова: Refusal', 'отказ: Refusal'],
  'Declined without receipts.': ['відмова без чеків', 'отказ без чеков'],
  'Declined: InvalidCard.': ['відмова: InvalidCard', 'отказ: InvalidCard'],
  'Declined: WrongPIN.': ['відмова: WrongPIN', 'отказ: WrongPIN'],
  'Declined: PaymentRestriction.': ['відмова: PaymentRestriction', 'отказ: PaymentRestriction'],
  'The host is lost: UnreachableHost.': [
    'банк недосяжний: UnreachableHost',
    'банк недоступен: UnreachableHost',
  ],
};

/** Faults of the request, of the link and of the power. */
const FAULTS: PhraseTable = {
  'The request never reaches the terminal, which stays silent.': [
    'запит не доходить до термінала, той мовчить',
    'запрос не доходит до терминала, тот молчит',
  ],
  'The terminal hangs: nothing on this connection is answered any more.': [
    'термінал завис: у цьому з’єднанні вже нічого не відповідає',
    'терминал завис: в этом соединении уже ничего не отвечает',
  ],
  'The terminal refuses with deviceBusy and does nothing.': [
    'термінал відмовляє (deviceBusy) і нічого не робить',
    'терминал отказывает (deviceBusy) и ничего не делает',
  ],
  'The firmware refuses with methodNotImplemented.': [
    'прошивка відмовляє: methodNotImplemented',
    'прошивка отказывает: methodNotImplemented',
  ],
  'Power fails as the request arrives; nothing has happened.': [
    'живлення зникає, щойно надійшов запит; нічого не сталося',
    'питание пропадает, едва пришёл запрос; ничего не произошло',
  ],
  'The link breaks as the request arrives; nothing happens.': [
    'зв’язок рветься, щойно надійшов запит; нічого не стається',
    'связь рвётся, едва пришёл запрос; ничего не происходит',
  ],
  'The printer is out of paper: 1005, nothing happens.': [
    'немає паперу: 1005, нічого не стається',
    'нет бумаги: 1005, ничего не происходит',
  ],
  'The journal is full: 1003, nothing happens.': [
    'журнал повний: 1003, нічого не стається',
    'журнал полон: 1003, ничего не происходит',
  ],
  'Our request is lost, and a sale of another sum, made without a till, takes the next number.': [
    'наш запит загублено, а наступний номер бере оплата іншої суми без каси',
    'наш запрос потерян, а следующий номер берёт оплата другой суммы без кассы',
  ],
  'Everything takes half a minute longer.': [
    'усе триває на пів хвилини довше',
    'всё длится на полминуты дольше',
  ],
  "The terminal's own clock jumps two hours ahead before the sale.": [
    'годинник термінала перед оплатою стрибає на дві години вперед',
    'часы терминала перед оплатой прыгают на два часа вперёд',
  ],
  'The bank cannot be reached: 1004, no money moves.': [
    'банк недосяжний: 1004, гроші не рухаються',
    'банк недоступен: 1004, деньги не движутся',
  ],
  'The bank declines with a code that no table lists (0777).': [
    'банк відмовляє з кодом, якого немає в таблицях (0777)',
    'банк отказывает с кодом, которого нет в таблицах (0777)',
  ],
  'The bank approves half of the sum (0010).': [
    'банк схвалює половину суми (0010)',
    'банк одобряет половину суммы (0010)',
  ],
  'The terminal takes 1.00 more than asked, and says so everywhere.': [
    'термінал бере на 1,00 більше, ніж просили, і всюди так каже',
    'терминал берёт на 1,00 больше, чем просили, и везде так говорит',
  ],
  'The link breaks while the terminal waits for a card (status 9).': [
    'зв’язок рветься, поки термінал чекає картки (стан 9)',
    'связь рвётся, пока терминал ждёт карту (состояние 9)',
  ],
  'The link breaks as the card is read (status 1).': [
    'зв’язок рветься, коли зчитано картку (стан 1)',
    'связь рвётся, когда считана карта (состояние 1)',
  ],
  'The link breaks while a corrected sum is awaited (status 11).': [
    'зв’язок рветься, поки чекають уточненої суми (стан 11)',
    'связь рвётся, пока ждут уточнённую сумму (состояние 11)',
  ],
  'The link breaks while the PIN is entered (status 6).': [
    'зв’язок рветься, поки вводять PIN (стан 6)',
    'связь рвётся, пока вводят PIN (состояние 6)',
  ],
  'The link breaks during authorisation (status 3).': [
    'зв’язок рветься під час запиту до банку (стан 3)',
    'связь рвётся во время запроса в банк (состояние 3)',
  ],
  'The link breaks after the verdict, before the reply (status 10).': [
    'зв’язок рветься після рішення, перед відповіддю (стан 10)',
    'связь рвётся после решения, перед ответом (состояние 10)',
  ],
  'Power fails as the card is read; no money moves.': [
    'живлення зникає, коли зчитано картку; гроші не рухаються',
    'питание пропадает, когда считана карта; деньги не движутся',
  ],
  'Power fails during authorisation; the bank takes the sale back by itself.': [
    'живлення зникає під час запиту до банку; банк повертає оплату сам',
    'питание пропадает во время запроса в банк; банк возвращает оплату сам',
  ],
  'Power fails when the approval is in the journal and the reply is not yet sent.': [
    'живлення зникає, коли схвалення вже в журналі, а відповідь не надіслано',
    'питание пропадает, когда одобрение уже в журнале, а ответ не отправлен',
  ],
  'The terminal settles by itself right after the sale.': [
    'термінал сам проводить звірку одразу після оплати',
    'терминал сам проводит сверку сразу после оплаты',
  ],
  'A sale made without a till follows ours in the journal before the reply is due.': [
    'у журналі після нашої оплати до відповіді стає ще одна, без каси',
    'в журнале после нашей оплаты до ответа появляется ещё одна, без кассы',
  ],
};

/** Faults of the reply, and of what is asked after a loss. */
const REPLIES: PhraseTable = {
  'The terminal does everything, but its reply never comes.': [
    'термінал усе робить, але відповідь не надходить',
    'терминал всё делает, но ответ не приходит',
  ],
  'The terminal does everything and drops the link.': [
    'термінал усе робить і рве зв’язок',
    'терминал всё делает и рвёт связь',
  ],
  'The reply comes a minute late, on whichever link is open then.': [
    'відповідь спізнюється на хвилину й надходить відкритим тоді з’єднанням',
    'ответ опаздывает на минуту и приходит по открытому тогда соединению',
  ],
  'Declined with 0051, but the reply says error=false.': [
    'відмова 0051, але у відповіді error=false',
    'отказ 0051, но в ответе error=false',
  ],
  'Done with 0000, but the reply says error=true.': [
    'схвалено 0000, але у відповіді error=true',
    'одобрено 0000, но в ответе error=true',
  ],
  'Declined, but the reply says 0000 with trnStatus 2.': [
    'відмова, але у відповіді 0000 і trnStatus 2',
    'отказ, но в ответе 0000 и trnStatus 2',
  ],
  'Done, but the reply has neither RRN nor approval code.': [
    'схвалено, але у відповіді немає ні RRN, ні коду авторизації',
    'одобрено, но в ответе нет ни RRN, ни кода авторизации',
  ],
  'The reply names 1.00 more than the journal holds.': [
    'у відповіді на 1,00 більше, ніж у журналі',
    'в ответе на 1,00 больше, чем в журнале',
  ],
  'Done, but the reply says error and an unlisted code.': [
    'схвалено, але у відповіді помилка й незнайомий код',
    'одобрено, но в ответе ошибка и незнакомый код',
  ],
  'Done, but the reply says 1008: already complete.': [
    'схвалено, але у відповіді 1008: уже завершено',
    'одобрено, но в ответе 1008: уже завершено',
  ],
  'The reply holds a responseCode and nothing else.': [
    'у відповіді є responseCode і більше нічого',
    'в ответе есть responseCode и больше ничего',
  ],
  'Half of the reply arrives, then the link breaks.': [
    'надходить половина відповіді, і зв’язок рветься',
    'приходит половина ответа, и связь рвётся',
  ],
  'Half of the reply arrives and the link stays open.': [
    'надходить половина відповіді, а зв’язок лишається',
    'приходит половина ответа, а связь остаётся',
  ],
  'The reply arrives twice.': ['відповідь надходить двічі', 'ответ приходит дважды'],
  'The reply is glued to a service message and split at odd places.': [
    'відповідь зліплено зі службовим повідомленням і розрізано будь-де',
    'ответ склеен со служебным сообщением и разрезан где попало',
  ],
  'The reply arrives byte by byte.': ['відповідь надходить по байту', 'ответ приходит по байту'],
  'The reply has stray spaces and another order of keys.': [
    'у відповіді зайві пробіли й інший порядок полів',
    'в ответе лишние пробелы и другой порядок полей',
  ],
  'A frame that is no JSON comes before the reply.': [
    'перед відповіддю надходить не JSON',
    'перед ответом приходит не JSON',
  ],
  'A frame that is no JSON comes instead of the reply.': [
    'замість відповіді надходить не JSON',
    'вместо ответа приходит не JSON',
  ],
  'GetReceiptInfo is refused with methodNotImplemented.': [
    'на GetReceiptInfo відмова: methodNotImplemented',
    'на GetReceiptInfo отказ: methodNotImplemented',
  ],
  'GetReceiptInfo is not answered.': [
    'на GetReceiptInfo немає відповіді',
    'на GetReceiptInfo нет ответа',
  ],
  'GetReceiptInfo is refused with deviceBusy.': [
    'на GetReceiptInfo відмова: deviceBusy',
    'на GetReceiptInfo отказ: deviceBusy',
  ],
  'The link breaks in the middle of the answer to GetReceiptInfo.': [
    'зв’язок рветься посеред відповіді на GetReceiptInfo',
    'связь рвётся посреди ответа на GetReceiptInfo',
  ],
  'The next connection is accepted and stays silent.': [
    'наступне з’єднання прийнято, але воно мовчить',
    'следующее соединение принято, но оно молчит',
  ],
  'From the next connection on, another device with other ids and an empty journal answers.': [
    'з наступного з’єднання відповідає інший пристрій із порожнім журналом',
    'со следующего соединения отвечает другое устройство с пустым журналом',
  ],
  'An interrupt is acknowledged, and the sale goes on anyway.': [
    'переривання підтверджено, а оплата все одно триває',
    'прерывание подтверждено, а оплата всё равно продолжается',
  ],
};

const NEXO_FAULTS: PhraseTable = {
  'The payment is done, its answer never arrives.': [
    'оплату зроблено, відповідь не надходить',
    'оплата сделана, ответ не приходит',
  ],
  'The request never arrives; nothing happens.': [
    'запит не доходить; нічого не стається',
    'запрос не доходит; ничего не происходит',
  ],
  'The payment is done, the answer is HTTP 500.': [
    'оплату зроблено, відповідь HTTP 500',
    'оплата сделана, ответ HTTP 500',
  ],
  'The payment is done, the answer is no XML.': [
    'оплату зроблено, відповідь не XML',
    'оплата сделана, ответ не XML',
  ],
  'The payment is done, the answer belongs to another request.': [
    'оплату зроблено, відповідь належить іншому запиту',
    'оплата сделана, ответ принадлежит другому запросу',
  ],
  'The customer presses the red button.': [
    'покупець натискає червону кнопку',
    'покупатель нажимает красную кнопку',
  ],
  'A decline without the parts that the schema demands.': [
    'відмова без частин, яких вимагає схема',
    'отказ без частей, которых требует схема',
  ],
  'The customer waits with his card for a minute, or until an abort.': [
    'покупець хвилину чекає з карткою або до переривання',
    'покупатель минуту ждёт с картой или до прерывания',
  ],
  'Approved at once, but told ten seconds later; an abort comes too late.': [
    'схвалено одразу, а сказано за десять секунд; переривання спізнюється',
    'одобрено сразу, а сказано через десять секунд; прерывание опаздывает',
  ],
  'The answer names another sum than the paper of what was asked.': [
    'у відповіді інша сума, ніж у запиті',
    'в ответе другая сумма, чем в запросе',
  ],
  'The terminal restarts before a card; nothing happened.': [
    'термінал перезапускається до картки; нічого не сталося',
    'терминал перезапускается до карты; ничего не произошло',
  ],
  'The terminal restarts after the bank’s yes; its journal knows of it.': [
    'термінал перезапускається після згоди банку; його журнал про неї знає',
    'терминал перезапускается после согласия банка; его журнал о нём знает',
  ],
  'Something of the terminal fails in the middle: DeviceOut.': [
    'посередині щось у терміналі відмовляє: DeviceOut',
    'посередине что-то в терминале отказывает: DeviceOut',
  ],
  'Payments are answered with Busy.': ['на оплату відповідь Busy', 'на оплату ответ Busy'],
  'Logins are answered with Busy.': ['на вхід відповідь Busy', 'на вход ответ Busy'],
  'Questions about a transaction are answered as unfinished.': [
    'на запитання про операцію відповідь «не завершено»',
    'на вопрос об операции ответ «не завершена»',
  ],
  'Logins are refused until faults are cleared.': [
    'у вході відмовлено, доки не приберуть несправності',
    'во входе отказано, пока не уберут неисправности',
  ],
  'Questions are answered with the transaction before.': [
    'на запитання відповідь про попередню операцію',
    'на вопросы ответ о предыдущей операции',
  ],
  'Questions with a reference are not understood.': [
    'запитання з посиланням не розуміється',
    'вопрос со ссылкой не понимается',
  ],
  'Reversals are refused.': ['у скасуванні відмовлено', 'в отмене отказано'],
};

const REMARKS: PhraseTable = {
  'unknown msgType {type}': ['незнайомий msgType {type}', 'незнакомый msgType {type}'],
  'unreadable frame: {why}': ['кадр не читається: {why}', 'кадр не читается: {why}'],
  'the handshake PingDevice came without its leading NUL': [
    'PingDevice вітання надійшов без нульового байта спереду',
    'PingDevice приветствия пришёл без нулевого байта впереди',
  ],
  'a leading NUL stood before another frame than the handshake': [
    'нульовий байт спереду був не в кадрі вітання',
    'нулевой байт впереди был не в кадре приветствия',
  ],
  'step is not the integer 0': ['step не ціле число 0', 'step не целое число 0'],
  'parameter {name} is not a string': ['параметр {name} не рядок', 'параметр {name} не строка'],
  '{name} came while {other} ran': [
    '{name} надійшов, поки виконувався {other}',
    '{name} пришёл, пока выполнялся {other}',
  ],
};

export const SIMULATOR: PhraseTable = {
  ...CARDS,
  ...FAULTS,
  ...REPLIES,
  ...NEXO_FAULTS,
  ...REMARKS,
};
