// Words about drivers: secrets among their options, and protocols that a terminal cannot be asked by.
import type { TextTable } from './index.ts';

export const DRIVERS = {
  secretKept: [
    'встановлено; порожнє поле нічого не змінює',
    'set; an empty field changes nothing',
    'установлено; пустое поле ничего не меняет',
  ],
  secretForget: ['Забути {name}', 'Forget {name}', 'Забыть {name}'],
  noJournal: [
    'За цим протоколом у термінала нічого не спитаєш: після втраченої відповіді рішення приймає людина за чеком.',
    'By this protocol the terminal cannot be asked: after a lost answer a person decides by the slip.',
    'По этому протоколу терминал не спросишь: после потерянного ответа решает человек по чеку.',
  ],
} as const satisfies TextTable;
