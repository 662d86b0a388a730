// A QR code of half blocks: two rows of modules in one row of text, light on dark.
import { encode } from 'uqr';

/**
 * Screens are dark, so light modules are drawn and dark ones left out. One module of border: the
 * four that the standard asks for do not fit 24 rows, and readers of telephones do with one.
 */
export function qrLines(text: string): string[] {
  const { data, size } = encode(text, { ecc: 'L', border: 1 });
  const light = (row: number, column: number): boolean => data[row]?.[column] === false;
  return Array.from({ length: Math.ceil(size / 2) }, (_, at) =>
    Array.from({ length: size }, (_unused, column) => {
      const [upper, lower] = [light(2 * at, column), light(2 * at + 1, column)];
      if (upper) return lower ? '█' : '▀';
      return lower ? '▄' : ' ';
    }).join(''),
  );
}
