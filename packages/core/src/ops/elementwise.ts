/** How elementwise ops are declared: one call gives the op, its broadcasting and its function. It refuses to hold ops. */

import type { DType } from "../dtype.js";
import { dtypes } from "../dtype.js";
import { DTypeError, ShapeError } from "../errors.js";
import { createNode, Node } from "../graph/node.js";
import {
  defineOp,
  type Op,
  type OpDefinition,
  type OpFunction,
  opFunction,
  type PerOperand,
} from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import type { Scalar } from "../scalar/scalar.js";
import { broadcastShapes, formatShape } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { constant } from "./leaf.js";

/** A node, or a literal that takes the dtype of the other operands. */
export type Operand<Feeds extends string = string> = Node<Feeds> | number | boolean;

type Kind = "float" | "number" | "integer" | "integerOrBool" | "bool" | "any";

const kinds = {
  float: ["float"],
  number: ["float", "integer"],
  integer: ["integer"],
  integerOrBool: ["integer", "bool"],
  bool: ["bool"],
  any: ["float", "integer", "bool"],
} as const satisfies Record<Kind, readonly string[]>;

export interface ElementwiseDefinition<Operands extends readonly string[]> {
  readonly doc: string;
  /** What dtypes it takes; all operands share one. `select` additionally takes a bool first. */
  readonly domain: Kind;
  readonly result?: "bool";
  readonly notation: string;
  body(...operands: Scalar[]): Scalar;
  vjp?: OpDefinition<Operands, Record<never, never>>["vjp"];
}

/** Checks that operands share a dtype of the domain and broadcast. */
export function inferElementwise(operands: readonly TensorType[], domain: Kind): TensorType {
  const dtype = operands[0]?.dtype ?? "float32";
  for (const operand of operands) {
    if (operand.dtype !== dtype) {
      throw new DTypeError(`operands must share a dtype, not ${dtype} and ${operand.dtype}; use cast`);
    }
  }
  if (!kinds[domain].some((kind) => kind === dtypes[dtype].kind)) {
    throw new DTypeError(`expected ${kinds[domain].join(" or ")} operands, not ${dtype}`);
  }
  const shape = broadcastShapes(operands.map((operand) => operand.shape));
  if (shape === undefined) {
    const shapes = operands.map((operand) => formatShape(operand.shape)).join(" and ");
    throw new ShapeError(
      `shapes ${shapes} do not broadcast: extents must be equal or 1, aligned at the last axis`,
    );
  }
  return { dtype, shape };
}

function elementwiseOp<const Operands extends readonly string[]>(
  name: string,
  operands: Operands,
  definition: ElementwiseDefinition<Operands>,
): Op {
  const { doc, domain, result, notation, body, vjp } = definition;
  return defineOp<Operands, Record<never, never>>({
    name,
    doc,
    operands,
    attributes: {},
    notation,
    infer: (types: PerOperand<Operands, TensorType>) => {
      const type = inferElementwise(types, domain);
      return result === "bool" ? { dtype: "bool", shape: type.shape } : type;
    },
    lower: (types: PerOperand<Operands, TensorType>, _, output) => ({
      kind: "map",
      loops: mapLoops(types, output, body),
    }),
    ...(vjp === undefined ? {} : { vjp }),
  });
}

/** Whether a value is an operand: JavaScript callers can pass anything. */
function isOperand(value: unknown): boolean {
  return value instanceof Node || typeof value === "number" || typeof value === "boolean";
}

/** Literals as constants of the dtype that the nodes among the operands have (float32 where there is none). */
export function liftOperands<Feeds extends string>(operands: readonly Operand<Feeds>[]): Node<Feeds>[] {
  for (const operand of operands) {
    if (!isOperand(operand)) {
      throw new DTypeError(`An operand must be a node, a number or a boolean, not ${String(operand)}.`);
    }
  }
  const like = operands.find((operand) => operand instanceof Node);
  const fallback = operands.every((operand) => typeof operand === "boolean") ? "bool" : "float32";
  const dtype: DType = like?.dtype ?? fallback;
  return operands.map((operand) => (operand instanceof Node ? operand : constant(operand, { dtype })));
}

export type Unary = OpFunction<<Feeds extends string>(x: Node<Feeds>) => Node<Feeds>>;
export type Binary = OpFunction<<Feeds extends string>(a: Operand<Feeds>, b: Operand<Feeds>) => Node<Feeds>>;

/** Declares an elementwise op of one operand `x`. */
export function unary(name: string, definition: ElementwiseDefinition<readonly ["x"]>): Unary {
  const op = elementwiseOp(name, ["x"], definition);
  return opFunction(op, <Feeds extends string>(x: Node<Feeds>): Node<Feeds> => createNode(op, [x]));
}

/** Declares an elementwise op of two operands `a` and `b` that broadcast; one may be a literal. */
export function binary(name: string, definition: ElementwiseDefinition<readonly ["a", "b"]>): Binary {
  const op = elementwiseOp(name, ["a", "b"], definition);
  return opFunction(
    op,
    <Feeds extends string>(a: Operand<Feeds>, b: Operand<Feeds>): Node<Feeds> =>
      createNode(op, liftOperands([a, b])),
  );
}
