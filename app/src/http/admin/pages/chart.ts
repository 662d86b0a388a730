// Two weeks of turnover as bars of an SVG that the server draws.
import type { Currency } from '../../../domain/money.ts';
import type { LocalDate } from '../../../domain/days.ts';
import type { Visit } from '../parts.ts';

/** About as wide as it is drawn, so that its letters keep their size. */
const WIDTH = 420;
const HEIGHT = 172;
const BASE = 130;
const TOP = 8;
const GAP = 0.28;

export function chartOf(
  days: readonly { readonly date: LocalDate; readonly amount: number }[],
  currency: Currency,
  { f }: Visit,
) {
  const most = Math.max(1, ...days.map(({ amount }) => amount));
  const step = WIDTH / days.length;
  const width = step * (1 - GAP);
  const bars = days.map(({ date, amount }, at) => {
    // Noon: the day has this name in every zone.
    const noon = Date.parse(`${date}T12:00:00Z`);
    const share = Math.max(0, amount) / most;
    const height = share === 0 ? 0 : Math.max(2, share * (BASE - TOP));
    return {
      x: round(at * step + (step - width) / 2),
      y: round(BASE - height),
      width: round(width),
      height: round(height),
      middle: round(at * step + step / 2),
      day: String(Number(date.slice(8))),
      weekday: f.weekday(noon),
      label: f.shortDay(noon),
      money: f.money(amount, currency),
      last: at === days.length - 1,
    };
  });
  const [dayAt, weekdayAt] = [BASE + 18, BASE + 34];
  return {
    width: WIDTH,
    height: HEIGHT,
    base: BASE,
    dayAt,
    weekdayAt,
    most: f.money(most, currency),
    bars,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
