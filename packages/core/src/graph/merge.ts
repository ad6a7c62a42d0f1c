/** Common subexpressions: nodes of one op, operands and attributes become one node. It refuses to know algebra. */

import { NameError } from "../errors.js";
import { Node, withOperands } from "./node.js";
import type { Op } from "./op.js";

/** Nodes that compute the same. */
interface Class {
  readonly number: number;
  /** The first label among its nodes. */
  label: string | undefined;
  /** The smallest among its nodes: what was declared stays declared when an adjoint needs it too. */
  derivativeOrder: number;
  merged: Node | undefined;
}

/**
 * Each node's representative. `nodes` hold operands before users.
 * @throws NameError for two ops of one name.
 */
export function mergeCommon(nodes: readonly Node[]): Map<Node, Node> {
  const classes = classify(nodes);
  const representatives = new Map<Node, Node>();
  for (const [node, common] of classes) {
    common.merged ??= rebuild(node, common, representatives);
    representatives.set(node, common.merged);
  }
  return representatives;
}

/** The class of each node, in the order given. */
function classify(nodes: readonly Node[]): Map<Node, Class> {
  const classes = new Map<Node, Class>();
  const byKey = new Map<string, Class>();
  const ops = new Map<string, Op>();
  for (const node of nodes) {
    const { op, operands, label, derivativeOrder } = node;
    if ((ops.get(op.name) ?? op) !== op) {
      throw new NameError(`${String(node)}: another op of this graph is called "${op.name}" too.`, op.name);
    }
    ops.set(op.name, op);
    const key = `${op.name}(${operands.map((operand) => classes.get(operand)?.number).join()})${attributeKey(node)}`;
    const known = byKey.get(key);
    const common = known ?? { number: byKey.size, label, derivativeOrder, merged: undefined };
    common.label ??= label;
    common.derivativeOrder = Math.min(common.derivativeOrder, derivativeOrder);
    byKey.set(key, common);
    classes.set(node, common);
  }
  return classes;
}

function rebuild(
  node: Node,
  { label, derivativeOrder }: Class,
  representatives: ReadonlyMap<Node, Node>,
): Node {
  const operands = node.operands.map((operand) => representatives.get(operand) ?? operand);
  const rebuilt = withOperands(node, operands);
  if (rebuilt.label === label && rebuilt.derivativeOrder === derivativeOrder) return rebuilt;
  return new Node(rebuilt.op, rebuilt.operands, rebuilt.attributes, rebuilt, label, derivativeOrder);
}

/** Attributes as a string: equal strings are equal attributes. */
export function attributeKey({ op, attributes }: Node): string {
  const names = Object.keys(op.attributes);
  return names.length === 0
    ? ""
    : JSON.stringify(
        names.map((name) => attributes[name]),
        distinct,
      );
}

/** JSON keeps neither -0 nor NaN nor infinities apart. */
function distinct(_: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  return Object.is(value, -0) ? "#-0" : Number.isFinite(value) ? value : `#${value}`;
}
