// The columns of the table of operations in words, in the three languages of the product.
import type { Resolution } from '../../domain/operation.ts';
import type { Language } from '../../operations/settings-schema.ts';
import type { Column } from './csv.ts';

type Words = Readonly<Record<Language, string>>;

/** The column `code` has a code of the API; what it means stands on the page of the operation. */
export const COLUMN_WORDS: Readonly<Record<Column, Words>> = {
  id: { uk: 'Операція', en: 'Operation', ru: 'Операция' },
  createdAt: { uk: 'Створено', en: 'Created', ru: 'Создана' },
  finishedAt: { uk: 'Завершено', en: 'Finished', ru: 'Завершена' },
  kind: { uk: 'Вид', en: 'Kind', ru: 'Вид' },
  terminal: { uk: 'Термінал', en: 'Terminal', ru: 'Терминал' },
  merchant: { uk: 'Мерчант', en: 'Merchant', ru: 'Мерчант' },
  state: { uk: 'Стан', en: 'State', ru: 'Состояние' },
  code: { uk: 'Код результату', en: 'Code of the result', ru: 'Код результата' },
  amount: { uk: 'Сума', en: 'Amount', ru: 'Сумма' },
  approvedAmount: { uk: 'Схвалена сума', en: 'Approved amount', ru: 'Одобренная сумма' },
  discount: { uk: 'Знижка', en: 'Discount', ru: 'Скидка' },
  bonus: { uk: 'Бонуси', en: 'Bonus', ru: 'Бонусы' },
  currency: { uk: 'Валюта', en: 'Currency', ru: 'Валюта' },
  reference: { uk: 'Примітка каси', en: 'Reference of the till', ru: 'Примечание кассы' },
  cashier: { uk: 'Касир', en: 'Cashier', ru: 'Кассир' },
  askedBy: { uk: 'Хто почав', en: 'Asked by', ru: 'Кто начал' },
  rrn: { uk: 'RRN', en: 'RRN', ru: 'RRN' },
  authCode: { uk: 'Код авторизації', en: 'Authorisation code', ru: 'Код авторизации' },
  invoice: { uk: 'Номер чека', en: 'Invoice', ru: 'Номер чека' },
  batch: { uk: 'Номер пакета', en: 'Batch', ru: 'Номер пакета' },
  card: { uk: 'Картка', en: 'Card', ru: 'Карта' },
  brand: { uk: 'Платіжна система', en: 'Brand', ru: 'Платёжная система' },
  resolvedBy: { uk: 'Чим з’ясовано', en: 'Resolved by', ru: 'Чем выяснена' },
  resolvedByName: { uk: 'Хто вирішив', en: 'Who decided', ru: 'Кто решил' },
};

export const RESOLUTION_WORDS: Readonly<Record<Resolution['by'], Words>> = {
  evidence: { uk: 'журналом термінала', en: 'the terminal’s journal', ru: 'журналом терминала' },
  person: { uk: 'людиною', en: 'a person', ru: 'человеком' },
  operation: { uk: 'пізнішою операцією', en: 'a later operation', ru: 'более поздней операцией' },
};
