// The terminal's own text form of money; kopecks inside.

/** Two digits after `.` or `,`; null where the terminal would answer 1000. */
export function readAmount(text: string): number | null {
  const match = /^(\d{1,10})[.,](\d{2})$/.exec(text);
  return match === null ? null : Number(`${match[1]}${match[2]}`);
}

export function writeAmount(kopecks: number, separator: '.' | ','): string {
  return `${Math.trunc(kopecks / 100)}${separator}${String(kopecks % 100).padStart(2, '0')}`;
}
