// Words for states, kinds, links and roles, as people see them on pages and in exports.
import type { OperationKind, OperationState } from '../operation.ts';
import type { Language } from './index.ts';

export type Words<Name extends string> = Readonly<Record<Language, Readonly<Record<Name, string>>>>;

export const STATE_WORDS: Words<OperationState> = {
  uk: {
    accepted: 'прийнято',
    queued: 'у черзі',
    running: 'виконується',
    confirming: 'підтверджується',
    approved: 'схвалено',
    declined: 'відхилено',
    cancelled: 'скасовано',
    failed: 'не виконано',
    reversed: 'повернено',
    unknown: 'не з’ясовано',
  },
  en: {
    accepted: 'accepted',
    queued: 'queued',
    running: 'running',
    confirming: 'confirming',
    approved: 'approved',
    declined: 'declined',
    cancelled: 'cancelled',
    failed: 'failed',
    reversed: 'reversed',
    unknown: 'unknown',
  },
  ru: {
    accepted: 'принято',
    queued: 'в очереди',
    running: 'выполняется',
    confirming: 'подтверждается',
    approved: 'одобрено',
    declined: 'отклонено',
    cancelled: 'отменено',
    failed: 'не выполнено',
    reversed: 'возвращено',
    unknown: 'не выяснено',
  },
};

export const KIND_WORDS: Words<OperationKind> = {
  uk: {
    purchase: 'оплата',
    refund: 'повернення',
    void: 'скасування оплати',
    preauthorization: 'передавторизація',
    completion: 'завершення передавторизації',
    cashback: 'оплата з видачею готівки',
    cash: 'оплата готівкою',
    instalment: 'оплата частинами',
    'instalment-refund': 'повернення оплати частинами',
    service: 'послуга термінала',
    settlement: 'звірка (Z-звіт)',
    balance: 'баланс картки',
    identify: 'розпізнавання картки',
    'read-card': 'читання картки',
    totals: 'підсумки (X-звіт)',
    'settlement-copy': 'копія звірки',
    journal: 'журнал термінала',
    'receipt-copy': 'копія чека',
    'check-host': 'перевірка зв’язку з банком',
    info: 'відомості про термінал',
  },
  en: {
    purchase: 'purchase',
    refund: 'refund',
    void: 'void',
    preauthorization: 'preauthorization',
    completion: 'completion',
    cashback: 'purchase with cashback',
    cash: 'cash payment',
    instalment: 'payment in parts',
    'instalment-refund': 'refund of a payment in parts',
    service: 'terminal service',
    settlement: 'settlement (Z report)',
    balance: 'card balance',
    identify: 'card identification',
    'read-card': 'card reading',
    totals: 'totals (X report)',
    'settlement-copy': 'settlement copy',
    journal: 'terminal journal',
    'receipt-copy': 'receipt copy',
    'check-host': 'bank connection check',
    info: 'terminal information',
  },
  ru: {
    purchase: 'оплата',
    refund: 'возврат',
    void: 'отмена оплаты',
    preauthorization: 'преавторизация',
    completion: 'завершение преавторизации',
    cashback: 'оплата с выдачей наличных',
    cash: 'оплата наличными',
    instalment: 'оплата частями',
    'instalment-refund': 'возврат оплаты частями',
    service: 'услуга терминала',
    settlement: 'сверка (Z-отчёт)',
    balance: 'баланс карты',
    identify: 'распознавание карты',
    'read-card': 'чтение карты',
    totals: 'итоги (X-отчёт)',
    'settlement-copy': 'копия сверки',
    journal: 'журнал терминала',
    'receipt-copy': 'копия чека',
    'check-host': 'проверка связи с банком',
    info: 'сведения о терминале',
  },
};

/** The link of a terminal as the lane sees it. */
export const LINK_WORDS: Words<
  'connecting' | 'ready' | 'busy' | 'unresolved' | 'offline' | 'disabled'
> = {
  uk: {
    connecting: 'з’єднання',
    ready: 'готовий',
    busy: 'зайнятий',
    unresolved: 'чекає на з’ясування',
    offline: 'немає зв’язку',
    disabled: 'вимкнено',
  },
  en: {
    connecting: 'connecting',
    ready: 'ready',
    busy: 'busy',
    unresolved: 'unresolved',
    offline: 'offline',
    disabled: 'switched off',
  },
  ru: {
    connecting: 'соединение',
    ready: 'готов',
    busy: 'занят',
    unresolved: 'ждёт выяснения',
    offline: 'нет связи',
    disabled: 'выключен',
  },
};

export const ROLE_WORDS: Words<'administrator' | 'supervisor' | 'till' | 'auditor'> = {
  uk: {
    administrator: 'адміністратор',
    supervisor: 'старший касир',
    till: 'каса',
    auditor: 'ревізор',
  },
  en: {
    administrator: 'administrator',
    supervisor: 'supervisor',
    till: 'till',
    auditor: 'auditor',
  },
  ru: {
    administrator: 'администратор',
    supervisor: 'старший кассир',
    till: 'касса',
    auditor: 'ревизор',
  },
};
