// Words of the page about the bank's library.
import type { TextTable } from './index.ts';

export const LIBRARY = {
  library: ['Бібліотека банку', 'The bank’s library', 'Библиотека банка'],
  libraryText: [
    'Програма банку для терміналів BPOS (libcBPOSLib.so). Вона працює в окремому процесі, і кожен термінал переходить на нову, щойно звільниться.',
    'The bank’s program for BPOS terminals (libcBPOSLib.so). It runs in a process of its own, and each terminal takes a new one when it is idle.',
    'Программа банка для терминалов BPOS (libcBPOSLib.so). Она работает в отдельном процессе, и каждый терминал переходит на новую, как только освободится.',
  ],
  libraryNone: ['Не встановлено.', 'Not installed.', 'Не установлена.'],
  libraryAsk: [
    'Попросіть у банку або постачальника програми термінала бібліотеку B-POS1 для Linux x86-64 з простим інтерфейсом C (libcBPOSLib.so, функції BPOSLib_…).',
    'Ask the bank, or its supplier of the terminal’s program, for the library B-POS1 for Linux x86-64 with the plain C interface (libcBPOSLib.so, functions BPOSLib_…).',
    'Попросите у банка или поставщика программы терминала библиотеку B-POS1 для Linux x86-64 с простым интерфейсом C (libcBPOSLib.so, функции BPOSLib_…).',
  ],
  libraryInstalled: ['Встановлено', 'Installed', 'Установлена'],
  librarySays: ['Каже про себе', 'Says of itself', 'Говорит о себе'],
  librarySaysNothing: ['нічого', 'nothing', 'ничего'],
  libraryFile: ['Файл', 'File', 'Файл'],
  librarySize: ['Розмір', 'Size', 'Размер'],
  libraryWhen: ['Коли', 'When', 'Когда'],
  libraryHasAll: ['Усі функції є.', 'No function is missing.', 'Все функции есть.'],
  libraryLacks: ['Чого вона не вміє', 'What it cannot do', 'Чего она не умеет'],
  libraryInstall: ['Встановити', 'Install', 'Установить'],
  libraryReplace: ['Замінити', 'Replace', 'Заменить'],
  libraryUpload: ['Файл бібліотеки (.so)', 'The library’s file (.so)', 'Файл библиотеки (.so)'],
  libraryUploadHint: [
    'Файл перевіряється, не потрапляючи в саму програму пристрою.',
    'The file is checked without ever entering the program of the box.',
    'Файл проверяется, не попадая в саму программу устройства.',
  ],
  libraryNeeds: [
    'Встановлено. Їй також потрібні бібліотеки: {names}.',
    'Installed. It also needs these libraries: {names}.',
    'Установлена. Ей также нужны библиотеки: {names}.',
  ],
  libraryRemoveText: [
    'Термінали BPOS перестануть працювати, щойно звільняться.',
    'BPOS terminals go offline as soon as they are idle.',
    'Терминалы BPOS перестанут работать, как только освободятся.',
  ],
  libForWindows: [
    'Це бібліотека для Windows (ECRCommX.dll?).',
    'This is a library for Windows (ECRCommX.dll?).',
    'Это библиотека для Windows (ECRCommX.dll?).',
  ],
  libNoLibrary: [
    'Це не бібліотека Linux.',
    'This is no Linux library.',
    'Это не библиотека Linux.',
  ],
  libOtherMachine: [
    'Бібліотека для іншого процесора.',
    'The library is for another processor.',
    'Библиотека для другого процессора.',
  ],
  libDamaged: [
    'Файл пошкоджено, або це не бібліотека.',
    'The file is damaged, or no library.',
    'Файл повреждён, или это не библиотека.',
  ],
  libFlavour: [
    'Це варіант для Java або C++, а потрібен простий C (libcBPOSLib.so).',
    'This is the flavour for Java or C++; the plain C one is needed (libcBPOSLib.so).',
    'Это вариант для Java или C++, а нужен простой C (libcBPOSLib.so).',
  ],
  libAnother: [
    'У цій бібліотеці немає функцій B-POS1.',
    'This library has no functions of B-POS1.',
    'В этой библиотеке нет функций B-POS1.',
  ],
  libLacksNeeded: [
    'У бібліотеці бракує функцій, без яких немає оплати.',
    'The library lacks functions that a payment needs.',
    'В библиотеке не хватает функций, без которых нет оплаты.',
  ],
  libDoesNotRun: [
    'Бібліотека тут не запускається.',
    'The library does not run here.',
    'Библиотека здесь не запускается.',
  ],
  lackRefund: ['Повернення', 'Refunds', 'Возвраты'],
  lackVoid: ['Скасування оплати', 'Voids', 'Отмена оплаты'],
  lackHold: [
    'Завершення преавторизації',
    'Completing a pre-authorization',
    'Завершение преавторизации',
  ],
  lackServices: [
    'Розстрочка та інші послуги',
    'Instalments and other services',
    'Рассрочка и другие услуги',
  ],
  lackCash: ['Готівка й поповнення', 'Cash and deposits', 'Наличные и пополнение'],
  lackCards: [
    'Баланс, читання карток, бонуси',
    'Balance, reading of cards, bonuses',
    'Баланс, чтение карт, бонусы',
  ],
  lackReports: [
    'Частина звітів і їхні підсумки',
    'Some reports and their totals',
    'Часть отчётов и их итоги',
  ],
  lackReceipts: ['Копії чеків і файли', 'Copies of receipts and files', 'Копии чеков и файлы'],
  lackEvidence: [
    'Пошук операції за номером: частіше вирішуватиме людина',
    'Looking up a transaction by number: a person decides more often',
    'Поиск операции по номеру: чаще будет решать человек',
  ],
  lackLink: [
    'Деякі способи зв’язку та перевірки',
    'Some ways to connect and to check',
    'Некоторые способы связи и проверки',
  ],
  lackUnattended: [
    'Термінали самообслуговування',
    'Unattended terminals',
    'Терминалы самообслуживания',
  ],
  lackDetails: [
    'Окремі подробиці на чеку чи в звіті',
    'Details of a receipt or a report',
    'Отдельные подробности на чеке или в отчёте',
  ],
} as const satisfies TextTable;
