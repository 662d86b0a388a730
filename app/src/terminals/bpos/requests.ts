// What a till asks for → which function of the library does it, and what to hold its answer against.
import type { MessageCode } from '../../domain/failures.ts';
import { CURRENCIES, type MinorUnits, minorUnits } from '../../domain/money.ts';
import type {
  Operation,
  OperationKind,
  OperationRequest,
  RequestBody,
} from '../../domain/operation.ts';
import { C_INT_MAX, type Call, type FunctionName } from '../../ports/bank-library.ts';
import type { TerminalSetup } from '../../ports/terminal-driver.ts';
import { ACCOUNTS, TXN_TYPE } from './enumerations.ts';
import type { BposOptions } from './options.ts';

export interface Plan {
  readonly kind: 'plan';
  /** Nothing of these reaches the bank; their return codes do not matter. */
  readonly before: readonly Call[];
  readonly call: Call;
  readonly conclusion: 'money' | 'settlement' | 'plain';
  /** The terminal takes the money back unless we confirm. */
  readonly confirm: boolean;
  readonly amounts: readonly MinorUnits[];
  readonly cashback: { readonly goods: MinorUnits; readonly cash: MinorUnits } | null;
  readonly types: readonly number[];
  readonly merchant: number;
  /** Invoice of the transaction to be voided. */
  readonly voids: string | null;
  readonly reads:
    | 'nothing'
    | 'card'
    | 'balance'
    | 'totals'
    | 'info'
    | 'receipt'
    | 'scenario'
    | 'journal';
  /** The text of a report or receipt is fetched afterwards. */
  readonly receipt: boolean;
  readonly time: 'operation' | 'report' | 'query';
}

export type Planned = Plan | { kind: 'refused'; code: MessageCode; text: string | null };

/** Functions that a kind needs; a library without them does not offer the kind. */
export const FUNCTION_OF_KIND: Readonly<Partial<Record<OperationKind, FunctionName>>> = {
  purchase: 'Purchase',
  refund: 'Refund',
  void: 'Void',
  completion: 'Completion',
  cashback: 'StartScenario',
  deposit: 'Deposit',
  'cash-advance': 'CashAdvance',
  settlement: 'Settlement',
  balance: 'Balance',
  identify: 'IdentifyCard',
  'read-card': 'ReadCard',
  totals: 'GetBatchTotals',
  'settlement-copy': 'PrintLastSettleCopy',
  journal: 'PrintBatchJournal',
  'receipt-copy': 'ReqReceiptByInv',
  'check-host': 'CheckConnection',
  info: 'POSGetInfo',
};

export const FUNCTION_OF_SERVICE: Readonly<Record<string, FunctionName>> = {
  'purchase-service': 'PurchaseService',
  scenario: 'StartScenario',
  'read-bank-card': 'ReadBankCard',
  'ex-transaction': 'POSExTransaction',
};
export const INSTALMENT_PRODUCT = 'instalment';

type BodyOf<K extends RequestBody['kind']> = Extract<RequestBody, { kind: K }>;
type Draft = Pick<Plan, 'call'> & Partial<Plan>;

const NOT_USABLE: Planned = { kind: 'refused', code: 'original-not-usable', text: null };
const MISSING: Planned = { kind: 'refused', code: 'method-missing', text: null };

export function planOf(
  request: OperationRequest,
  original: Operation | null,
  setup: TerminalSetup,
  options: BposOptions,
): Planned {
  const planned = bare(request, original, setup, options);
  if (planned.kind === 'refused') return planned;
  if (planned.amounts.some((sum) => sum > C_INT_MAX)) {
    const text = 'the sum is larger than the library can take';
    return { kind: 'refused', code: 'terminal-refused', text };
  }
  const text = options.printReference ? request.reference : null;
  const prints = text !== null && planned.conclusion === 'money';
  return prints ? { ...planned, before: [{ name: 'SetExtraPrintData', args: [text] }] } : planned;
}

