// The end of an exchange: the reply, and what the armed faults make of it on its way.
import { writeAmount } from './amounts.ts';
import { hostText } from './cards.ts';
import { type Device, type Exchange, IDLE_SCREEN } from './device.ts';
import { encodeReply, type Reply, serviceReply } from './frames.ts';

/** Ends the exchange and sends its reply, changed, delayed or lost as the faults say. */
export function answer(device: Device, exchange: Exchange, reply: Reply, screen: string): void {
  device.endExchange(exchange, screen || IDLE_SCREEN);
  const { faults, connection } = exchange;
  if (faults.has('reply-lost')) return;
  if (faults.has('reply-lost-link-closed')) {
    device.drop(connection);
    return;
  }
  const changed = changeReply(exchange, reply);
  const straySpaces = faults.has('stray-spaces');
  const { descriptionKey } = device.profile;
  const bytes = encodeReply(changed, { descriptionKey, straySpaces });
  if (faults.has('late-answer')) {
    device.clock.after(device.profile.lateAnswerMs, () => {
      if (device.active !== null) device.sendBytes(device.active, bytes);
    });
    return;
  }
  deliver(device, exchange, bytes);
}

/** Ended by the customer, the till, or the terminal's own patience. */
export function cancelled(device: Device, exchange: Exchange): void {
  const reply = errorReply(exchange.method, '1001', hostText('1001'));
  answer(device, exchange, reply, 'Операцію скасовано');
}

/** A refusal or a failure with the code alone, as the firmware words it. */
export function errorReply(method: string, code: string, description: string): Reply {
  return {
    method,
    params: { responseCode: code },
    error: true,
    description,
    alphabetical: code === '1001',
  };
}

/** Changes what the reply says; the journal keeps the truth. */
function changeReply(exchange: Exchange, reply: Reply): Reply {
  const { faults } = exchange;
  let { params, error } = reply;
  const say = (fields: Record<string, string>): void => {
    params = { ...params, ...fields };
  };
  if (faults.has('contradictory')) error = false;
  if (faults.has('contradictory-error')) error = true;
  if (faults.has('contradictory-status')) {
    say({ responseCode: '0000', trnStatus: '2' });
    error = false;
  }
  if (faults.has('contradictory-unsigned')) say({ rrn: '', approvalCode: '' });
  if (faults.has('wrong-amount')) say({ amount: oneMore(params['amount'] ?? '0.00') });
  if (faults.has('unlisted-code-approved')) {
    say({ responseCode: '0777' });
    error = true;
  }
  if (faults.has('already-complete')) {
    params = { responseCode: '1008' };
    error = true;
  }
  if (faults.has('code-only')) params = { responseCode: params['responseCode'] ?? '' };
  return { ...reply, params, error };
}

function oneMore(amount: string): string {
  const kopecks = Number(amount.replace(/[.,]/, '')) + 100;
  return writeAmount(kopecks, amount.includes(',') ? ',' : '.');
}

/** One of the specification's own dumps: an unquoted `00` and an object that is never closed. */
const GARBAGE = Buffer.from('{"method":"PingDevice","step":0,"params":{"code":00,\0', 'utf8');

/** Changes how the bytes arrive. */
function deliver(device: Device, exchange: Exchange, bytes: Uint8Array): void {
  const { faults, connection } = exchange;
  const half = Math.trunc(bytes.length / 2);
  if (faults.has('garbage-reply')) {
    device.sendBytes(connection, GARBAGE);
    return;
  }
  if (faults.has('garbage-frame')) device.sendBytes(connection, GARBAGE);
  if (faults.has('cut-frame') || faults.has('cut-frame-silent')) {
    device.sendBytes(connection, bytes.subarray(0, half));
    if (faults.has('cut-frame')) device.drop(connection);
    return;
  }
  if (faults.has('glued-frames')) {
    const { descriptionKey } = device.profile;
    const status = serviceReply('getLastStatMsgCode', { LastStatMsgCode: '10' });
    const service = encodeReply(status, { descriptionKey, straySpaces: false });
    const glued = Buffer.concat([service, bytes, service]);
    // Odd places: inside the first frame, then inside a two-byte letter or close to it.
    const [first, second] = [7, service.length + half + (half % 2)];
    device.sendBytes(connection, glued.subarray(0, first));
    device.sendBytes(connection, glued.subarray(first, second));
    device.sendBytes(connection, glued.subarray(second));
    return;
  }
  if (faults.has('split-frame')) {
    for (const byte of bytes) device.sendBytes(connection, Uint8Array.of(byte));
    return;
  }
  device.sendBytes(connection, bytes);
  if (faults.has('duplicate-frame')) device.sendBytes(connection, bytes);
}
