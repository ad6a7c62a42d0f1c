/**
 * The ways in which a node computes in equal parts, read off its lowering: a loop is cut where every operand that it walks
 * is read at the loop's own position. It refuses to know which way is taken.
 */

import {
  type Access,
  type Division,
  isComputed,
  type LoopNest,
  lowerNode,
  type Node,
  type OperandPart,
  type Shape,
  sizeOf,
} from "@adjoint/core";
import { postorder } from "@adjoint/core/kernel";

/** The divisions of a node into this many parts, at least two. */
export function divisionsOf(node: Node, parts: number): Division[] {
  const divisible = (extent: number | undefined): boolean => extent !== undefined && extent % parts === 0;
  return everyDivision(node).filter(
    ({ operands, result }) =>
      (typeof result !== "number" || divisible(node.shape[result])) &&
      operands.every((axis, position) =>
        typeof axis === "number" ? divisible(node.operands[position]?.shape[axis]) : true,
      ),
  );
}

function everyDivision(node: Node): readonly Division[] {
  const lowering = lowerNode(node);
  switch (lowering.kind) {
    case "leaf":
    case "compose":
      return [];
    case "reshape":
      return reshapeDivisions(node);
    case "opaque":
      return lowering.divisions ?? [];
    default:
      return loopDivisions(node, lowering.loops);
  }
}

function loopDivisions(node: Node, loops: LoopNest): Division[] {
  const counted = coordinatesOf(loops);
  return [...node.shape, ...loops.reduced].flatMap((extent, loop): Division[] => {
    if (counted.has(loop)) return [];
    const operands = loops.accesses.map((access, position) =>
      walked(access, node.operands[position]?.shape ?? [], loop, extent),
    );
    const result = loop < node.shape.length ? loop : loops.combine;
    if (result === undefined) return [];
    const parts = operands.filter((part) => part !== undefined);
    return parts.length < operands.length ? [] : [{ operands: parts, result }];
  });
}

/** The axis of an operand that a loop walks from end to end; undefined where it reads otherwise. */
function walked(
  { index }: Access,
  shape: Shape,
  loop: number,
  extent: number,
): Exclude<OperandPart, "term"> | undefined {
  const walks = index.flatMap((part, axis) =>
    !isComputed(part) && (part.strides[loop] ?? 0) !== 0 ? [{ axis, ...part }] : [],
  );
  const [walk, ...more] = walks;
  if (walk === undefined) return "whole";
  const { axis, offset, strides } = walk;
  const straight = offset === 0 && strides.every((stride, other) => stride === (other === loop ? 1 : 0));
  return more.length === 0 && straight && shape[axis] === extent ? axis : undefined;
}

/** The loops whose position is computed with. */
function coordinatesOf({ body, accesses }: LoopNest): Set<number> {
  const computed = accesses.flatMap(({ index }) =>
    index.flatMap((part) => (isComputed(part) ? part.computed : [])),
  );
  const leaves = [body, ...computed].flatMap((root) => postorder(root));
  return new Set(leaves.flatMap((leaf) => (leaf.kind === "coordinate" ? [leaf.axis] : [])));
}

/** An axis is divided as another where both have as many elements before them: as rows of one matrix. */
function reshapeDivisions(node: Node): Division[] {
  const [operand] = node.operands;
  if (operand === undefined) return [];
  return operand.shape.flatMap((_, from) =>
    node.shape.flatMap((__, to): Division[] => {
      const outer = sizeOf(operand.shape.slice(0, from));
      return outer === sizeOf(node.shape.slice(0, to)) ? [{ operands: [from], result: to }] : [];
    }),
  );
}
