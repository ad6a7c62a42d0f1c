/** Builds a graph from named parts, as readers of text and JSON come across them. It refuses to know either form. */

import { AttributeError, NameError, ShapeError } from "../errors.js";
import { catalogue } from "../ops/catalogue.js";
import { customGradientOp } from "../ops/custom.js";
import { isInitializer } from "../random/initializer.js";
import { formatShape, sameShape, sizeOf } from "../shape.js";
import { formatType, type TensorType } from "../tensor.js";
import type { AttributeValues } from "./attributes.js";
import { freeze, type Graph, type Update } from "./graph.js";
import { isIdentifier, isNamedLeaf } from "./names.js";
import { createNode, Node } from "./node.js";
import type { Op } from "./op.js";
import { checkUpdate } from "./updates.js";

export interface ReadOptions {
  /** Ops beside those of the catalogue: your own. */
  readonly ops?: readonly Op[];
}

/** What a node is made of besides its name. */
export interface NodeParts {
  readonly op: Op;
  readonly operands: readonly Node[];
  readonly attributes: AttributeValues;
  readonly label: string | undefined;
  readonly derivativeOrder: number;
}

export class Assembly {
  readonly #ops = new Map<string, Op>(catalogue);
  readonly #nodes = new Map<string, Node>();
  readonly #outputs = new Map<string, Node>();
  readonly #updates: Update[] = [];
  readonly #updated = new Set<Node>();

  /** @throws NameError for an op of the caller's that has the name of another. */
  constructor({ ops = [] }: ReadOptions) {
    for (const op of ops) {
      if ((this.#ops.get(op.name) ?? op) !== op)
        throw new NameError(`Two ops are called "${op.name}".`, op.name);
      this.#ops.set(op.name, op);
    }
  }

  /** A custom gradient has no rule unless its op is among the caller's. @throws NameError for an unknown op. */
  op(name: string): Op {
    const op = this.#ops.get(name);
    if (op !== undefined) return op;
    if (name === customGradientOp.name) return customGradientOp;
    throw new NameError(`there is no op "${name}"; pass your own ops as { ops: [...] }`, name);
  }

  /** @throws NameError for a name that no node before has. */
  node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new NameError(`no node before this is called "${name}"`, name);
    return node;
  }

  /** @throws NameError for a name that a node before has. */
  checkFree(name: string): void {
    if (this.#nodes.has(name)) throw new NameError(`a node before this is called "${name}" too`, name);
  }

  /** @throws AdjointError for a node that cannot be built, a leaf's included. */
  build({ op, operands, attributes, label, derivativeOrder }: NodeParts): Node {
    const node = createNode(op, operands, attributes, label);
    checkLeaf(node);
    if (node.derivativeOrder === derivativeOrder) return node;
    return new Node(op, operands, attributes, node, label, derivativeOrder);
  }

  /** Adds a built node under its free name. @throws NameError for an input or parameter that has another. */
  define(name: string, node: Node): void {
    const { name: own } = node.attributes;
    if (isNamedLeaf(node.op) && own !== name) {
      throw new NameError(`the name of this ${node.op.name} must be ${JSON.stringify(own)}`, name);
    }
    this.#nodes.set(name, node);
  }

  /** @throws NameError for a second output of a name. */
  output(name: string, node: Node): void {
    if (this.#outputs.has(name)) throw new NameError(`an output before this is called "${name}" too`, name);
    this.#outputs.set(name, node);
  }

  /** @throws NameError for what cannot be updated, ShapeError for a value of another type. */
  update(update: Update): void {
    checkUpdate(update, this.#updated);
    this.#updates.push(update);
  }

  /** The graph of everything that outputs and updates need. */
  graph(): Graph {
    const names = new Map([...this.#nodes].map(([name, node]) => [node, name]));
    return freeze(Object.fromEntries(this.#outputs), this.#updates, names);
  }
}

/** @throws ShapeError that says what the type would be. */
export function checkType(node: Node, { dtype, shape }: TensorType): void {
  if (node.dtype === dtype && sameShape(node.shape, shape)) return;
  throw new ShapeError(`the type is ${formatType(node)}, not ${formatType({ dtype, shape })}`, String(node));
}

/** What the functions `input` and `parameter` check, for nodes that were not built by them. */
export function checkLeaf(node: Node): void {
  if (!isNamedLeaf(node.op)) return;
  const { name, initializer } = node.attributes;
  if (typeof name !== "string" || !isIdentifier(name)) {
    throw new NameError(
      `${JSON.stringify(name)} is not a name: use letters, digits, "_" and ".", no digit first`,
      String(name),
    );
  }
  if (!isInitializer(initializer) || initializer.kind !== "values") return;
  if (initializer.values.length !== sizeOf(node.shape)) {
    const count = initializer.values.length;
    throw new AttributeError(`${count} initial values do not fill shape ${formatShape(node.shape)}`, name);
  }
}