function bare(
  request: OperationRequest,
  original: Operation | null,
  setup: TerminalSetup,
  options: BposOptions,
): Planned {
  const merchant = request.merchant ?? setup.defaultMerchant;
  const currency = CURRENCIES[setup.currency].number;
  const account = ACCOUNTS[options.account];
  const money = (draft: Draft, sum: MinorUnits, type: number): Plan => ({
    ...plan({ conclusion: 'money', amounts: [sum], types: [type], time: 'operation', ...draft }),
    confirm: options.confirm === 'all-but-void',
    receipt: true,
    merchant,
  });
  switch (request.kind) {
    case 'purchase': {
      const { amount, discount } = request;
      const call = { name: 'Purchase', args: [amount, discount, merchant] } as const;
      return sale(money({ call }, amount, TXN_TYPE.purchase));
    }
    case 'refund': {
      const rrn = request.rrn ?? original?.result?.rrn ?? null;
      if (rrn === null) return NOT_USABLE;
      const call = { name: 'Refund', args: [request.amount, 0, merchant, rrn] } as const;
      return sale(money({ call }, request.amount, TXN_TYPE.refund));
    }
    case 'void':
      return voidPlan(request, original, request.merchant, merchant);
    case 'completion': {
      const rrn = request.rrn ?? original?.result?.rrn ?? null;
      const invoice = Number(original?.result?.invoice ?? 0);
      if (rrn === null || !Number.isSafeInteger(invoice)) return NOT_USABLE;
      const call = { name: 'Completion', args: [merchant, request.amount, rrn, invoice] } as const;
      return money({ call }, request.amount, TXN_TYPE.completion);
    }
    case 'cashback':
      return cashbackPlan(request, merchant, options, money);
    case 'deposit': {
      const call = {
        name: 'Deposit',
        args: [merchant, request.amount, currency, account],
      } as const;
      return money({ call }, request.amount, TXN_TYPE.deposit);
    }
    case 'cash-advance': {
      const args = [merchant, request.amount, currency, account] as const;
      return money({ call: { name: 'CashAdvance', args } }, request.amount, TXN_TYPE.cashAdvance);
    }
    case 'instalment': {
      const known = request.product === INSTALMENT_PRODUCT && options.instalmentService !== '';
      if (!known) return MISSING;
      const service = options.instalmentService.replaceAll('{parts}', String(request.parts));
      const call = { name: 'PurchaseService', args: [merchant, request.amount, service] } as const;
      const types = [TXN_TYPE.instalment, TXN_TYPE.purchase];
      return { ...money({ call }, request.amount, TXN_TYPE.instalment), types };
    }
    case 'service':
      return servicePlan(request, merchant, money);
    default:
      return reportPlan(request, merchant, currency, account, options.printReports);
  }
}

/** Always waits for our confirmation, whatever the terminal does with other kinds. */
function sale(planned: Plan): Plan {
  return { ...planned, confirm: true };
}

/** Reports and questions: no sum, and for a report of no merchant that of all. */
function reportPlan(
  request: OperationRequest,
  merchant: number,
  currency: string,
  account: number,
  prints: boolean,
): Planned {
  const all = request.merchant ?? 0;
  switch (request.kind) {
    case 'settlement': {
      const call = { name: 'Settlement', args: [all] } as const;
      const report = { receipt: true, reads: 'totals', time: 'report' } as const;
      return plan({ call, conclusion: 'settlement', ...report });
    }
    case 'totals': {
      const before: Call[] = prints ? [{ name: 'PrintBatchTotals', args: [all] }] : [];
      const call = { name: 'GetBatchTotals', args: [all] } as const;
      return plan({ before, call, reads: 'totals', time: 'report' });
    }
    case 'settlement-copy':
      return printed({ name: 'PrintLastSettleCopy', args: [all] });
    case 'journal':
      return { ...printed({ name: 'PrintBatchJournal', args: [all] }), reads: 'journal' };
    case 'receipt-copy': {
      const call: Call =
        request.invoice === null
          ? { name: 'ReqCurrReceipt', args: [] }
          : { name: 'ReqReceiptByInv', args: [Number(request.invoice), merchant] };
      return plan({ call, reads: 'receipt', time: 'query' });
    }
    case 'balance':
      return plan({
        call: { name: 'Balance', args: [merchant, currency, account] },
        reads: 'balance',
      });
    case 'identify':
      return plan({
        call: { name: 'IdentifyCard', args: [merchant, currency, account] },
        reads: 'card',
      });
    case 'read-card':
      return plan({ call: { name: 'ReadCard', args: [] }, reads: 'card' });
    case 'check-host':
      return plan({ call: { name: 'CheckConnection', args: [merchant] }, time: 'report' });
    case 'info':
      return plan({ call: { name: 'POSGetInfo', args: [] }, reads: 'info', time: 'query' });
    default:
      return MISSING;
  }
}

