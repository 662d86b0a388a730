// A scripted Concert terminal with its own encoder: ENQ → ACK, frame → ACK, EOT; then it calls back.

const [STX, ETX, EOT, ENQ, ACK, NAK] = [0x02, 0x03, 0x04, 0x05, 0x06, 0x15];
export const REQUEST_BYTES = 37;

/** As the terminal does it, not as our codec does. */
export function frameOf(body: string): number[] {
  const bytes = [...Buffer.from(body, 'latin1'), ETX];
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return [STX, ...bytes, sum];
}

export const CARD = '516815XXXXXX9659   2912'.padEnd(55);
export const answerOf = (
  result: string,
  sum: string,
  report = CARD,
  currency = '980',
  position = '01',
) => `${position}${result}${sum}1${report}${currency}${'0'.repeat(10)}`;
export const YES = answerOf('0', '00001250');

/** Where the terminal's bytes go. */
export interface Answering {
  send(...bytes: readonly number[]): void;
}

export interface Script {
  readonly answer: readonly number[] | null;
  /** Calls that are not answered before the first ACK. */
  readonly deafCalls?: number;
  readonly toFrame?: 'ack' | 'nak' | 'nothing';
  readonly lastEot?: boolean;
}

/** The terminal's side: ENQ → ACK, frame → ACK, EOT; then it calls back with its answer. */
export function terminal(script: Script, requests: string[] = []) {
  let held: number[] = [];
  let calls = 0;
  let called = false;
  return (bytes: readonly number[], wire: Answering): void => {
    held.push(...bytes);
    while (held.length > 0) {
      const [byte] = held;
      if (byte === STX) {
        if (held.length < REQUEST_BYTES) return;
        requests.push(String.fromCharCode(...held.slice(1, 35)));
        held = held.slice(REQUEST_BYTES);
        if (script.toFrame === 'nak') wire.send(NAK);
        else if (script.toFrame !== 'nothing') wire.send(ACK);
        continue;
      }
      held = held.slice(1);
      if (byte === ENQ) {
        calls += 1;
        if (calls > (script.deafCalls ?? 0)) wire.send(ACK);
      }
      if (byte === EOT && requests.length > 0 && !called && script.answer !== null) {
        called = true;
        wire.send(ENQ);
      } else if (byte === ACK && called && script.answer !== null) {
        wire.send(...script.answer);
        if (script.lastEot !== false) wire.send(EOT);
      } else if (byte === NAK && script.answer !== null) wire.send(...script.answer);
    }
  };
}
