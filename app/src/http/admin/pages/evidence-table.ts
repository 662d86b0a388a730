// The evidence after a loss, both sides, field by field.
import type { EvidenceRecord, FieldComparison, FieldName } from '../../../domain/evidence.ts';
import type { Currency } from '../../../domain/money.ts';
import type { Operation, OperationKind } from '../../../domain/operation.ts';
import { KIND_WORDS } from '../../../domain/texts/states.ts';
import { textOf } from '../../../domain/texts/index.ts';
import type { Visit } from '../parts.ts';
import type { TextKey } from '../texts/index.ts';

const FIELDS: Readonly<Record<FieldName, TextKey>> = {
  kind: 'kind',
  amount: 'sum',
  merchant: 'terminalIdLabel',
  time: 'time',
  card: 'card',
  voids: 'voidsInvoice',
  reference: 'reference',
};
const VERDICTS = {
  equal: { key: 'equal', icon: 'good', look: 'good' },
  different: { key: 'different', icon: 'no', look: 'alarm' },
  'not-compared': { key: 'notCompared', icon: 'off', look: 'off' },
} as const satisfies Record<
  FieldComparison['verdict'],
  { key: TextKey; icon: string; look: string }
>;

export function evidenceOf({ evidence, request }: Operation, visit: Visit) {
  if (evidence === null) return null;
  const { t, f, language } = visit;
  const { currency } = request;
  return {
    when: f.when(evidence.at),
    verdict: textOf(evidence.code, language).text,
    decided: evidence.decided,
    sides: sidesOf(evidence, visit),
    entries: evidence.entries.map((entry) => ({
      title: f.fill(t.entryOfJournal, { invoice: entry.invoice ?? '–' }),
      matches: entry.matches,
      verdict: entry.matches ? t.entryMatches : t.entryDiffers,
      fields: entry.fields.map((field) => {
        const { key, icon, look } = VERDICTS[field.verdict];
        return {
          name: t[FIELDS[field.field]],
          ours: shown(field.field, field.ours, currency, visit),
          theirs: shown(field.field, field.theirs, currency, visit),
          badge: { word: t[key], icon, look },
        };
      }),
    })),
  };
}

/** The record holds plain values; several that may be are parted by bars, a time from its end by dots. */
function shown(
  field: FieldName,
  value: string | null,
  currency: Currency,
  { f, language }: Visit,
): string {
  if (value === null || value === '') return '–';
  const each = (separator: string, say: (part: string) => string): string =>
    value
      .split(separator)
      .map((part) => say(part))
      .join(separator);
  switch (field) {
    case 'kind':
      return each(' | ', (part) =>
        Object.hasOwn(KIND_WORDS[language], part)
          ? KIND_WORDS[language][part as OperationKind] // the line above asked
          : part,
      );
    case 'amount':
      return each(' | ', (part) => (/^\d+$/.test(part) ? f.money(Number(part), currency) : part));
    case 'time':
      return each(' … ', (part) => {
        const at = Date.parse(part);
        return Number.isNaN(at) ? part : f.when(at);
      });
    default:
      return value;
  }
}

/** What was known before the sale, and what the terminal told after the loss. */
function sidesOf({ watermark, facts }: EvidenceRecord, { t, f }: Visit) {
  return [
    {
      name: t.readAt,
      before: watermark === null ? '–' : f.when(watermark.readAt),
      after: f.when(facts.readAt),
    },
    { name: t.deviceId, before: watermark?.terminalId ?? '–', after: facts.terminalId ?? '–' },
    { name: t.batch, before: watermark?.batch ?? '–', after: facts.batch ?? '–' },
    { name: t.lastInvoice, before: watermark?.lastInvoice ?? '–', after: facts.lastInvoice ?? '–' },
    { name: t.wasIdle, before: '–', after: facts.idle ? t.yes : t.no },
    { name: t.readWhole, before: '–', after: facts.complete ? t.yes : t.no },
  ];
}
