/** Special functions on JavaScript numbers in float64. They define what backends must reproduce; they refuse to be fast. */

/** erf by its Maclaurin series for |x| < 2.5 and a continued fraction of erfc beyond (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (magnitude < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  return Math.sign(x) * (1 - complement(magnitude));
}

/** erfc(x) for x ≥ 2.5, by the continued fraction evaluated backwards. */
function complement(x: number): number {
  if (x > 28) return 0;
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

const bernoulli = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** log|Γ(x)|: Stirling's series after shifting x beyond 15, reflection below 0.5 (NIST DLMF 5.11.1, 5.5.3). */
export function lgamma(x: number): number {
  if (Number.isNaN(x) || x === -Infinity) return x === -Infinity ? Infinity : x;
  if (x === Infinity) return x;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) {
    const fraction = x - 2 * Math.floor(x / 2);
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * fraction))) - lgamma(1 - x);
  }
  if (x === 1 || x === 2) return 0;
  let shifted = x;
  let product = 1;
  while (shifted < 15) {
    product *= shifted;
    shifted += 1;
  }
  let series = 0;
  for (const [k, coefficient] of bernoulli.entries()) series += coefficient / shifted ** (2 * k + 1);
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
