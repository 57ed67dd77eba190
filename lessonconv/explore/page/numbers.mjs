// Numbers as they are written. Pure functions.

/** A number: whole ones in full up to 99,999, others with so many figures; a true minus. */
export function rounded(value, figures) {
  if (value === null || value === undefined) return "";
  const whole = Number.isInteger(value) && Math.abs(value) < 1e5;
  const digits = whole ? String(value) : Number(value.toPrecision(figures)).toString();
  return Object.is(value, -0) ? "0" : digits.replace("-", "\u2212");
}

/** A number with three figures, unless it is whole. */
export const number = (value) => rounded(value, 3);

/** A factor of a product: negative ones stand in brackets. */
export const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

/** 10 to the power of k, as it is written. */
export const tenTo = (k) => `10${String(k).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻")}`;

/** A number in a sentence: very small and very large ones with a power of ten. */
export function told(value) {
  if (value === null) return "undefined";
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5)) return number(value);
  const [digits, power] = value.toExponential(2).split("e"), front = number(Number(digits));
  return (Math.abs(Number(digits)) === 1 ? front.replace("1", "") : `${front}·`) + tenTo(Number(power));
}

/** A sentence with its numbers: {name} is a number, or a text as it is; {(name)} a factor, in brackets if it is negative. */
export const filled = (sentence, values) =>
  sentence.replace(/\{(\(?)(\w+)\)?\}/g, (_, bracket, name) => {
    const value = values[name];
    return typeof value === "string" ? value : bracket && value < 0 ? `(${told(value)})` : told(value);
  });
