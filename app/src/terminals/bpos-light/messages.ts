// B-POS light on the wire: STX, length (two bytes, big-endian), text `KEY=value;…`, XOR of the text.

export const CONTROL = { stx: 0x02, eot: 0x04, ack: 0x06, nak: 0x15 } as const;

/** The length field could say more; the longest known answer has some 200 characters. */
export const DATA_BYTES_MAX = 4_096;

export type Fields = Readonly<Record<string, string>>;

export function encodeFrame(fields: readonly (readonly [string, string])[]): Uint8Array {
  const text = fields.map(([name, value]) => `${name}=${value};`).join('');
  const data = Buffer.from(text, 'latin1');
  if (data.length > DATA_BYTES_MAX) throw new RangeError('the request is too long');
  return Uint8Array.of(CONTROL.stx, data.length >> 8, data.length & 0xff, ...data, checksum(data));
}

export function checksum(data: Uint8Array): number {
  return data.reduce((sum, byte) => sum ^ byte, 0);
}

/**
 * The fields of a frame's data; null where it is not of this form. Some programs fill the text up
 * with NULs, which change neither checksum nor meaning.
 */
export function decodeData(data: Uint8Array): Fields | null {
  const text = Buffer.from(data).toString('latin1').replace(/\0+$/, '');
  const fields: [string, string][] = [];
  for (const part of text.split(';')) {
    if (part === '') continue;
    const match = /^([A-Z][A-Z0-9_]*)=([^\0]*)$/.exec(part);
    if (match === null) return null;
    fields.push([match[1] ?? '', match[2] ?? '']);
  }
  const names = new Set(fields.map(([name]) => name));
  // A name that comes twice contradicts itself.
  return fields.length > 0 && names.size === fields.length ? Object.fromEntries(fields) : null;
}
