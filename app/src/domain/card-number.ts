// ISO/IEC 7812: the last digit of a card's number is a check digit.

/** `digits` holds nothing but digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const weighted = Number(digits.at(-1 - place)) * (place % 2 === 0 ? 1 : 2);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
