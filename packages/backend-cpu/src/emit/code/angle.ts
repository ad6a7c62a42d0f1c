/** The angles of far arguments, by Payne and Hanek's reduction in integers. It refuses float64. */

import { farthestNear, inverseTurn } from "@adjoint/core/kernel";
import { FunctionBody } from "../../wasm/function.js";
import type { FarOperation } from "./far.js";

type Kind = "sine" | "cosine";

export const angleOf = (kind: Kind): FarOperation => ({
  key: `${kind} angle`,
  arity: 1,
  emit: () => emitAngle(kind),
  pushFar: (body, _, [x = 0]) => {
    body.get(x);
    body.op("f32x4.abs");
    body.f32(farthestNear);
    body.op("f32x4.splat");
    body.op("f32x4.le");
    body.op("v128.not");
  },
});

/** The digits of 1/(2π) from a byte on: three words of four bytes each, the most significant word and byte first. */
const wordBytes = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 0, 0, 0, 0];
/** Far arguments begin with exponents so small that some whole bits are missing before the first digits. */
const digits = Uint8Array.from([0, ...inverseTurn, ...new Array<number>(31 - inverseTurn.length).fill(0)]);

/** A float32 to its angle, as a function of a module. */
function emitAngle(kind: Kind): FunctionBody {
  const body = new FunctionBody({ params: ["f32"], results: ["f32"] });
  body.get(0);
  body.op("f32.abs");
  body.f32(farthestNear);
  body.op("f32.le");
  body.branch(
    "f32",
    () => body.f32(0),
    () => {
      // Of what is not finite, NaN.
      body.get(0);
      body.get(0);
      body.op("f32.sub");
      body.f32(0);
      body.op("f32.eq");
      body.branch(
        "f32",
        () => finiteAngle(body, kind),
        () => {
          body.get(0);
          body.get(0);
          body.op("f32.sub");
        },
      );
    },
  );
  return body;
}

/** Leaves the angle of a far finite argument on the stack: 2^64 units are a turn. */
function finiteAngle(body: FunctionBody, kind: Kind): void {
  const bits = body.local("i32");
  const at = body.local("i32");
  const words = body.local("v128");
  const turn = body.local("i64");
  const factor = body.local("i64");
  body.get(0);
  body.op("i32.reinterpret_f32");
  body.set(bits);
  // x = m · 2^e: whole bytes of e move the digits, the rest of it m, which has 24 bits.
  body.get(bits);
  body.i32(23);
  body.op("i32.shr_u");
  body.i32(0xff);
  body.op("i32.and");
  body.i32(150 - 8);
  body.op("i32.sub");
  body.set(at);
  body.get(bits);
  body.i32(0x7fffff);
  body.op("i32.and");
  body.i32(0x800000);
  body.op("i32.or");
  body.get(at);
  body.i32(7);
  body.op("i32.and");
  body.op("i32.shl");
  body.op("i64.extend_i32_u");
  body.set(factor);
  const lookUp = (table: Uint8Array, shift: number): void => {
    body.v128(table);
    body.get(at);
    body.i32(3);
    body.op("i32.shr_u");
    body.i32(shift);
    body.op("i32.sub");
    body.op("i8x16.splat");
    body.v128(Uint8Array.from(wordBytes));
    body.op("i8x16.add");
    body.op("i8x16.swizzle");
  };
  lookUp(digits.subarray(0, 16), 0);
  lookUp(digits.subarray(16, 32), 16);
  body.op("v128.or");
  body.set(words);
  const product = (lane: number): void => {
    body.get(words);
    body.lane("i32x4.extract_lane", lane);
    body.op("i64.extend_i32_u");
    body.get(factor);
    body.op("i64.mul");
  };
  product(0);
  shifted(body, "i64.shl", 32);
  product(1);
  body.op("i64.add");
  product(2);
  shifted(body, "i64.shr_u", 32);
  body.op("i64.add");
  if (kind === "cosine") {
    quarter(body);
    body.op("i64.add");
  }
  body.set(turn);
  // Half a turn is taken away, and the sign of the sine with it, where the angle lies beyond a quarter.
  const half = body.local("i64");
  body.get(turn);
  quarter(body);
  body.op("i64.add");
  shifted(body, "i64.shr_u", 63);
  body.set(half);
  body.get(turn);
  body.get(half);
  shifted(body, "i64.shl", 63);
  body.op("i64.xor");
  body.op("f64.convert_i64_s");
  body.f64((2 * Math.PI) / 2 ** 64);
  body.op("f64.mul");
  body.op("f32.demote_f64");
  body.op("i32.reinterpret_f32");
  body.get(half);
  body.op("i32.wrap_i64");
  body.i32(31);
  body.op("i32.shl");
  body.op("i32.xor");
  if (kind === "sine") {
    body.get(bits);
    body.i32(0x80000000);
    body.op("i32.and");
    body.op("i32.xor");
  }
  body.op("f32.reinterpret_i32");
}

function quarter(body: FunctionBody): void {
  body.i64(1);
  shifted(body, "i64.shl", 62);
}

function shifted(body: FunctionBody, shift: "i64.shl" | "i64.shr_u", count: number): void {
  body.i64(count);
  body.op(shift);
}
