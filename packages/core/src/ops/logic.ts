/** Logical and bitwise operations, and tests for numbers that are none. Nothing here is differentiable. */

import * as s from "../scalar/build.js";
import { binary, unary } from "./elementwise.js";

export const logicalAnd = binary("logicalAnd", {
  doc: "Whether both hold.",
  domain: "bool",
  notation: "{a} \\land {b}",
  body: s.and,
});

export const logicalOr = binary("logicalOr", {
  doc: "Whether either holds.",
  domain: "bool",
  notation: "{a} \\lor {b}",
  body: s.or,
});

export const logicalXor = binary("logicalXor", {
  doc: "Whether exactly one holds.",
  domain: "bool",
  notation: "{a} \\oplus {b}",
  body: s.xor,
});

export const logicalNot = unary("logicalNot", {
  doc: "Whether it does not hold.",
  domain: "bool",
  notation: "\\lnot {x}",
  body: (x) => s.not(x),
});

export const bitwiseAnd = binary("bitwiseAnd", {
  doc: "The bits set in both.",
  domain: "integer",
  notation: "{a} \\mathbin{\\&} {b}",
  body: s.and,
});

export const bitwiseOr = binary("bitwiseOr", {
  doc: "The bits set in either.",
  domain: "integer",
  notation: "{a} \\mathbin{|} {b}",
  body: s.or,
});

export const bitwiseXor = binary("bitwiseXor", {
  doc: "The bits set in exactly one.",
  domain: "integer",
  notation: "{a} \\oplus {b}",
  body: s.xor,
});

export const bitwiseNot = unary("bitwiseNot", {
  doc: "The bits not set.",
  domain: "integer",
  notation: "\\mathord{\\sim} {x}",
  body: (x) => s.xor(x, x.dtype === "uint32" ? 0xffffffff : -1),
});

export const leftShift = binary("leftShift", {
  doc: "a · 2^b modulo 2^32; b is taken modulo 32.",
  domain: "integer",
  notation: "{a} \\ll {b}",
  body: s.shl,
});

export const rightShift = binary("rightShift", {
  doc: "a shifted by b bits to the right, keeping the sign of an int32; b is taken modulo 32.",
  domain: "integer",
  notation: "{a} \\gg {b}",
  body: s.shr,
});

const notNumber = unary("isNaN", {
  doc: "Whether x is not a number.",
  domain: "float",
  result: "bool",
  notation: "[{x} \\ne {x}]",
  body: (x) => s.ne(x, x),
});

const finite = unary("isFinite", {
  doc: "Whether x is neither infinite nor NaN.",
  domain: "float",
  result: "bool",
  notation: "[|{x}| < \\infty]",
  body: (x) => s.lt(s.abs(x), Number.POSITIVE_INFINITY),
});

const infinite = unary("isInfinite", {
  doc: "Whether x is positive or negative infinity.",
  domain: "float",
  result: "bool",
  notation: "[|{x}| = \\infty]",
  body: (x) => s.eq(s.abs(x), Number.POSITIVE_INFINITY),
});

export { finite as isFinite, infinite as isInfinite, notNumber as isNaN };
