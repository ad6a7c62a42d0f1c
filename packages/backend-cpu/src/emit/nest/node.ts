/**
 * The scalars of a kernel as the emitter sees them: interned nodes that know what they depend on.
 * Guards of accesses are nodes of their own, so that each is evaluated where its axes are known.
 * They refuse to know loops, registers and addresses.
 */

import type { DType } from "@adjoint/core";
import type { Affine, ScalarOp } from "@adjoint/core/kernel";
import type { FusedOp } from "../code/primitive.js";

interface Dependencies {
  readonly id: number;
  readonly dtype: DType;
  /** Bit set of the axes whose position it needs. */
  readonly axes: bigint;
  /** Bit set of the stages whose accumulators it reads. */
  readonly accumulators: bigint;
  /** Bit set of the buffers it loads that the kernel also stores to. */
  readonly written: bigint;
}

export interface ConstantNode extends Dependencies {
  readonly kind: "constant";
  readonly value: number;
}

export interface CoordinateNode extends Dependencies {
  readonly kind: "coordinate";
  readonly axis: number;
}

export interface AccumulatorNode extends Dependencies {
  readonly kind: "accumulator";
  readonly stage: number;
  readonly index: number;
}

export interface OperationNode extends Dependencies {
  readonly kind: "operation";
  readonly op: ScalarOp | FusedOp;
  readonly inputs: readonly Node[];
}

/** Whether 0 ≤ value < extent. */
export interface WithinNode extends Dependencies {
  readonly kind: "within";
  readonly value: Affine;
  readonly extent: number;
}

/** Whether a computed index is one: 0 ≤ index < extent. */
export interface InsideNode extends Dependencies {
  readonly kind: "inside";
  readonly index: Node;
  readonly extent: number;
}

export type GuardNode = WithinNode | InsideNode;

/** Where an access goes: element offset + Σ stride · index, and only if every guard holds. */
export interface Place {
  readonly buffer: number;
  readonly offset: Affine;
  readonly indirect: readonly { readonly index: Node; readonly stride: number }[];
  readonly guards: readonly GuardNode[];
}

export interface LoadNode extends Dependencies, Place {
  readonly kind: "load";
  readonly fill: number;
}

export type Node =
  | ConstantNode
  | CoordinateNode
  | AccumulatorNode
  | OperationNode
  | WithinNode
  | InsideNode
  | LoadNode;

export function bit(position: number): bigint {
  return 1n << BigInt(position);
}

export function has(set: bigint, position: number): boolean {
  return (set & bit(position)) !== 0n;
}

export function axesOfAffine(affine: Affine): bigint {
  let axes = 0n;
  for (const [axis, stride] of affine.strides.entries()) if (stride !== 0) axes |= bit(axis);
  return axes;
}

/** What must be evaluated before a node. */
export function inputsOfNode(node: Node): readonly Node[] {
  switch (node.kind) {
    case "operation":
      return node.inputs;
    case "inside":
      return [node.index];
    case "load":
      return inputsOfPlace(node);
    default:
      return [];
  }
}

export function inputsOfPlace(place: Place): readonly Node[] {
  return [...place.guards, ...place.indirect.map(({ index }) => index)];
}

/** Every node reachable from the roots once, inputs before users. */
export function postorderOfNodes(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; opened: boolean }[] = [];
  for (let i = roots.length - 1; i >= 0; i--) {
    const node = roots[i];
    if (node !== undefined) stack.push({ node, opened: false });
  }
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (seen.has(top.node)) continue;
    if (top.opened) {
      seen.add(top.node);
      order.push(top.node);
      continue;
    }
    stack.push({ node: top.node, opened: true });
    const inputs = inputsOfNode(top.node);
    for (let i = inputs.length - 1; i >= 0; i--) {
      const node = inputs[i];
      if (node !== undefined && !seen.has(node)) stack.push({ node, opened: false });
    }
  }
  return order;
}
