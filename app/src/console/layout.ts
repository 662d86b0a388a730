// Text on 80×24: breaking lines, and two columns side by side.

/** What a serial terminal has without being asked. */
export const SCREEN = { columns: 80, rows: 24 } as const;

/** Breaks lines at blanks; a word that is wider than the width is cut. Control characters go. */
export function fitLines(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) => fitLine(line.replace(/\p{Cc}/gu, ' '), width));
}

function fitLine(line: string, width: number): string[] {
  const result: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const at = blank > width / 2 ? blank : width;
    result.push(rest.slice(0, at));
    rest = rest.slice(at).replace(/^ /, '');
  }
  result.push(rest);
  return result;
}

/** `right` stands at the right edge; `left` is broken to what remains beside it. */
export function besides(left: readonly string[], right: readonly string[]): string[] {
  const rightWidth = Math.max(0, ...right.map((line) => line.length));
  const leftWidth = SCREEN.columns - 1 - rightWidth - 1;
  const broken = fitLines(left, leftWidth);
  return Array.from({ length: Math.max(broken.length, right.length) }, (_, at) => {
    const beside = right[at] ?? '';
    const text = broken[at] ?? '';
    return beside === '' ? text : `${text.padEnd(leftWidth)} ${beside}`;
  });
}
