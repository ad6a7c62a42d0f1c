/** One part of a node: its op on parts of its operands, proved to mean the same there. It refuses to choose the parts. */

import {
  type Access,
  AdjointError,
  type AttributeValues,
  createNode,
  extentOf,
  type Index,
  isComputed,
  lowerNode,
  Node,
  type Shape,
  sameShape,
  sizeOf,
} from "@adjoint/core";
import { type Affine, isOperation, postorder, type Scalar } from "@adjoint/core/kernel";
import { MicroBatchError } from "./error.js";

/** The node under another label and with the derivative order of the node it stands for. */
export function standIn(built: Node, original: Node, label: string | undefined): Node {
  return new Node(built.op, built.operands, built.attributes, built, label, original.derivativeOrder);
}

/**
 * The op of a node on other operands, for a result of the given shape.
 * @throws MicroBatchError where attributes other than the shape of the result speak of extents, and do not fit parts.
 */
export function rebuild(
  node: Node,
  operands: readonly Node[],
  shape: Shape,
  label: string | undefined,
): Node {
  try {
    return standIn(createNode(node.op, operands, attributesFor(node, shape)), node, label);
  } catch (error) {
    if (!(error instanceof AdjointError)) throw error;
    throw new MicroBatchError(
      "mixing",
      `${String(node)} cannot be built for a part of the examples: ${error.message}.`,
      node,
    );
  }
}

/** @throws MicroBatchError where an op means something else for a part, of the given shape, than for the whole. */
export function checkPart(node: Node, part: Node, shape: Shape): void {
  if (part.dtype === node.dtype && sameShape(part.shape, shape) && meansTheSame(node, part)) return;
  throw new MicroBatchError(
    "mixing",
    `${String(node)} means something else for a part of the examples: ${String(part)}.`,
    node,
  );
}

function attributesFor({ op, attributes }: Node, shape: Shape): AttributeValues {
  return op.resultShape === undefined ? attributes : { ...attributes, [op.resultShape]: [...shape] };
}

/** The shape of a part along an axis. */
export function partShape(shape: Shape, axis: number, parts: number): number[] {
  return shape.map((extent, other) => (other === axis ? extentOf(shape, axis) / parts : extent));
}

/** Whether the loops of both do the same at every point that both have. */
function meansTheSame(whole: Node, part: Node): boolean {
  const [a, b] = [lowerNode(whole), lowerNode(part)];
  if (!("loops" in a) || !("loops" in b)) return a.kind === b.kind;
  const extents = [...part.shape, ...b.loops.reduced];
  if (sizeOf(extents) === 0) return true;
  return (
    a.loops.combine === b.loops.combine &&
    sameScalar(a.loops.body, b.loops.body) &&
    a.loops.accesses.every((access, position) => sameAccess(access, b.loops.accesses[position], extents))
  );
}

function sameAccess(a: Access, b: Access | undefined, extents: readonly number[]): boolean {
  return (
    b !== undefined &&
    Object.is(a.fill, b.fill) &&
    a.index.every((index, axis) => sameIndex(index, b.index[axis], extents))
  );
}

function sameIndex(a: Index, b: Index | undefined, extents: readonly number[]): boolean {
  if (b === undefined) return false;
  if (isComputed(a) || isComputed(b))
    return isComputed(a) && isComputed(b) && sameScalar(a.computed, b.computed);
  return samePositions(a, b, extents);
}

/** Equal at every point: strides of axes with a single position do not count. */
function samePositions(a: Affine, b: Affine, extents: readonly number[]): boolean {
  return (
    a.offset === b.offset &&
    extents.every((extent, axis) => extent === 1 || (a.strides[axis] ?? 0) === (b.strides[axis] ?? 0))
  );
}

/** Whether two expressions are made of the same operations in the same places. */
function sameScalar(a: Scalar, b: Scalar): boolean {
  const [left, right] = [postorder(a), postorder(b)];
  const positions = [new Map(left.map((x, k) => [x, k])), new Map(right.map((x, k) => [x, k]))] as const;
  const print = (scalar: Scalar, known: ReadonlyMap<Scalar, number>): string =>
    isOperation(scalar)
      ? `${scalar.op} ${scalar.dtype} ${scalar.inputs.map((input) => known.get(input)).join()}`
      : Object.values(scalar)
          .map((value) => (Object.is(value, -0) ? "-0" : String(value)))
          .join(" ");
  return (
    left.length === right.length &&
    left.every((x, k) => print(x, positions[0]) === print(right[k] ?? x, positions[1]))
  );
}
