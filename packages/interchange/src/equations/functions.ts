/**
 * Ops as the equations write their derivatives: φ′(z) for an activation, softmax(o) − onehot(y) for cross-entropy. Each
 * stands for exactly what the op's own rule gives; it refuses to hold a second derivative rule.
 */

import {
  type AttributeValues,
  broadcastTo,
  constant,
  createNode,
  dtypes,
  expandDims,
  input,
  label,
  lowerNode,
  mul,
  type Node,
  type Op,
  reachable,
  ShapeError,
  softmax,
  sub,
  sum,
  type TensorType,
  withOperands,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";

const sharePrefix = "adjoint of ";

/** The adjoint that reads all its operands and nothing else, so that one op shows what is retained for it. */
const whole = `${sharePrefix}softmax`;

/** LaTeX of functions in place of that of their ops: `{ tanh: "\\phi" }`. */
export type Functions = Readonly<Record<string, string>>;

/** Activations: functions of one tensor, element by element, whose derivative has a name. */
export const activations: ReadonlySet<string> = new Set([
  "tanh",
  "sigmoid",
  "relu",
  "leakyRelu",
  "elu",
  "gelu",
]);

export class Displayed {
  readonly #functions: Functions;
  readonly #ops = new Map<Op, Op>();
  readonly #slopes = new Map<Op, { readonly of: Op; readonly order: number }>();
  readonly #originals = new Map<Op, Op>();

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** The op as it is written. The same object every time. */
  op(op: Op): Op {
    if (this.#slopes.has(op) || this.#originals.has(op)) return op;
    const known = this.#ops.get(op) ?? this.#make(op);
    this.#ops.set(op, known);
    if (known !== op) this.#originals.set(known, op);
    return known;
  }

  /** The node as the graph's own ops compute it, on other operands. Unless expanded, what reads only its operands stays one. */
  plain(node: Node, operands: readonly Node[], expand: boolean): Node {
    const original = this.#originals.get(node.op);
    if (original !== undefined) return createNode(original, operands, node.attributes, node.label);
    const moved = withOperands(node, operands);
    const stands = !expand && node.op.name === whole;
    if (stands || !(this.#slopes.has(node.op) || node.op.name.startsWith(sharePrefix))) return moved;
    const built = expanded(moved);
    return node.label === undefined ? built : label(built, node.label);
  }

  /** What a node's op is the derivative of, if it was made here. */
  slopeOf(node: Node): { readonly of: Op; readonly order: number } | undefined {
    return this.#slopes.get(node.op);
  }

  #make(op: Op): Op {
    const own = Object.hasOwn(this.#functions, op.name) ? this.#functions[op.name] : undefined;
    const notation =
      own === undefined ? op.notation : `${own}(${op.operands.map((name) => `{${name}}`).join(", ")})`;
    const head = /^(.*)\(\{x\}\)$/.exec(notation)?.[1];
    if (head !== undefined && op.operands.length === 1 && (own !== undefined || activations.has(op.name)))
      return this.#activation(op, head, 0);
    const rules = Object.hasOwn(adjoints, op.name) ? adjoints[op.name] : undefined;
    if (rules !== undefined) return { ...op, notation, vjp: rules(op) };
    return own === undefined ? op : { ...op, notation };
  }

  /** The derivative of an order of a function of one tensor, itself with derivatives of every order. */
  #activation(op: Op, head: string, order: number): Op {
    const made: Op = {
      ...op,
      name: `${op.name}${"'".repeat(order)}`,
      notation: `${head}${"'".repeat(order)}({x})`,
      ...(order === 0
        ? {}
        : {
            lower: (_, attributes) => ({ kind: "compose", build: ([x]) => slope(op, x, attributes, order) }),
          }),
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

/** A composed node as what it is composed of. Built over leaves first: derivatives on the way look at all that is below. */
function expanded(node: Node): Node {
  const lowering = lowerNode(node);
  if (lowering.kind !== "compose") return node;
  const leaves = node.operands.map(({ shape, dtype }, position) => input(`operand${position}`, shape, dtype));
  const built = lowering.build(leaves);
  const replaced = new Map<Node, Node>(
    leaves.map((leaf, position) => [leaf, node.operands[position] ?? leaf]),
  );
  for (const inner of reachable([built], new Set(leaves))) {
    const operands = inner.operands.map((operand) => replaced.get(operand) ?? operand);
    replaced.set(inner, withOperands(inner, operands));
  }
  return replaced.get(built) ?? built;
}

/** The derivative of an order of an op of one tensor, element by element. `result` is op(x) where there is one already. */
export function slope(
  op: Op,
  x: Node | undefined,
  attributes: AttributeValues,
  order: number,
  result?: Node,
): Node {
  if (x === undefined) throw new ShapeError(`${op.name} takes one operand.`, op.name);
  let current = result ?? createNode(op, [x], attributes);
  for (let remaining = order; remaining > 0; remaining--) {
    const seed = constant(1, { dtype: current.dtype, shape: current.shape });
    const [next] = gradient(current, [x], { seed });
    current = next;
  }
  return broadcastTo(current, x.shape);
}

/** The op of one operand's share of another op's own rule, under a notation; its derivative is that of what it stands for. */
function shareOp(op: Op, name: string, notation: string, position: number, vjp?: Op["vjp"]): Op {
  const build = (all: readonly Node[], attributes: AttributeValues): Node => {
    const operands = all.slice(0, -1);
    const [target, adjoint] = [all[position], all.at(-1)];
    const node = createNode(op, operands, attributes);
    const found = adjoint && op.vjp?.({ node, operands, attributes, adjoint })[position];
    if (found === undefined || target === undefined)
      throw new ShapeError(`${op.name} has no adjoint for operand ${position}.`, op.name);
    return broadcastTo(found, target.shape);
  };
  return {
    name: `${sharePrefix}${name}`,
    doc: `The adjoint of operand ${position} of ${op.name}.`,
    operands: [...op.operands, "adjoint"],
    variadic: false,
    attributes: op.attributes,
    notation,
    infer: (types): TensorType => types[position] ?? { dtype: "float32", shape: [] },
    lower: (_, attributes) => ({ kind: "compose", build: (all) => build(all, attributes) }),
    vjp:
      vjp ??
      (({ operands, attributes, adjoint: seed }) => {
        const floats = operands.filter(({ dtype }) => isFloat(dtype));
        const found = gradient(build(operands, attributes), floats, { seed });
        return operands.map((operand) => found[floats.indexOf(operand)]);
      }),
  };
}

const isFloat = (dtype: Node["dtype"]): boolean => dtypes[dtype].kind === "float";

/** The adjoint of softmax for what differs from it by a constant. */
const softmaxAdjoint: Op["vjp"] = ({ operands, adjoint }) => {
  const [logits] = operands;
  const p = logits === undefined ? undefined : softmax(logits);
  const share = p && mul(p, sub(adjoint, sum(mul(adjoint, p), { axes: -1, keepDims: true })));
  return operands.map((_, position) => (position === 0 ? share : undefined));
};

/** The rule of an op, and what it needs. */
type Rule = (op: Op) => NonNullable<Op["vjp"]>;

function shared(...notations: readonly (readonly [name: string, notation: string])[]): Rule {
  return (op) => {
    const ops = notations.map(([name, notation], position) => shareOp(op, name, notation, position));
    return ({ operands, attributes, adjoint }) =>
      ops.map((share) => createNode(share, [...operands, adjoint], attributes));
  };
}

/** Rules whose results are too long to read as they are. */
const adjoints: Readonly<Record<string, Rule>> = {
  sparseSoftmaxCrossEntropy: (op) => {
    const notation = "\\operatorname{softmax}({logits}) - \\operatorname{onehot}({labels})";
    const difference = shareOp(op, "softmax", notation, 0, softmaxAdjoint);
    return ({ node, operands, adjoint }) => {
      const unit = constant(1, { dtype: node.dtype, shape: node.shape });
      return [
        mul(expandDims(adjoint, adjoint.shape.length), createNode(difference, [...operands, unit])),
        undefined,
      ];
    };
  },
  conv: shared(["conv x", "{adjoint} \\ast {w}"], ["conv w", "{x} \\star {adjoint}"]),
  logSumExp: shared(["logSumExp", "\\operatorname{softmax}({x}) \\odot {adjoint}"]),
  max: shared(["max", "[{x} = \\max {x}] \\odot {adjoint}"]),
  min: shared(["min", "[{x} = \\min {x}] \\odot {adjoint}"]),
};
