/** Special functions on JavaScript numbers in float64. They define what backends must reproduce; they refuse to be fast. */

const twoOverRootOfPiLessOne = 0.12837916709551256;

/**
 * erf by its Maclaurin series for |x| < 1 and a continued fraction of erfc beyond (Abramowitz & Stegun 7.1.5, 7.1.14).
 * The relative error is below 1e-15.
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (magnitude >= 1) return Math.sign(x) * (1 - complement(magnitude));
  let sum = 0;
  for (let n = 30; n >= 0; n--) sum = 1 / (2 * n + 1) - ((x * x) / (n + 1)) * sum;
  const unscaled = x * sum;
  return unscaled + twoOverRootOfPiLessOne * unscaled;
}

/** erfc(x) for x ≥ 1, by the continued fraction evaluated backwards. */
function complement(x: number): number {
  if (x > 28) return 0;
  let fraction = x;
  for (let k = 300; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** ζ(k) − 1 for k ≥ 2. */
const zetas = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
  0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5,
  3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6,
  9.539620338727962e-7, 4.769329867878064e-7, 2.38450502727733e-7, 1.1921992596531106e-7,
  5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8, 7.45071178983543e-9,
  3.725334024788457e-9, 1.862659723513049e-9, 9.313274324196682e-10,
];

const oneLessGamma = 0.42278433509846713;

const bernoulli = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** log Γ(2 + z) for |z| ≤ ½, by its Maclaurin series: relatively accurate at its zero (NIST DLMF 5.7.3 and 5.5.1). */
function aboutTwo(z: number): number {
  let sum = 0;
  for (let k = zetas.length - 1; k >= 0; k--) sum = (zetas[k] ?? 0) / (k + 2) - z * sum;
  return z * (oneLessGamma + z * sum);
}

/** log Γ(x) for x ≥ 10, by Stirling's series (NIST DLMF 5.11.1). */
function stirling(x: number): number {
  let series = 0;
  for (const [k, coefficient] of bernoulli.entries()) series += coefficient / x ** (2 * k + 1);
  return (x - 0.5) * (Math.log(x) - 1) + 0.5 * (Math.log(2 * Math.PI) - 1) + series;
}

/**
 * log|Γ(x)|, ∞ at the poles: a series about 2, to which x is moved by Γ(x + 1) = x Γ(x); Stirling's series from 10
 * on; reflection left of −½ (NIST DLMF 5.5.3). The relative error is below 1e-15, but left of −2, where log|Γ| has
 * zeros between poles, the error is of that order relative to log Γ(−x).
 */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) === Infinity || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x <= -0.5) {
    const sine = Math.sin(Math.PI * Math.abs(x - Math.round(x)));
    return Math.log(Math.PI / (-x * sine)) - lgamma(-x);
  }
  if (x < 0.5) return aboutTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (x < 1.5) return aboutTwo(x - 1) - Math.log(x);
  if (x >= 10) return stirling(x);
  let moved = x;
  let product = 1;
  while (moved > 2.5) {
    moved -= 1;
    product *= moved;
  }
  return aboutTwo(moved - 2) + Math.log(product);
}
