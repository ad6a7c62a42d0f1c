/**
 * Scalar expressions: the bodies of loops, as immutable graphs over the closed operation set.
 * `L` is the kind of leaves: a graph op's body reads arguments and coordinates, a kernel's reads memory.
 */

import { type DType, dtypes } from "../dtype.js";
import { DTypeError } from "../errors.js";
import { type ScalarOp, scalarOperations } from "./operations.js";

export interface Constant {
  readonly kind: "constant";
  readonly dtype: DType;
  readonly value: number;
}

/** The element of operand `index` at this point of the loop nest. */
export interface Argument {
  readonly kind: "argument";
  readonly dtype: DType;
  readonly index: number;
}

/** The position on iteration axis `axis` at this point of the loop nest, as int32. */
export interface Coordinate {
  readonly kind: "coordinate";
  readonly dtype: "int32";
  readonly axis: number;
}

export interface Operation<L> {
  readonly kind: "operation";
  readonly op: ScalarOp;
  readonly dtype: DType;
  readonly inputs: readonly Scalar<L>[];
}

export type BodyLeaf = Argument | Coordinate;

export type Scalar<L = BodyLeaf> = Constant | L | Operation<L>;

/** What every scalar has, whatever its leaves. */
interface Typed {
  readonly dtype: DType;
}

export function constant(value: number, dtype: DType): Constant {
  return { kind: "constant", dtype, value };
}

export function argument(index: number, dtype: DType): Argument {
  return { kind: "argument", dtype, index };
}

export function coordinate(axis: number): Coordinate {
  return { kind: "coordinate", dtype: "int32", axis };
}

const domains = {
  float: (dtype) => dtypes[dtype].kind === "float",
  number: (dtype) => dtype !== "bool",
  integer: (dtype) => dtypes[dtype].kind === "integer",
  integerOrBool: (dtype) => dtypes[dtype].kind !== "float",
  bool: (dtype) => dtype === "bool",
  any: () => true,
} as const satisfies Record<string, (dtype: DType) => boolean>;

/**
 * A checked operation node; `dtype` only for casts.
 * @throws DTypeError when the operands do not fit the operation.
 */
export function operation<L extends Typed>(
  op: ScalarOp,
  inputs: readonly Scalar<L>[],
  dtype?: DType,
): Operation<L> {
  const { arity, domain, result } = scalarOperations[op];
  const values = op === "select" ? inputs.slice(1) : inputs;
  const operandDType = values[0]?.dtype ?? "bool";
  const fits =
    inputs.length === arity &&
    values.every((input) => input.dtype === operandDType && domains[domain](input.dtype)) &&
    (op !== "select" || inputs[0]?.dtype === "bool");
  if (!fits) {
    const found = inputs.map((input) => input.dtype).join(", ");
    throw new DTypeError(`Scalar ${op} takes ${arity} operands of one ${domain} dtype, not (${found}).`, op);
  }
  const resultDType = result === "bool" ? "bool" : result === "same" ? operandDType : (dtype ?? operandDType);
  return { kind: "operation", op, dtype: resultDType, inputs };
}

/**
 * The same expression with every leaf replaced; shared subexpressions stay shared.
 * Iterative over an explicit stack, so that depth is bounded by memory alone.
 */
export function substitute<A extends Typed & { readonly kind: string }, B extends Typed>(
  root: Scalar<A>,
  replace: (leaf: A) => Scalar<B>,
  done: Map<Scalar<A>, Scalar<B>> = new Map(),
): Scalar<B> {
  for (const scalar of postorder(root)) {
    if (done.has(scalar)) continue;
    if (isOperation(scalar)) {
      const inputs = scalar.inputs.map((input) => lookUp(done, input));
      done.set(scalar, { kind: "operation", op: scalar.op, dtype: scalar.dtype, inputs });
    } else done.set(scalar, isConstant(scalar) ? scalar : replace(scalar));
  }
  return lookUp(done, root);
}

function lookUp<K, V>(map: Map<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error("a scalar is visited after its inputs");
  return value;
}

export function isOperation<L extends { readonly kind: string }>(scalar: Scalar<L>): scalar is Operation<L> {
  return scalar.kind === "operation";
}

export function isConstant<L extends { readonly kind: string }>(scalar: Scalar<L>): scalar is Constant {
  return scalar.kind === "constant";
}

/** Every scalar reachable from the root once, inputs before users. */
export function postorder<L extends { readonly kind: string }>(root: Scalar<L>): Scalar<L>[] {
  const order: Scalar<L>[] = [];
  const state = new Map<Scalar<L>, "open" | "done">();
  const stack: Scalar<L>[] = [root];
  while (stack.length > 0) {
    const scalar = stack[stack.length - 1];
    if (scalar === undefined) break;
    const seen = state.get(scalar);
    if (seen === undefined && isOperation(scalar)) {
      state.set(scalar, "open");
      for (let i = scalar.inputs.length - 1; i >= 0; i--) {
        const input = scalar.inputs[i];
        if (input !== undefined && !state.has(input)) stack.push(input);
      }
    } else {
      stack.pop();
      if (seen === "done") continue;
      state.set(scalar, "done");
      order.push(scalar);
    }
  }
  return order;
}
