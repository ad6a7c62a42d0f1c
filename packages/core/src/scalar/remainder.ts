/** Remainders of quotients so large that dividing a few times does not reach them: what `farRemainder` means. */

/** Smaller quotients are near: two divisions of float32 are exact. */
export const farQuotient = 2 ** 47;

export function farRemainder(a: number, b: number): number {
  const [dividend, divisor] = [Math.abs(a), Math.abs(b)];
  const isFar = dividend < Infinity && divisor > 0 && dividend >= divisor * farQuotient;
  return isFar ? dividend % divisor : 0;
}
