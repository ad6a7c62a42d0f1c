/** Coefficients as LaTeX. It refuses to round what can be written exactly. */

/** A positive number as a fraction's numerator and denominator, or as a decimal. */
export interface Written {
  readonly over: string;
  /** Absent for 1. */
  readonly under: string | undefined;
}

/** 1/k as a fraction unless it is a short decimal of people, such as 0.05; at most six digits of anything else. */
export function writeNumber(value: number): Written {
  const inverse = Math.round(1 / value);
  const isFraction = value < 1 && Math.abs(inverse * value - 1) < 1e-12;
  if (isFraction && (value >= 0.2 || !/^0\.0*[1-9]$|^\de-\d+$/.test(String(value)))) {
    return { over: "1", under: String(inverse) };
  }
  return { over: decimal(value), under: undefined };
}

/** A number of any sign on its own. */
export function number(value: number): string {
  if (Number.isNaN(value)) return "\\text{NaN}";
  if (value < 0) return `-${number(-value)}`;
  if (value === 0) return "0";
  const { over, under } = writeNumber(value);
  return under === undefined ? over : `\\frac{${over}}{${under}}`;
}

function decimal(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "\\infty";
  if (Number.isInteger(value) && value < 1e9) return String(value);
  const [digits = "", exponent] = String(Number(value.toPrecision(6))).split("e");
  if (exponent === undefined) return digits;
  const power = `10^{${Number(exponent)}}`;
  return digits === "1" ? power : `${digits} \\cdot ${power}`;
}
