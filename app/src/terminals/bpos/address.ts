// How the library reaches the terminal. It opens the line itself, so no byte pipe is involved.
import type { Call } from '../../ports/bank-library.ts';

/** The speed of Telium over USB; true RS-232 terminals say theirs. */
const BAUD_DEFAULT = 115_200;

/** The call that opens this address, or what is wrong with it. */
export function openCallOf(address: string): Call | { readonly issue: string } {
  const text = address.trim();
  const tcp = /^tcp:\/\/(\[[0-9a-f:]+\]|[^:/?#\s]+):(\d{1,5})\/?$/i.exec(text);
  if (tcp !== null) {
    const host = (tcp[1] ?? '').replace(/^\[|\]$/g, '');
    return { name: 'CommOpenTCP', args: [host, tcp[2] ?? ''] };
  }
  const serial = /^serial:\/\/(\/dev\/[^?#\s]+)(?:\?baud=(\d{3,7}))?$/i.exec(text);
  if (serial !== null) {
    return { name: 'CommOpen', args: [decodeURIComponent(serial[1] ?? ''), baudOf(serial[2])] };
  }
  // The stand-in of the demonstration, which asks for no address; no other library is behind it.
  if (/^sim:\/\/bpos(?:\?\S*)?$/i.test(text)) {
    return { name: 'CommOpenTCP', args: ['127.0.0.1', '2000'] };
  }
  const auto = /^auto:(?:\/\/)?(?:\?baud=(\d{3,7}))?$/i.exec(text);
  if (auto !== null) return { name: 'CommOpenAuto', args: [baudOf(auto[1])] };
  return { issue: 'must be tcp://host:port, serial:///dev/…?baud=115200 or auto://' };
}

function baudOf(text: string | undefined): number {
  return text === undefined ? BAUD_DEFAULT : Number(text);
}
