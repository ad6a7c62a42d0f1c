/** The contract of an op: one object that holds everything the rest of Adjoint knows about it. */

import type { Kernel } from "../kernel/kernel.js";
import type { Division } from "../lowering/division.js";
import type { LoopNest } from "../lowering/loops.js";
import type { TensorType } from "../tensor.js";
import type { AttributeSchema, Attributes, AttributeValues } from "./attributes.js";
import type { Node } from "./node.js";

/** The adjoint of one operand; undefined is a symbolic zero. */
export type Adjoint = Node | undefined;

/** One T per operand name. */
export type PerOperand<Operands extends readonly string[], T> = { readonly [Position in keyof Operands]: T };

/** What an op means; the closed union that interpreter, fusion and every backend work from. */
export type Lowering =
  /** Data from outside: inputs and parameters. */
  | { readonly kind: "leaf" }
  /** One loop nest; the kind tells fusion what it is looking at. */
  | { readonly kind: "map" | "view" | "reduce" | "contract"; readonly loops: LoopNest }
  /** The same elements in the same order under another shape, in the same storage: the op `reshape` alone. */
  | { readonly kind: "reshape" }
  /** A graph of simpler ops. */
  | { readonly kind: "compose"; build(operands: readonly Node[]): Node }
  /** None of these: a kernel whose buffers are the operands in order, then the result; and its definition in float64. */
  | {
      readonly kind: "opaque";
      kernel(): Kernel;
      evaluate(operands: readonly Float64Array[]): Float64Array;
      /** How it computes in parts; absent where it does not. */
      readonly divisions?: readonly Division[];
    };

export interface VjpSite<Operands extends readonly string[], Schema extends AttributeSchema> {
  /** The node differentiated: its value may be used. */
  readonly node: Node;
  readonly operands: PerOperand<Operands, Node>;
  readonly attributes: Attributes<Schema>;
  /** The adjoint of the node, of its dtype and shape. */
  readonly adjoint: Node;
}

/** An op as its author writes it: operand count and attribute types are checked by the compiler. */
export interface OpDefinition<Operands extends readonly string[], Schema extends AttributeSchema> {
  readonly name: string;
  /** One line. */
  readonly doc: string;
  /** Operand names; a single name with `variadic` stands for one or more. */
  readonly operands: Operands;
  readonly variadic?: boolean;
  readonly attributes: Schema;
  /** The attribute, if any, that states the shape of the result: it changes where a part of the result is computed. */
  readonly resultShape?: keyof Schema & string;
  /** LaTeX with operands in braces by name, e.g. `\\tanh({x})`. */
  readonly notation: string;
  /** The result type. @throws ShapeError, DTypeError or AttributeError saying what was expected. */
  infer(operands: PerOperand<Operands, TensorType>, attributes: Attributes<Schema>): TensorType;
  lower(
    operands: PerOperand<Operands, TensorType>,
    attributes: Attributes<Schema>,
    output: TensorType,
  ): Lowering;
  /**
   * The adjoint of every operand, from ordinary ops; broadcast operands are summed back by the caller.
   * Absent: no operand is differentiable.
   */
  vjp?(site: VjpSite<Operands, Schema>): PerOperand<Operands, Adjoint>;
}

/** An op as the rest of Adjoint sees it. */
export interface Op {
  readonly name: string;
  readonly doc: string;
  readonly operands: readonly string[];
  readonly variadic: boolean;
  readonly attributes: AttributeSchema;
  readonly resultShape?: string;
  readonly notation: string;
  infer(operands: readonly TensorType[], attributes: AttributeValues): TensorType;
  lower(operands: readonly TensorType[], attributes: AttributeValues, output: TensorType): Lowering;
  vjp?(site: {
    readonly node: Node;
    readonly operands: readonly Node[];
    readonly attributes: AttributeValues;
    readonly adjoint: Node;
  }): readonly Adjoint[];
}

/** Declares an op. Arity and attributes are verified whenever a node is built, so that the typed rules hold. */
export function defineOp<const Operands extends readonly string[], const Schema extends AttributeSchema>(
  definition: OpDefinition<Operands, Schema>,
): Op {
  const erased: OpDefinition<readonly string[], AttributeSchema> = definition;
  return { variadic: false, ...erased };
}

/** A function that builds nodes of one op: the catalogue reads ops off such functions. */
export type OpFunction<F> = F & { readonly op: Op };

export function opFunction<F extends object>(op: Op, build: F): OpFunction<F> {
  return Object.assign(build, { op });
}

/** What the op of this node means, for its operand types. */
export function lowerNode(node: Node): Lowering {
  return node.op.lower(node.operands, node.attributes, node);
}
