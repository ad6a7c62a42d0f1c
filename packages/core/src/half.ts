/** IEEE 754 binary16, which JavaScript has no numbers or, in older engines, no arrays of: as its 16 bits. */

/** The bits of the half nearest to a number, ties to even. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Halves are multiples of 2^-24 below 2^-14, and of 2^(e - 10) from 2^e on.
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.max(magnitude, 2 ** -24))));
  const quotient = magnitude / 2 ** (exponent - 10);
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  const whole = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return sign | (((exponent + 14) << 10) + whole);
}

/** The number that the bits of a half stand for. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
