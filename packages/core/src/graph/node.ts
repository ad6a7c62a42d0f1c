/** Nodes: immutable, typed values of a computation that has not run. It refuses to hold data or devices. */

import type { DType } from "../dtype.js";
import { AdjointError, AttributeError, DTypeError, ShapeError } from "../errors.js";
import { checkShape, type Shape, sameShape } from "../shape.js";
import { formatType, type TensorType } from "../tensor.js";
import { type AttributeValues, checkAttributes } from "./attributes.js";
import type { Op } from "./op.js";
import { reachable } from "./order.js";

declare const feeds: unique symbol;

/** A tensor-valued expression. `Feeds` are the names of the inputs it depends on, where they are known statically. */
export class Node<out Feeds extends string = string> implements TensorType {
  declare readonly [feeds]: Feeds;
  readonly op: Op;
  readonly operands: readonly Node[];
  readonly attributes: AttributeValues;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly label: string | undefined;
  /** 0 for what was declared, 1 for adjoints and what uses them, 2 for adjoints of those, and so on. */
  readonly derivativeOrder: number;

  /** Use the op functions: they check; this does not. */
  constructor(
    op: Op,
    operands: readonly Node[],
    attributes: AttributeValues,
    type: TensorType,
    label?: string,
    derivativeOrder = 0,
  ) {
    this.op = op;
    this.operands = operands;
    this.attributes = attributes;
    this.dtype = type.dtype;
    this.shape = type.shape;
    this.label = label;
    this.derivativeOrder = derivativeOrder;
  }

  /** One line for error messages and debuggers. */
  toString(): string {
    return `${this.label === undefined ? "" : `${this.label} = `}${formatCall(this.op, this.operands)}: ${formatType(this)}`;
  }
}

/** The input names a node depends on. */
export type FeedsOf<N> = N extends Node<infer Feeds> ? Feeds : never;

/**
 * Builds a node after checking operands and attributes.
 * @throws ShapeError, DTypeError or AttributeError that shows the call, the operand types and what was expected.
 */
export function createNode<Feeds extends string>(
  op: Op,
  operands: readonly Node<Feeds>[],
  attributes: AttributeValues = {},
  label?: string,
): Node<Feeds> {
  for (const operand of operands) {
    if (!(operand instanceof Node))
      throw new DTypeError(`${op.name}: ${String(operand)} is no node.`, op.name);
  }
  try {
    if (op.variadic ? operands.length === 0 : operands.length !== op.operands.length) {
      throw new ShapeError(
        `expected ${op.variadic ? "at least one operand" : `${op.operands.length} operands`}`,
      );
    }
    checkAttributes(op.attributes, attributes);
    const type = op.infer(operands, attributes);
    checkShape(type.shape, op.name);
    return new Node<Feeds>(op, operands, attributes, type, label, orderOf(operands));
  } catch (error) {
    throw error instanceof AdjointError ? addressed(error, formatCall(op, operands, label)) : error;
  }
}

/** The same node with a name for printing, drawings, equations and error messages. */
export function label<Feeds extends string>(node: Node<Feeds>, name: string): Node<Feeds> {
  return new Node<Feeds>(node.op, node.operands, node.attributes, node, name, node.derivativeOrder);
}

/** The same op on other operands; the node itself where nothing changes. */
export function withOperands(node: Node, operands: readonly Node[]): Node {
  if (operands.every((operand, position) => operand === node.operands[position])) return node;
  const { op, attributes, derivativeOrder } = node;
  const type = sameTypes(operands, node.operands) ? node : createNode(op, operands, attributes, node.label);
  return new Node(op, operands, attributes, type, node.label, derivativeOrder);
}

/** The type of a node depends on those of its operands and its attributes alone. */
function sameTypes(some: readonly TensorType[], others: readonly TensorType[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ dtype, shape }, position) => {
      const other = others[position];
      return other !== undefined && dtype === other.dtype && sameShape(shape, other.shape);
    })
  );
}

/**
 * Marks everything the roots newly depend on as of a derivative order: nodes in `known` and what they depend on keep theirs.
 * Returns the roots, rebuilt where they are new.
 */
export function markDerivativeOrder(
  roots: readonly Node[],
  known: ReadonlySet<Node>,
  derivativeOrder: number,
): Node[] {
  const marked = new Map<Node, Node>();
  for (const node of reachable(roots, known)) {
    const operands = node.operands.map((operand) => marked.get(operand) ?? operand);
    marked.set(node, new Node(node.op, operands, node.attributes, node, node.label, derivativeOrder));
  }
  return roots.map((root) => marked.get(root) ?? root);
}

function orderOf(operands: readonly Node[]): number {
  return operands.reduce((order, operand) => Math.max(order, operand.derivativeOrder), 0);
}

function formatCall(op: Op, operands: readonly Node[], name?: string): string {
  const list = operands
    .map((operand) => `${operand.label ?? operand.op.name}: ${formatType(operand)}`)
    .join(", ");
  return `${name === undefined ? "" : `${name} = `}${op.name}(${list})`;
}

const addressable = [ShapeError, DTypeError, AttributeError];

function addressed(error: AdjointError, call: string): AdjointError {
  const Kind = addressable.find((candidate) => error instanceof candidate) ?? AdjointError;
  return new Kind(`${call}: ${error.message}`, call);
}
