/**
 * Which shared nodes are read in slices, one per part, and along which axes. A slice is wanted of as early a node as
 * possible: masks and random bits are then made part by part and never exist whole. It refuses to build the slices.
 */

import { type Division, type Graph, lowerNode, type Node, type OperandPart } from "@adjoint/core";
import { divisionsOf } from "./divisions.js";
import type { Role, Roles } from "./roles.js";

/** Per shared node, the axes along which it is read; with the division that makes a slice from slices, where there is one. */
export type Demands = ReadonlyMap<Node, ReadonlyMap<number, Division | undefined>>;

export function demandsOf({ nodes }: Graph, roles: Roles, parts: number): Demands {
  const demands = new Map<Node, Map<number, Division | undefined>>();
  const demand = (node: Node, operands: readonly OperandPart[]): void => {
    for (const [position, operand] of node.operands.entries()) {
      const axis = operands[position];
      if (typeof axis !== "number" || !isWhole(roles.get(operand))) continue;
      const known = demands.get(operand) ?? new Map<number, Division | undefined>();
      if (!known.has(axis)) known.set(axis, sliceOfSlices(operand, axis, roles.get(operand), parts));
      demands.set(operand, known);
    }
  };
  for (let position = nodes.length - 1; position >= 0; position--) {
    const node = nodes[position];
    const role = node === undefined ? undefined : roles.get(node);
    if (node === undefined || role === undefined) continue;
    if (role.kind === "batched" || role.kind === "combined") demand(node, role.operands);
    for (const division of demands.get(node)?.values() ?? []) {
      if (division !== undefined) demand(node, division.operands);
    }
  }
  return demands;
}

function isWhole(role: Role | undefined): boolean {
  return role?.kind === "shared" || role?.kind === "linear" || role?.kind === "combined";
}

/** Contractions and hand-written kernels are computed once; slices of them are read. */
function sliceOfSlices(
  node: Node,
  axis: number,
  role: Role | undefined,
  parts: number,
): Division | undefined {
  const { kind } = lowerNode(node);
  if (role?.kind !== "shared" || kind === "contract" || kind === "opaque") return undefined;
  return divisionsOf(node, parts).find(
    ({ operands, result }) => result === axis && !operands.includes("term"),
  );
}
