// Texts for the cashier, in English.
import type { Catalog } from './index.ts';

export const EN: Catalog = {
  unauthenticated: [
    'The till gave no access key, or a wrong one.',
    'Check the key in the settings of the till program.',
  ],
  'too-many-requests': ['Too many requests in a row.', 'Wait a few seconds and try again.'],
  forbidden: [
    'This key may not do that.',
    'Ask the administrator, who can change what the key may do.',
  ],
  'too-large': [
    'The request is too large.',
    'Ask whoever set up the till program; no payment was sent.',
  ],
  'invalid-request': [
    'The till’s request has a mistake; no payment was sent.',
    'Check the amount and the other fields; if they are right, ask the till’s programmer.',
  ],
  'unknown-operation': ['There is no such operation.', 'Check the number of the operation.'],
  'id-reused': [
    'This number belongs to another operation; nothing was sent.',
    'Begin the payment anew so that it gets a new number. If it happens again, ask the till’s programmer.',
  ],
  'unknown-terminal': [
    'There is no such terminal in the settings.',
    'Choose another terminal or ask the administrator.',
  ],
  'unsupported-by-terminal': [
    'This terminal cannot do that.',
    'Choose another terminal or another way to pay.',
  ],
  'terminal-unresolved': [
    'The terminal is held: the result of an earlier operation is not known yet.',
    'Do not repeat that operation. Tillgate is checking the terminal’s journal; if nothing changes in a few minutes, call the supervisor or the administrator. Until then take payments on another terminal or in cash.',
  ],
  'terminal-busy': [
    'The terminal is serving another till.',
    'Wait until it is free and try again.',
  ],
  'not-cancellable': [
    'That cannot be done in this state.',
    'Look at the state of the operation. A finished payment is taken back by a void or a refund.',
  ],
  'ledger-unavailable': [
    'Tillgate cannot write operations down at the moment, so it begins none.',
    'Call the administrator: the disk may be full. Until then take cash.',
  ],

  accepted: ['Accepted; it goes to the terminal now.', null],
  queued: ['Waiting in the terminal’s queue.', null],
  running: ['Running on the terminal.', 'Look at the terminal’s screen.'],
  confirming: ['The bank approved; confirming it to the terminal.', null],
  'waiting-for-adjustment': [
    'The terminal waits for the final amount.',
    'Confirm the amount, with or without a discount.',
  ],
  'waiting-for-confirmation': [
    'The terminal waits for your answer.',
    'Answer what the terminal asks, such as whether the signature matches.',
  ],

  approved: ['Approved.', null],
  'approved-partially': [
    'Only a part of the amount was approved.',
    'Take the rest in cash or with a new payment, or void this one.',
  ],
  done: ['Done.', null],
  reversed: ['Taken back; the money returns to the card.', null],

  'declined-by-bank': [
    'The bank declined; no money was taken.',
    'Ask for another card or cash. The customer’s bank can tell the reason.',
  ],
  'insufficient-funds': [
    'Not enough money on the card.',
    'Ask for another card, cash, or a smaller amount.',
  ],
  'expired-card': ['The card has expired.', 'Ask for another card or cash.'],
  'wrong-pin': ['Wrong PIN.', 'Start the payment again; the customer enters the PIN once more.'],
  'pin-tries-exceeded': [
    'The PIN was wrong too many times.',
    'Ask for another card or cash. The customer’s bank can unblock the card.',
  ],
  'limit-exceeded': [
    'The card’s limit is exceeded.',
    'The customer can raise the limit in the bank’s app; then try again. Or ask for another card.',
  ],
  'card-blocked': [
    'The card is blocked.',
    'Ask for another card or cash. The customer should call their bank.',
  ],
  'card-not-permitted': [
    'The bank does not permit this with this card.',
    'Ask for another card or cash.',
  ],
  'card-not-served': [
    'The card is not served.',
    'If the terminal has Bonus+, the till must send merchant 0. Otherwise ask for another card.',
  ],
  'declined-by-card': [
    'The card itself declined; no money was taken.',
    'Insert the chip and try again, or ask for another card.',
  ],
  'invalid-card': [
    'The card was not recognised.',
    'Check that it is the right card, or ask for another one.',
  ],
  'issuer-unavailable': [
    'The customer’s bank does not answer; no money was taken.',
    'Wait a minute and start a new payment, or ask for another card.',
  ],
  'system-fault': [
    'A fault in the bank’s system or a cryptography error (code 96); no money was taken.',
    'Try again with the chip. If it stays, call the bank’s support and load the terminal’s parameters anew from its menu.',
  ],
  'no-host': [
    'The terminal has no connection to the bank; no money was taken.',
    'Check the terminal’s internet or SIM card, then start a new payment.',
  ],

  'cancelled-at-terminal': [
    'Cancelled at the terminal.',
    'If the customer was told that money was taken, run a settlement (Z report) on the terminal: the bank returns it.',
  ],
  'cancelled-by-till': ['Cancelled from the till.', null],
  'left-queue': ['The till left the queue; nothing was started.', 'Start again if needed.'],
  'refused-by-cashier': ['The cashier did not confirm; the operation was cancelled.', null],

  'terminal-offline': [
    'The terminal is not connected; nothing was started.',
    'Check the terminal’s power, cable and network, then try again.',
  ],
  'terminal-busy-itself': [
    'The terminal is busy with something of its own; nothing was started.',
    'Look at its screen, finish what is open there, and try again.',
  ],
  'terminal-refused': [
    'The terminal did not start the operation.',
    'Read what it shows and try again. If it stays, call the bank’s support.',
  ],
  'journal-full': [
    'The terminal’s journal is full; nothing was started.',
    'Run a settlement (Z report), then repeat the payment.',
  ],
  'out-of-paper': [
    'The terminal is out of paper; nothing was started.',
    'Put in a new roll and try again.',
  ],
  'terminal-keys': [
    'The terminal’s keys are wrong; nothing was started.',
    'Call the bank’s support: only the bank can load keys.',
  ],
  'card-reader': [
    'The terminal could not read the card; nothing was started.',
    'Try the chip or a tap again. If no card can be read, call the bank.',
  ],
  'method-missing': [
    'This terminal’s software cannot do that.',
    'Ask the bank to update it or to switch it on.',
  ],
  'journal-empty': ['The terminal’s journal is empty.', null],
  'original-not-usable': [
    'The operation that the till refers to cannot be used for this.',
    'Check that it was approved, on this terminal, and not taken back already.',
  ],
  'gateway-restarted-before-start': [
    'Tillgate restarted before the start; nothing was sent to the terminal.',
    'Start the payment again.',
  ],
  'gateway-stopping': [
    'Tillgate is stopping; nothing was sent to the terminal.',
    'Wait a minute and start the payment again.',
  ],
  'queue-deadline': [
    'The terminal did not become free in time; nothing was started.',
    'Try again or choose another terminal.',
  ],
  'no-answer-no-money': [
    'The terminal did not answer. This operation moves no money.',
    'Ask again when the terminal is connected.',
  ],
  'never-happened': [
    'The terminal’s journal shows that it never happened; no money was taken.',
    'You can start a new payment.',
  ],

  'lost-answer': [
    'The terminal’s answer was lost; the result is not known.',
    'Do not repeat the payment. Tillgate is checking the terminal’s journal; look at the terminal’s slip too.',
  ],
  'link-cut': [
    'The link to the terminal was cut; the result is not known.',
    'Do not repeat the payment. Check the terminal’s cable and network: Tillgate reads its journal as soon as it is back.',
  ],
  'send-failed': [
    'It is not known whether the request reached the terminal.',
    'Do not repeat the payment. Look at the terminal’s screen and slip; Tillgate is checking its journal.',
  ],
  'deadline-passed': [
    'The terminal did not answer in time; the result is not known.',
    'Do not repeat the payment. Look at the terminal’s screen and slip; Tillgate is checking its journal.',
  ],
  'gateway-restarted': [
    'Tillgate restarted during the operation; the result is not known.',
    'Do not repeat the payment. Tillgate is checking the terminal’s journal; look at the terminal’s slip too.',
  ],
  'unreadable-answer': [
    'The terminal’s answer could not be read; the result is not known.',
    'Do not repeat the payment. Look at the terminal’s slip; Tillgate is checking its journal.',
  ],
  'contradictory-answer': [
    'The terminal’s answer contradicts itself; the result is not known.',
    'Do not repeat the payment. Look at the terminal’s slip; Tillgate is checking its journal.',
  ],
  'unlisted-code': [
    'The terminal answered with an unknown code; the result is not known.',
    'Do not repeat the payment. Look at the terminal’s slip; Tillgate is checking its journal.',
  ],
  'already-complete': [
    'The terminal says that this operation was completed already.',
    'Do not repeat it. Look at the terminal’s slip; Tillgate is checking its journal.',
  ],
  'confirm-lost': [
    'The bank approved, but the confirmation may not have reached the terminal.',
    'Do not repeat the payment and do not hand over the goods. Tillgate is checking the terminal’s journal.',
  ],
  'driver-fault': [
    'A fault in Tillgate during the operation; the result is not known.',
    'Do not repeat the payment. Look at the terminal’s slip and tell the administrator.',
  ],

  'evidence-none-matches': [
    'The terminal’s journal has newer transactions, but none is surely this one.',
    'Do not repeat the payment. Call the supervisor, who compares the slips and decides.',
  ],
  'evidence-several-match': [
    'Several transactions in the terminal’s journal look like this one.',
    'Do not repeat the payment. Call the supervisor, who compares the slips and decides.',
  ],
  'evidence-batch-closed': [
    'A settlement was run on the terminal, so its journal cannot tell the result.',
    'Do not repeat the payment. Call the supervisor: the slip and the bank’s statement show the result.',
  ],
  'evidence-terminal-replaced': [
    'The terminal was replaced; this one has another journal.',
    'Do not repeat the payment. Call the supervisor: the old terminal, the slip or the bank’s statement is needed.',
  ],
  'evidence-journal-empty': [
    'The terminal’s journal is empty and proves nothing.',
    'Do not repeat the payment. Call the supervisor: the slip and the bank’s statement show the result.',
  ],
  'evidence-no-watermark': [
    'The terminal’s journal was not read before the operation; there is nothing to compare with.',
    'Do not repeat the payment. Call the supervisor, who compares the slips and decides.',
  ],
  'evidence-incomplete': [
    'The terminal’s journal could not be read completely yet.',
    'Do not repeat the payment. Wait: Tillgate tries again. If something is open on the terminal’s screen, finish it.',
  ],
};
