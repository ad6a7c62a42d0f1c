// Elementwise operators of PyTorch: arithmetic, powers, exponentials, trigonometry, choice.

import {
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cast,
  ceil,
  clip,
  constant,
  copy,
  cos,
  cosh,
  digamma,
  div,
  equal,
  erf,
  erfc,
  erfinv,
  exp,
  exp2,
  expm1,
  floor,
  fmax,
  fmin,
  fmod,
  greaterEqual,
  hypot,
  isNaN as isNotANumber,
  lerp,
  lgamma,
  log,
  log1p,
  log2,
  log10,
  logAddExp,
  logit,
  maximum,
  minimum,
  mod,
  mul,
  type Node,
  neg,
  polygamma,
  pow,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinc,
  sinh,
  sqrt,
  square,
  sub,
  tan,
  tanh,
  trunc,
  where,
  xlogy,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { binary, type Mapping, type Mappings, op, unary } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

function times(x: Node, factor: number): Node {
  return factor === 1 ? x : mul(x, factor);
}

const difference = op("input other alpha", (a) =>
  sub(a.tensor("input"), times(a.tensor("other"), a.number("alpha", 1))),
);
const reversedDifference = op("input other alpha", (a) =>
  sub(a.tensor("other"), times(a.tensor("input"), a.number("alpha", 1))),
);
const sum = op("input other alpha", (a) =>
  add(a.tensor("input"), times(a.tensor("other"), a.number("alpha", 1))),
);

const quotient = op("input other rounding_mode", (a) => {
  const result = div(a.tensor("input"), a.tensor("other"));
  if (!a.has("rounding_mode")) return result;
  const mode = a.text("rounding_mode");
  if (mode === "floor") return floor(result);
  if (mode === "trunc") return trunc(result);
  throw new UnsupportedError(`rounding_mode ${mode}`);
});

/** A number where there is one, so that a power with a literal exponent is one. */
function exponent(a: Arguments, name: string): Node | number {
  const raw = a.raw(name);
  return raw !== undefined && "value" in raw ? a.number(name) : a.tensor(name);
}

const power = op("input other", (a) => pow(a.tensor("input"), exponent(a, "other")));

const clamp = op("input min max", (a) => {
  const x = a.tensor("input");
  const limit = (name: string): Node | undefined => (a.has(name) ? cast(a.tensor(name), x.dtype) : undefined);
  const [low, high] = [limit("min"), limit("max")];
  if (low !== undefined && high !== undefined) return clip(x, low, high);
  if (low !== undefined) return where(greaterEqual(x, low), x, low);
  return high === undefined ? copy(x) : where(greaterEqual(high, x), x, high);
});

const log2e = Math.LOG2E;

function logit2(x: Node, epsilon: number | undefined): Node {
  return logit(epsilon === undefined ? x : clip(x, epsilon, 1 - epsilon));
}

const ndtr = (x: Node): Node => mul(0.5, erfc(mul(-Math.SQRT1_2, x)));

export const elementwise: Mappings = {
  abs: unary(abs),
  acos: unary(acos),
  acosh: unary(acosh),
  add: sum,
  addcdiv: op("input tensor1 tensor2 value", (a) =>
    add(a.tensor("input"), times(div(a.tensor("tensor1"), a.tensor("tensor2")), a.number("value", 1))),
  ),
  addcmul: op("input tensor1 tensor2 value", (a) =>
    add(a.tensor("input"), times(mul(a.tensor("tensor1"), a.tensor("tensor2")), a.number("value", 1))),
  ),
  asin: unary(asin),
  asinh: unary(asinh),
  atan: unary(atan),
  atan2: binary(atan2),
  atanh: unary(atanh),
  ceil: unary(ceil),
  clamp,
  clamp_max: op("input max", (a) => minimum(a.tensor("input"), a.tensor("max"))),
  clamp_min: op("input min", (a) => maximum(a.tensor("input"), a.tensor("min"))),
  copysign: binary((x, y) => where(greaterEqual(mul(sign(x), sign(y)), 0), x, neg(x))),
  cos: unary(cos),
  cosh: unary(cosh),
  deg2rad: unary((x) => mul(x, Math.PI / 180)),
  digamma: unary(digamma),
  div: quotient,
  erf: unary(erf),
  erfc: unary(erfc),
  erfinv: unary(erfinv),
  exp: unary(exp),
  exp2: unary(exp2),
  expm1: unary(expm1),
  float_power: power,
  floor: unary(floor),
  fmax: binary(fmax),
  fmin: binary(fmin),
  fmod: binary(fmod),
  frac: unary((x) => sub(x, trunc(x))),
  hypot: binary(hypot),
  ldexp: binary((x, y) => mul(x, exp2(y))),
  lerp: op("input end weight", (a) => lerp(a.tensor("input"), a.tensor("end"), a.tensor("weight"))),
  lgamma: unary(lgamma),
  log: unary(log),
  log10: unary(log10),
  log1p: unary(log1p),
  log2: unary(log2),
  logaddexp: binary(logAddExp),
  logaddexp2: binary((x, y) => mul(log2e, logAddExp(mul(Math.LN2, x), mul(Math.LN2, y)))),
  logit: op("input eps", (a) => logit2(a.tensor("input"), a.has("eps") ? a.number("eps") : undefined)),
  masked_fill: op("input mask value", (a) => where(a.tensor("mask"), a.tensor("value"), a.tensor("input"))),
  maximum: binary(maximum),
  minimum: binary(minimum),
  mul: binary(mul),
  mvlgamma: op("input p", (a) => {
    const [x, p] = [a.tensor("input"), a.number("p")];
    const terms = Array.from({ length: p }, (_, k) => lgamma(sub(x, k / 2)));
    return terms.reduce(
      (total, term) => add(total, term),
      constant((p * (p - 1) * Math.log(Math.PI)) / 4, { dtype: "float64" }),
    );
  }),
  nan_to_num: op("input nan posinf neginf", (a) => {
    const x = a.tensor("input");
    const finite = where(isNotANumber(x), a.number("nan", 0), x);
    const upper = where(
      equal(finite, Number.POSITIVE_INFINITY),
      a.number("posinf", Number.MAX_VALUE),
      finite,
    );
    return where(equal(upper, Number.NEGATIVE_INFINITY), a.number("neginf", -Number.MAX_VALUE), upper);
  }),
  neg: unary(neg),
  polygamma: polygammaOf(),
  positive: unary(copy),
  pow: power,
  rad2deg: unary((x) => mul(x, 180 / Math.PI)),
  reciprocal: unary(reciprocal),
  remainder: binary(mod),
  round: op("input decimals", (a) => {
    const scale = 10 ** a.number("decimals", 0);
    return scale === 1 ? round(a.tensor("input")) : div(round(mul(a.tensor("input"), scale)), scale);
  }),
  rsqrt: unary(rsqrt),
  rsub: reversedDifference,
  sigmoid: unary(sigmoid),
  sign: unary(sign),
  sin: unary(sin),
  sinc: unary(sinc),
  sinh: unary(sinh),
  sqrt: unary(sqrt),
  square: unary(square),
  sub: difference,
  tan: unary(tan),
  tanh: unary(tanh),
  true_divide: binary(div),
  trunc: unary(trunc),
  where: op("input condition other", (a) =>
    where(a.tensor("condition"), a.tensor("input"), a.tensor("other")),
  ),
  xlogy: binary(xlogy),
  __radd__: binary((x, y) => add(y, x)),
  __rdiv__: binary((x, y) => div(y, x)),
  __rmod__: binary((x, y) => mod(y, x)),
  __rmul__: binary((x, y) => mul(y, x)),
  __rpow__: binary((x, y) => pow(y, x)),
  __rsub__: binary((x, y) => sub(y, x)),
  "special.entr": unary((x) => neg(xlogy(x, x))),
  "special.log_ndtr": unary((x) => log(ndtr(x))),
  "special.ndtr": unary(ndtr),
  "special.ndtri": unary((p) => mul(Math.SQRT2, erfinv(sub(mul(2, p), 1)))),
  "special.polygamma": polygammaOf(),
  "special.xlog1py": binary((x, y) => xlogy(x, add(y, 1))),
};

/** The order comes first in PyTorch's function, and as the input of the case in its samples. */
function polygammaOf(): Mapping {
  return op("input n", (a) => polygamma(a.tensor("input"), a.number("n")));
}
