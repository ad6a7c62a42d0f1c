// The transcendental functions to about 60 digits in fixed-point BigInt: the truth where Math.* is not good enough.
// It refuses extreme arguments: values and results must lie within 2^-100 and 2^60 in magnitude, or be 0.

const bits = 400n;
const one = 1n << bits;

type Fixed = bigint;

/** A finite number, exactly, if it is a multiple of 2^-400. */
export function fixed(x: number): Fixed {
  if (x === 0) return 0n;
  const exponent = Math.floor(Math.log2(Math.abs(x))) - 54;
  const mantissa = BigInt(x / 2 ** exponent);
  const shift = bits + BigInt(exponent);
  return shift >= 0n ? mantissa << shift : mantissa >> -shift;
}

/** The error of a number in units of the last place of the true value, or of `least` if that is larger. */
export function ulps(value: number, truth: Fixed, digits: number, least = 0): number {
  let magnitude = absolute(truth);
  if (magnitude < fixed(least)) magnitude = fixed(least);
  const exponent = magnitude.toString(2).length - Number(bits) - digits;
  const difference = fixed(value) - truth;
  return Math.abs(Number(difference) / 2 ** (Number(bits) + exponent));
}

const mul = (a: Fixed, b: Fixed): Fixed => (a * b) >> bits;
const div = (a: Fixed, b: Fixed): Fixed => (a << bits) / b;
const absolute = (a: Fixed): Fixed => (a < 0n ? -a : a);
/** To the nearest float64, for starting values. */
const rough = (a: Fixed): number => Number(a) / 2 ** Number(bits);

/** Σ term_k with term_0 given and term_k = step(term_(k−1), k), as long as terms count. */
function series(first: Fixed, step: (term: Fixed, k: bigint) => Fixed): Fixed {
  let sum = first;
  let term = first;
  for (let k = 1n; term !== 0n; k++) {
    term = step(term, k);
    sum += term;
  }
  return sum;
}

function arctangentOfInverse(n: bigint): Fixed {
  let power = one / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power = -power / (n * n);
    sum += power / k;
  }
  return sum;
}

/** Machin's formula. */
const pi = 4n * (4n * arctangentOfInverse(5n) - arctangentOfInverse(239n));
const ln2 = logarithmNear(2n * one, Math.LN2);

export function exp(x: Fixed): Fixed {
  const halvings = 16n;
  let value = series(one, (term, k) => mul(term, x >> halvings) / k);
  for (let i = 0n; i < halvings; i++) value = mul(value, value);
  return value;
}

/** log x = y + log(x e^−y) for a near y. */
function logarithmNear(x: Fixed, y: number): Fixed {
  const start = fixed(y);
  const rest = mul(x, exp(-start)) - one;
  let power = rest;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k++) {
    sum += k % 2n === 1n ? power / k : -power / k;
    power = mul(power, rest);
  }
  return start + sum;
}

export function log(x: Fixed): Fixed {
  const shift = BigInt(x.toString(2).length) - bits;
  const fraction = shift >= 0n ? x >> shift : x << -shift;
  // Bits shifted out are put back: the fraction of a float64 has far fewer than `bits`.
  return logarithmNear(fraction, Math.log(rough(fraction))) + shift * ln2;
}

function reduced(x: Fixed): { r: Fixed; n: bigint } {
  const n = (2n * x + pi / 2n) / pi - (2n * x + pi / 2n < 0n ? 1n : 0n);
  return { r: x - (n * pi) / 2n, n: ((n % 4n) + 4n) % 4n };
}

function sineNear(x: Fixed): Fixed {
  return series(x, (term, k) => -mul(mul(term, x), x) / (2n * k * (2n * k + 1n)));
}

function cosineNear(x: Fixed): Fixed {
  return series(one, (term, k) => -mul(mul(term, x), x) / (2n * k * (2n * k - 1n)));
}

export function sin(x: Fixed): Fixed {
  const { r, n } = reduced(x);
  const value = n % 2n === 0n ? sineNear(r) : cosineNear(r);
  return n < 2n ? value : -value;
}

export const cos = (x: Fixed): Fixed => sin(x + pi / 2n);

/** atan x = y + atan(tan(atan x − y)) for a near y. */
function atanQuotient(sine: Fixed, cosine: Fixed, near: number): Fixed {
  const y = fixed(near);
  const [s, c] = [sin(y), cos(y)];
  const t = div(mul(sine, c) - mul(cosine, s), mul(cosine, c) + mul(sine, s));
  const square = mul(t, t);
  let power = t;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = -mul(power, square);
  }
  return y + sum;
}

const erf = (x: Fixed): Fixed => {
  let power = x;
  let sum = x;
  for (let k = 1n; power !== 0n; k++) {
    power = -mul(mul(power, x), x) / k;
    sum += power / (2n * k + 1n);
  }
  const rootOfPi = exp(log(pi) / 2n);
  return div(2n * sum, rootOfPi);
};

/** B_2, B_4, … as fractions, by the recurrence Σ C(n + 1, k) B_k = 0. */
function bernoulli(count: number): Fixed[] {
  const values: Fixed[] = [one, -one / 2n];
  for (let n = 2; n <= 2 * count; n++) {
    let sum = 0n;
    let binomial = 1n;
    for (let k = 0; k < n; k++) {
      sum += binomial * (values[k] ?? 0n);
      binomial = (binomial * BigInt(n + 1 - k)) / BigInt(k + 1);
    }
    values.push(n % 2 === 1 ? 0n : -sum / BigInt(n + 1));
  }
  return values.filter((_, k) => k >= 2 && k % 2 === 0);
}

const numbers = bernoulli(30);

/** log Γ(x) for x > 0, by Stirling's series beyond 40 (NIST DLMF 5.11.1). */
function lgammaOfPositive(x: Fixed): Fixed {
  let moved = x;
  let product = one;
  while (moved < 40n * one) {
    product = mul(product, moved);
    moved += one;
  }
  let sum = mul(moved - one / 2n, log(moved)) - moved + log(2n * pi) / 2n;
  let power = moved;
  for (const [i, number] of numbers.entries()) {
    const k = BigInt(2 * i + 2);
    sum += div(number, power) / (k * (k - 1n));
    power = mul(mul(power, moved), moved);
  }
  return sum - log(product);
}

function lgamma(x: Fixed): Fixed {
  if (x > 0n) return lgammaOfPositive(x);
  return log(div(pi, absolute(sin(mul(pi, x))))) - lgammaOfPositive(one - x);
}

const quotient = (sine: Fixed, cosine: Fixed): Fixed =>
  atanQuotient(sine, cosine, Math.atan2(rough(sine), rough(cosine)));

/** Each function of one or two float64 arguments, exact but for the last few of 400 fractional bits. */
export const precise = {
  exp,
  exp2: (x) => exp(mul(x, ln2)),
  expm1: (x) => exp(x) - one,
  log,
  log2: (x) => div(log(x), ln2),
  log1p: (x) => log(one + x),
  sin,
  cos,
  tan: (x) => div(sin(x), cos(x)),
  tanh: (x) => div(exp(2n * x) - one, exp(2n * x) + one),
  atan: (x) => quotient(x, one),
  atan2: (y, x) => quotient(y, x),
  pow: (x, y) => exp(mul(y, log(x))),
  erf,
  lgamma,
} as const satisfies Record<string, (a: Fixed, b: Fixed) => Fixed>;
