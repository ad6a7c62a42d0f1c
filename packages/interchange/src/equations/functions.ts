/**
 * Ops as the equations write their derivatives: φ′(z) for an activation, softmax(o) − onehot(y) for cross-entropy. Each
 * stands for exactly what the op's own rule gives; it refuses to hold a second derivative rule.
 */

import {
  type AttributeValues,
  broadcastTo,
  constant,
  createNode,
  expandDims,
  mul,
  type Node,
  type Op,
  ShapeError,
  type TensorType,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";

/** LaTeX of functions in place of that of their ops: `{ tanh: "\\phi" }`. */
export type Functions = Readonly<Record<string, string>>;

/** Activations: functions of one tensor, element by element, whose derivative has a name. */
const activations = new Set(["tanh", "sigmoid", "relu", "leakyRelu", "elu", "gelu"]);

export class Displayed {
  readonly #functions: Functions;
  readonly #ops = new Map<Op, Op>();
  readonly #slopes = new Map<Op, { readonly of: Op; readonly order: number }>();

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** The op as it is written. The same object every time. */
  op(op: Op): Op {
    const known = this.#ops.get(op) ?? this.#make(op);
    this.#ops.set(op, known);
    return known;
  }

  /** What a node's op is the derivative of, if it was made here. */
  slopeOf(node: Node): { readonly of: Op; readonly order: number } | undefined {
    return this.#slopes.get(node.op);
  }

  #make(op: Op): Op {
    const own = Object.hasOwn(this.#functions, op.name) ? this.#functions[op.name] : undefined;
    const notation = own === undefined ? op.notation : `${own}(${op.operands.map((name) => `{${name}}`).join(", ")})`;
    const head = /^(.*)\(\{x\}\)$/.exec(notation)?.[1];
    if (head !== undefined && op.operands.length === 1 && (own !== undefined || activations.has(op.name)))
      return this.#activation(op, head, 0);
    const rules = Object.hasOwn(adjoints, op.name) ? adjoints[op.name] : undefined;
    return rules === undefined ? { ...op, notation } : { ...op, notation, vjp: (site) => rules(op, site) };
  }

  /** The derivative of an order of a function of one tensor, itself with derivatives of every order. */
  #activation(op: Op, head: string, order: number): Op {
    const made: Op = {
      ...op,
      name: `${op.name}${"'".repeat(order)}`,
      notation: `${head}${"'".repeat(order)}({x})`,
      ...(order === 0 ? {} : { lower: (_, attributes) => definition((x) => slope(op, x, attributes, order)) }),
      vjp: ({ operands, attributes, adjoint }) => {
        next ??= this.#activation(op, head, order + 1);
        return [mul(adjoint, createNode(next, operands, attributes))];
      },
    };
    let next: Op | undefined;
    if (order > 0) this.#slopes.set(made, { of: op, order });
    return made;
  }
}

function definition(build: (...operands: readonly Node[]) => Node): ReturnType<Op["lower"]> {
  return { kind: "compose", build: (operands) => build(...operands) };
}

/** The derivative of an order of an op of one tensor, element by element. `result` is op(x) where there is one already. */
export function slope(op: Op, x: Node | undefined, attributes: AttributeValues, order: number, result?: Node): Node {
  if (x === undefined) throw new ShapeError(`${op.name} takes one operand.`, op.name);
  let current = result ?? createNode(op, [x], attributes);
  for (let remaining = order; remaining > 0; remaining--) {
    const seed = constant(1, { dtype: current.dtype, shape: current.shape });
    const [next] = gradient(current, [x], { seed });
    current = next;
  }
  return broadcastTo(current, x.shape);
}

type Site = Parameters<NonNullable<Op["vjp"]>>[0];

/** One operand's share of an op's own rule, under a notation. */
function share(op: Op, name: string, notation: string, site: Site, position: number): Node {
  const { operands, attributes, adjoint, node } = site;
  const target = operands[position];
  const made: Op = {
    name,
    doc: `The adjoint of operand ${position} of ${op.name}.`,
    operands: [...op.operands, "adjoint"],
    variadic: false,
    attributes: op.attributes,
    notation,
    infer: (): TensorType => ({ dtype: target?.dtype ?? node.dtype, shape: target?.shape ?? [] }),
    lower: () =>
      definition((...all) => {
        const own = all.slice(0, -1);
        const last = all.at(-1);
        const result = createNode(op, own, attributes);
        const found = last === undefined ? undefined : op.vjp?.({ node: result, operands: own, attributes, adjoint: last })[position];
        if (found === undefined) throw new ShapeError(`${op.name} has no adjoint for operand ${position}.`, op.name);
        return found;
      }),
  };
  return createNode(made, [...operands, adjoint], attributes);
}

/** Rules whose results are too long to read as they are. */
const adjoints: Readonly<Record<string, (op: Op, site: Site) => readonly (Node | undefined)[]>> = {
  sparseSoftmaxCrossEntropy: (op, site) => {
    const { adjoint, node } = site;
    const notation = "\\operatorname{softmax}({logits}) - \\operatorname{onehot}({labels})";
    const unit = constant(1, { dtype: node.dtype, shape: node.shape });
    const difference = share(op, "softmaxError", notation, { ...site, adjoint: unit }, 0);
    return [mul(expandDims(adjoint, adjoint.shape.length), difference), undefined];
  },
  conv: (op, site) => [
    share(op, "convAdjoint", "{adjoint} \\ast {w}", site, 0),
    share(op, "convKernelAdjoint", "{x} \\star {adjoint}", site, 1),
  ],
  logSumExp: (op, site) => [share(op, "logSumExpAdjoint", "\\operatorname{softmax}({x}) \\odot {adjoint}", site, 0)],
  max: (op, site) => [share(op, "maxAdjoint", "[{x} = \\max {x}] \\odot {adjoint}", site, 0)],
  min: (op, site) => [share(op, "minAdjoint", "[{x} = \\min {x}] \\odot {adjoint}", site, 0)],
};
