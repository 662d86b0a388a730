// Every event of an operation with its time, in the reader's words.
import type { OperationEvent } from '../../../domain/event.ts';
import type { Operation } from '../../../domain/operation.ts';
import { textOf } from '../../../domain/texts/index.ts';
import { STATE_WORDS } from '../../../domain/texts/states.ts';
import type { StoredEvent } from '../../../ports/ledger.ts';
import type { Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';

interface Line {
  readonly look: 'good' | 'working' | 'alarm' | 'off' | 'plain';
  readonly text: string;
  readonly detail: string | null;
}

export function timelineOf(events: readonly StoredEvent[], operation: Operation, visit: Visit) {
  const first = events[0]?.event.at ?? operation.createdAt;
  return events.map(({ seq, event, hash }) => ({
    seq,
    hash: hash.slice(0, 12),
    time: visit.f.time(event.at),
    after: `+${visit.f.number(Math.round((event.at - first) / 100) / 10)}`,
    ...lineOf(event, visit),
  }));
}

function lineOf(event: OperationEvent, visit: Visit): Line {
  const { t, f, language, nameOf } = visit;
  switch (event.kind) {
    case 'accepted':
      return plain(f.fill(t.evAccepted, { who: nameOf(event.askedBy) }));
    case 'queued':
      return { look: 'working', text: t.evQueued, detail: null };
    case 'started':
      return { look: 'working', text: t.evStarted, detail: watermarkText(event.watermark, visit) };
    case 'display':
      return plain(event.text === '' ? event.status : phrase(event.text, language), t.evDisplay);
    case 'card-seen':
      return plain(f.fill(t.evCard, { mask: event.cardMask }));
    case 'cancel-requested':
      return plain(f.fill(t.evCancel, { who: nameOf(event.by) }));
    case 'asked':
      return { look: 'working', text: t.evAsked, detail: null };
    case 'answered':
      return plain(f.fill(t.evAnswered, { who: nameOf(event.by) }));
    case 'unanswered':
      return plain(t.evUnanswered);
    case 'confirming':
      return { look: 'working', text: t.evConfirming, detail: null };
    case 'concluded':
      return outcomeLine(event.outcome, visit);
    case 'lost':
      return {
        look: 'alarm',
        text: textOf(event.code, language).text,
        detail: said(event.terminalText, visit),
      };
    case 'examined':
      return {
        look: 'alarm',
        text: t.evExamined,
        detail: textOf(event.record.code, language).text,
      };
    case 'resolved': {
      const line = outcomeLine(event.outcome, visit);
      return { ...line, text: f.fill(t.evResolved, { state: line.text }) };
    }
    case 'reversed':
      return { look: 'off', text: f.fill(t.evReversed, { id: event.by }), detail: null };
  }
}

function outcomeLine(
  outcome: Extract<OperationEvent, { kind: 'concluded' }>['outcome'],
  visit: Visit,
): Line {
  const { language } = visit;
  const { text } = textOf(outcome.code, language);
  const detail = outcome.kind === 'approved' ? null : said(outcome.terminalText, visit);
  return {
    look: outcome.kind === 'approved' ? 'good' : 'off',
    // The text of a plain approval is the state's own word.
    text: outcome.code === 'approved' ? text : `${STATE_WORDS[language][outcome.kind]}: ${text}`,
    detail,
  };
}

function watermarkText(
  watermark: Extract<OperationEvent, { kind: 'started' }>['watermark'],
  { t, f }: Visit,
): string | null {
  if (watermark === null) return null;
  const invoice = watermark.lastInvoice ?? t.nothing;
  return f.fill(t.evWatermark, { invoice, when: f.time(watermark.readAt) });
}

function said(text: string | null, { language }: Visit): string | null {
  return text === null ? null : phrase(text, language);
}

function plain(text: string, detail: string | null = null): Line {
  return { look: 'plain', text, detail };
}
