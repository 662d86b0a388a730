// One request and its answer, as a pure machine: what an event on the wire means depends only on
// whether our first byte may have left the box.

export type LostCode =
  | 'link-cut'
  | 'send-failed'
  | 'deadline-passed'
  | 'unreadable-answer'
  | 'lost-answer';

export type ExchangeEnding<A> =
  | { kind: 'answered'; answer: A }
  /** The terminal refused to start: busy with something else. */
  | { kind: 'busy' }
  | { kind: 'not-implemented' }
  /** Certain: no byte of it left the box. */
  | { kind: 'not-sent' }
  | { kind: 'lost'; code: LostCode };

export type ExchangeState<A> =
  /** Waits for its turn on the wire. */
  | { kind: 'before' }
  /** The first byte may have left. */
  | { kind: 'sent' }
  | { kind: 'ended'; ending: ExchangeEnding<A> };

export type ExchangeInput<A> =
  | { kind: 'sending' }
  | { kind: 'answer'; answer: A }
  | { kind: 'busy' }
  | { kind: 'not-implemented' }
  /** A frame that may have been our answer and cannot be read. */
  | { kind: 'unreadable' }
  | { kind: 'write-failed' }
  | { kind: 'cut' }
  | { kind: 'deadline' }
  /** The peer stopped to answer anything. */
  | { kind: 'silence' };

/** The next state; an input that means nothing in this state changes nothing. */
export function advance<A>(state: ExchangeState<A>, input: ExchangeInput<A>): ExchangeState<A> {
  switch (state.kind) {
    case 'ended':
      return state;
    case 'before':
      return beforeSending(state, input);
    case 'sent': {
      const ending = endingOf(input);
      return ending === null ? state : { kind: 'ended', ending };
    }
  }
}

/** An answer that comes before the question belongs to nobody. */
function beforeSending<A>(state: ExchangeState<A>, input: ExchangeInput<A>): ExchangeState<A> {
  switch (input.kind) {
    case 'sending':
      return { kind: 'sent' };
    case 'answer':
    case 'busy':
    case 'not-implemented':
    case 'unreadable':
      return state;
    case 'write-failed':
    case 'cut':
    case 'deadline':
    case 'silence':
      return { kind: 'ended', ending: { kind: 'not-sent' } };
  }
}

function endingOf<A>(input: ExchangeInput<A>): ExchangeEnding<A> | null {
  switch (input.kind) {
    case 'answer':
      return { kind: 'answered', answer: input.answer };
    case 'busy':
      return { kind: 'busy' };
    case 'not-implemented':
      return { kind: 'not-implemented' };
    case 'unreadable':
      return { kind: 'lost', code: 'unreadable-answer' };
    case 'write-failed':
      return { kind: 'lost', code: 'send-failed' };
    case 'cut':
      return { kind: 'lost', code: 'link-cut' };
    case 'deadline':
      return { kind: 'lost', code: 'deadline-passed' };
    case 'silence':
      return { kind: 'lost', code: 'lost-answer' };
    case 'sending':
      return null;
  }
}