function plan(draft: Draft): Plan {
  return {
    kind: 'plan',
    before: [],
    conclusion: 'plain',
    confirm: false,
    amounts: [],
    cashback: null,
    types: [],
    merchant: 0,
    voids: null,
    reads: 'nothing',
    receipt: false,
    time: 'operation',
    ...draft,
  };
}

function printed(call: Call): Plan {
  return plan({ call, receipt: true, time: 'report' });
}

function voidPlan(
  request: BodyOf<'void'>,
  original: Operation | null,
  named: number | null,
  merchant: number,
): Planned {
  const voids = request.invoice ?? original?.result?.invoice ?? null;
  const invoice = Number(voids ?? Number.NaN);
  if (voids === null || !Number.isSafeInteger(invoice) || invoice > C_INT_MAX) return NOT_USABLE;
  // The merchant that the original was made under knows the invoice.
  const index = named ?? original?.request.merchant ?? merchant;
  const sum = original?.approvedAmount ?? null;
  return plan({
    call: { name: 'Void', args: [invoice, index] },
    conclusion: 'money',
    amounts: sum === null ? [] : [sum],
    types: [TXN_TYPE.void],
    merchant: index,
    voids,
    receipt: true,
  });
}

/** Scenario and XML of the two banks whose programs are known. */
const CASHBACK_SCENARIOS = {
  2: { cash: 'AddAmount', merchant: 'MerchIdx' },
  6: { cash: 'CashAmount', merchant: 'MerchantId' },
} as const;

function cashbackPlan(
  request: BodyOf<'cashback'>,
  merchant: number,
  options: BposOptions,
  money: (draft: Draft, sum: MinorUnits, type: number) => Plan,
): Plan {
  const scenario = CASHBACK_SCENARIOS[options.cashbackScenario];
  const fields = [
    ['Action', 'CashBack'],
    ['Amount', String(request.amount)],
    [scenario.cash, String(request.cash)],
    [scenario.merchant, String(merchant)],
  ];
  const members = fields.map(([name, text]) => `<${name}>${text}</${name}>`).join('');
  const xml = `<ActionScenarioRequest>${members}</ActionScenarioRequest>`;
  const whole = minorUnits(request.amount + request.cash);
  const call = { name: 'StartScenario', args: [Number(options.cashbackScenario), xml] } as const;
  return {
    ...money({ call }, whole, TXN_TYPE.purchaseWithCashback),
    types: [TXN_TYPE.purchaseWithCashback, TXN_TYPE.cashbackDeposit, TXN_TYPE.purchase],
    cashback: { goods: request.amount, cash: request.cash },
  };
}

function servicePlan(
  request: BodyOf<'service'>,
  merchant: number,
  money: (draft: Draft, sum: MinorUnits, type: number) => Plan,
): Planned {
  const { parameters, amount } = request;
  const types = Object.values(TXN_TYPE);
  switch (request.service) {
    case 'purchase-service': {
      const params = parameters['params'] ?? '';
      if (params === '' || amount === null) return NOT_USABLE;
      const call = { name: 'PurchaseService', args: [merchant, amount, params] } as const;
      return { ...money({ call }, amount, TXN_TYPE.purchase), types };
    }
    case 'scenario': {
      const id = Number(parameters['id'] ?? Number.NaN);
      const xml = parameters['xml'] ?? '';
      if (!Number.isSafeInteger(id) || id < 0 || id > C_INT_MAX || xml === '') return NOT_USABLE;
      const call = { name: 'StartScenario', args: [id, xml] } as const;
      // Without a sum it is taken for one that moves no money.
      return amount === null
        ? plan({ call, reads: 'scenario' })
        : { ...money({ call }, amount, TXN_TYPE.purchase), types };
    }
    case 'read-bank-card':
      return plan({ call: { name: 'ReadBankCard', args: [] }, reads: 'card' });
    case 'ex-transaction':
      return plan({ call: { name: 'POSExTransaction', args: [] }, reads: 'scenario' });
    default:
      return MISSING;
  }
}

/** Sums that the journal may show for this operation. */
export function amountsOf(planned: Plan, operation: Operation): readonly MinorUnits[] {
  const { adjusted } = operation;
  const goods = planned.cashback?.goods;
  return [
    ...planned.amounts,
    ...(goods === undefined ? [] : [goods]),
    ...(adjusted === null ? [] : [adjusted.amount]),
  ];
}
