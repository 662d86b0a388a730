// The library's texts are Windows-1251. Decoding needs a Node with full ICU, which Debian's has.

const DECODER = new TextDecoder('windows-1251');
const SUBSTITUTE = 0x3f; // ?

/** Character → byte, from the decoder itself, so that both directions agree. */
const BYTES: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => [DECODER.decode(Uint8Array.of(byte)), byte] as const),
);

/** Throws where this Node cannot read the library's texts; called once at the start. */
export function assertCp1251(): void {
  if (DECODER.decode(Uint8Array.of(0xcf, 0xb3, 0xbf, 0xba)) !== 'Піїє') {
    throw new Error('this Node has no windows-1251: it was built with small ICU');
  }
}

/** The text up to the first NUL. */
export function decodeCp1251(buffer: Uint8Array): string {
  const end = buffer.indexOf(0);
  return DECODER.decode(end < 0 ? buffer : buffer.subarray(0, end));
}

/** NUL-terminated; characters that the code page lacks become question marks. */
export function encodeCp1251(text: string): Uint8Array {
  const characters = Array.from(text);
  const bytes = new Uint8Array(characters.length + 1);
  for (const [index, character] of characters.entries()) {
    const byte = BYTES.get(character) ?? SUBSTITUTE;
    bytes[index] = byte === 0 ? SUBSTITUTE : byte;
  }
  return bytes;
}
