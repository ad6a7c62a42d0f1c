/** The unique names under which the nodes of a graph print. It refuses to invent anything but numbers. */

import { NameError } from "../errors.js";
import type { Node } from "./node.js";
import type { Op } from "./op.js";

const identifier = /^[A-Za-z_][\w.]*$/;

/** Whether a name needs no quotes where nodes print. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/** Whether a name is what `nameNodes` gives an unlabeled node of the op, as `add_1`. */
export function isAutomatic(name: string, op: Op): boolean {
  return (
    !isNamedLeaf(op) && name.startsWith(`${op.name}_`) && /^[1-9]\d*$/.test(name.slice(op.name.length + 1))
  );
}

/** Whether nodes of an op are inputs or parameters: fed, read and written by name from outside. */
export function isNamedLeaf(op: Op): boolean {
  return op.name === "input" || op.name === "parameter";
}

/** @throws NameError for two inputs or parameters that differ but share a name. */
export function checkLeafNames(nodes: readonly Node[]): void {
  const seen = new Map<string, Node>();
  for (const node of nodes) {
    const { name } = node.attributes;
    if (!isNamedLeaf(node.op) || typeof name !== "string") continue;
    const other = seen.get(name);
    if (other !== undefined) {
      throw new NameError(`${String(node)} and ${String(other)} differ but share the name "${name}".`, name);
    }
    seen.set(name, node);
  }
}

/**
 * Given names first, which are unique; leaves keep their own; then labels, then output names that are identifiers,
 * then op names with a number. A number is added to what is taken.
 */
export function nameNodes(
  nodes: readonly Node[],
  outputs: Readonly<Record<string, Node>>,
  given: ReadonlyMap<Node, string>,
): Map<Node, string> {
  const wanted = new Map<Node, string>();
  for (const [name, node] of Object.entries(outputs)) {
    if (!wanted.has(node) && isIdentifier(name)) wanted.set(node, name);
  }
  const names = new Map<Node, string>();
  for (const node of nodes) {
    const { name: own } = node.attributes;
    const name = isNamedLeaf(node.op) ? String(own) : given.get(node);
    if (name !== undefined) names.set(node, name);
  }
  const taken = new Set(names.values());
  const counters = new Map<string, number>();
  for (const node of nodes) {
    if (names.has(node)) continue;
    const base = node.label ?? wanted.get(node);
    const name =
      base !== undefined && !taken.has(base) ? base : numbered(base ?? node.op.name, counters, taken);
    taken.add(name);
    names.set(node, name);
  }
  return names;
}

function numbered(base: string, counters: Map<string, number>, taken: ReadonlySet<string>): string {
  let count = counters.get(base) ?? 1;
  while (taken.has(`${base}_${count}`)) count += 1;
  counters.set(base, count + 1);
  return `${base}_${count}`;
}
