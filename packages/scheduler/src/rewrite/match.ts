/** What rules ask about nodes. */

import type { Node } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";

/** The value that fills a constant, or undefined. */
export function fillOf(node: Node | undefined): number | undefined {
  if (node?.op.name !== "constant") return undefined;
  const { values } = node.attributes;
  const [value, ...others]: readonly unknown[] = Array.isArray(values) ? values : [];
  return typeof value === "number" && others.length === 0 ? convertScalar(value, node.dtype) : undefined;
}

export function isFilled(node: Node | undefined, value: number): boolean {
  const fill = fillOf(node);
  return fill !== undefined && Object.is(fill, value);
}

export function isOp(node: Node | undefined, name: string): node is Node {
  return node?.op.name === name;
}

/** A list attribute, empty where the node has none. */
export function integersOf(node: Node, name: string): readonly number[] {
  const value = node.attributes[name];
  return Array.isArray(value) ? value.filter((element) => typeof element === "number") : [];
}
