/** Remainders of far quotients, one bit of the quotient after the other: every difference is exact. */

import { farQuotient } from "@adjoint/core/kernel";
import { FunctionBody } from "../../wasm/function.js";
import type { FarOperation } from "./far.js";

export const remainderOfFar: FarOperation = {
  key: "far remainder",
  arity: 2,
  emit: (dtype) => emitRemainder(dtype === "float64" ? "f64" : "f32"),
  pushFar: (body, dtype, [a = 0, b = 0]) => {
    const shape = dtype === "float64" ? "f64x2" : "f32x4";
    body.get(b);
    body.op(`${shape}.abs`);
    body[dtype === "float64" ? "f64" : "f32"](farQuotient);
    body.op(`${shape}.splat`);
    body.op(`${shape}.mul`);
    body.get(a);
    body.op(`${shape}.abs`);
    body.op(`${shape}.le`);
    // There is no remainder by 0.
    body.get(b);
    body.v128(new Uint8Array(16));
    body.op(`${shape}.ne`);
    body.op("v128.and");
  },
};

function emitRemainder(type: "f32" | "f64"): FunctionBody {
  const body = new FunctionBody({ params: [type, type], results: [type] });
  const rest = body.local(type);
  const divisor = body.local(type);
  const multiple = body.local(type);
  const magnitude = (parameter: number, into: number): void => {
    body.get(parameter);
    body.op(`${type}.abs`);
    body.set(into);
  };
  const compare = (a: () => void, order: "lt" | "le", b: () => void): void => {
    a();
    b();
    body.op(`${type}.${order}`);
  };
  magnitude(0, rest);
  magnitude(1, divisor);
  const far = (): void => {
    body.get(divisor);
    body[type](farQuotient);
    body.op(`${type}.mul`);
  };
  compare(far, "le", () => body.get(rest));
  compare(
    () => body.get(rest),
    "lt",
    () => body[type](Infinity),
  );
  body.op("i32.and");
  compare(
    () => body[type](0),
    "lt",
    () => body.get(divisor),
  );
  body.op("i32.and");
  body.branch(
    type,
    () => {
      body.get(divisor);
      body.set(multiple);
      const doubled = (): void => {
        body.get(multiple);
        body.get(multiple);
        body.op(`${type}.add`);
      };
      body.loop(() => {
        doubled();
        body.set(multiple);
        compare(doubled, "le", () => body.get(rest));
      });
      body.loop(() => {
        compare(
          () => body.get(multiple),
          "le",
          () => body.get(rest),
        );
        body.branch(undefined, () => {
          body.get(rest);
          body.get(multiple);
          body.op(`${type}.sub`);
          body.set(rest);
        });
        body.get(multiple);
        body[type](0.5);
        body.op(`${type}.mul`);
        body.set(multiple);
        compare(
          () => body.get(divisor),
          "le",
          () => body.get(multiple),
        );
      });
      body.get(rest);
    },
    () => body[type](0),
  );
  return body;
}
