/** Magnitude, sign, rounding and remainders. What is piecewise constant has a zero adjoint. */

import type { Node } from "../graph/node.js";
import * as s from "../scalar/build.js";
import { chain, div, mul, sub } from "./arithmetic.js";
import { binary, unary } from "./elementwise.js";

export const abs = unary("abs", {
  doc: "Magnitude. Its adjoint is 0 at 0.",
  domain: "number",
  notation: "|{x}|",
  body: (x) => (x.dtype === "uint32" ? x : s.abs(x)),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, sign(x))],
});

export const sign = unary("sign", {
  doc: "-1, 0 or 1; NaN for NaN.",
  domain: "number",
  notation: "\\operatorname{sign}({x})",
  body: (x) => {
    const positive = s.select(s.gt(x, 0), 1, x);
    return x.dtype === "uint32" ? positive : s.select(s.lt(x, 0), -1, positive);
  },
  vjp: () => [undefined],
});

export const floor = unary("floor", {
  doc: "The largest integer not above x.",
  domain: "float",
  notation: "\\lfloor {x} \\rfloor",
  body: (x) => s.floor(x),
  vjp: () => [undefined],
});

export const ceil = unary("ceil", {
  doc: "The smallest integer not below x.",
  domain: "float",
  notation: "\\lceil {x} \\rceil",
  body: (x) => s.ceil(x),
  vjp: () => [undefined],
});

export const trunc = unary("trunc", {
  doc: "The integer next to x towards 0.",
  domain: "float",
  notation: "\\operatorname{trunc}({x})",
  body: (x) => s.trunc(x),
  vjp: () => [undefined],
});

export const round = unary("round", {
  doc: "The nearest integer; halves go to the even one.",
  domain: "float",
  notation: "\\operatorname{round}({x})",
  body: (x) => s.round(x),
  vjp: () => [undefined],
});

/** Minus how many times b was taken away from a to leave the rest. */
function wholes(rest: Node, a: Node, b: Node): Node {
  return round(div(sub(rest, a), b));
}

export const mod = binary("mod", {
  doc: "Remainder with the sign of the divisor (NumPy's mod); of integers 0 for a divisor of 0.",
  domain: "number",
  notation: "{a} \\bmod {b}",
  body: (a, b) => {
    const rest = s.rem(a, b);
    if (a.dtype === "uint32") return rest;
    const crosses = s.and(s.ne(rest, 0), s.xor(s.lt(rest, 0), s.lt(b, 0)));
    return s.select(crosses, s.add(rest, b), rest);
  },
  vjp: ({ node, operands: [a, b], adjoint }) => [adjoint, chain(adjoint, wholes(node, a, b))],
});

export const fmod = binary("fmod", {
  doc: "Remainder with the sign of the dividend (C's fmod); of integers 0 for a divisor of 0.",
  domain: "number",
  notation: "\\operatorname{fmod}({a}, {b})",
  body: s.rem,
  vjp: ({ node, operands: [a, b], adjoint }) => [adjoint, chain(adjoint, wholes(node, a, b))],
});
