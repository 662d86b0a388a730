// What the terminal prints: JSON behind base64, with sums that have a decimal comma.

export interface Paper {
  readonly kind: 'sale' | 'refund' | 'reversal';
  readonly amount: number;
  readonly currency: string;
  readonly approvalCode: string | null;
  readonly pan: string;
  readonly scheme: string;
  readonly signature: boolean;
  readonly number: number;
  readonly shop: string;
  /** ISO with a zone. */
  readonly at: string;
}

export function receiptText(paper: Paper, copy: 'Merchant' | 'Cardholder'): string {
  const sum = `${Math.floor(paper.amount / 100)},${String(paper.amount % 100).padStart(2, '0')}`;
  const masked = `${'*'.repeat(12)}${paper.pan.slice(-4)}`;
  const head = `${paper.pan.slice(0, 6)}******${paper.pan.slice(-4)}`;
  const document = {
    [copy]: {
      Mandatory: {
        Acquirer: { CardAcceptorNumber: '10020001', TerminalID: '877888' },
        CardAcceptor: {
          Name: paper.shop,
          Address1: 'Storgatan 1',
          PostZipCode: '111 22',
          TownCity: 'Malmö',
          OrganisationNumber: '556000-0000',
        },
        CardDetails: {
          ApplicationIdentifier: 'A0000000041010',
          CardSchemeName: { ApplicationLabel: paper.scheme },
          PrimaryAccountNumber: copy === 'Merchant' ? head : masked,
        },
        Outcome: {
          ApprovalCode: paper.approvalCode ?? '',
          AuthorisationResponseCode: paper.approvalCode === null ? '05' : '00',
          DebitStatus: paper.kind === 'reversal' ? '91' : '00',
        },
        Payment: {
          Currency: paper.currency,
          PaymentAmount: sum,
          TotalAmount: sum,
          ReceiptNumber: String(paper.number),
          SignatureBlock: paper.signature && copy === 'Merchant',
          TransactionType: TYPES[paper.kind],
        },
        TimeStamp: { DateOfPayment: paper.at.slice(0, 10), TimeOfPayment: paper.at.slice(11, 16) },
      },
      Optional: {
        ReceiptString: paper.kind === 'reversal' ? ['Makulering'] : ['Behåll kvittot'],
      },
    },
  };
  return Buffer.from(JSON.stringify(document), 'utf8').toString('base64');
}

const TYPES = { sale: 'KÖP', refund: 'RETUR', reversal: 'MAKULERING' } as const;
