/** A network with and without a bias in its hidden layer: what the second exercise compares. It refuses to change anything else. */

import {
  add,
  createNode,
  type Graph,
  graph,
  label,
  lowerNode,
  type Node,
  parameter,
  reachable,
  withOperands,
} from "@adjoint/core";
import { activations } from "../equations/functions.js";

export interface BiasComparison {
  readonly without: Graph;
  readonly with: Graph;
  /** Names of the pre-activation and of the bias. */
  readonly layer: string;
  readonly bias: string;
  /** Which of the two the program is. */
  readonly has: boolean;
}

/** The two networks; undefined where no activation follows a product. */
export function compareBias(program: Graph): BiasComparison | undefined {
  for (const node of program.nodes) {
    const [z] = node.operands;
    if (!activations.has(node.op.name) || z === undefined || node.derivativeOrder > 0) continue;
    const layer = program.nameOf(z);
    if (isProduct(z)) {
      const bias = nameBeside(program, z);
      const width = z.shape.at(-1) ?? 1;
      const biased = add(unlabeled(z), parameter(bias, [width], undefined, { dtype: z.dtype }));
      return { without: program, with: replaced(program, z, named(biased, z)), layer, bias, has: false };
    }
    const [product, other] = [
      z.operands.find(isProduct),
      z.operands.find(({ op }) => op.name === "parameter"),
    ];
    if (z.op.name === "add" && product !== undefined && other !== undefined && other.shape.length === 1) {
      const without = replaced(program, z, named(product, z));
      return { without, with: program, layer, bias: program.nameOf(other), has: true };
    }
  }
  return undefined;
}

function isProduct(node: Node): boolean {
  return lowerNode(node).kind === "contract" && node.op.name === "matmul";
}

/** The same node without its name. */
function unlabeled(node: Node): Node {
  return createNode(node.op, node.operands, node.attributes);
}

/** A node under the name of another, if that has one. */
function named(node: Node, like: Node): Node {
  return like.label === undefined ? node : label(unlabeled(node), like.label);
}

/** The objective with one of its nodes replaced. */
function replaced(program: Graph, old: Node, by: Node): Graph {
  const made = new Map<Node, Node>([[old, by]]);
  for (const node of program.nodes) {
    if (node === old) continue;
    made.set(
      node,
      withOperands(
        node,
        node.operands.map((operand) => made.get(operand) ?? operand),
      ),
    );
  }
  const outputs = Object.entries<Node>(program.outputs).map(([name, node]) => [name, made.get(node) ?? node]);
  return graph({ outputs: Object.fromEntries(outputs) });
}

/** A name like that of the weights it goes with: b1 beside W1, fc1.bias beside fc1.weight. */
function nameBeside(program: Graph, product: Node): string {
  const weight =
    reachable([product])
      .filter(({ op }) => op.name === "parameter")
      .at(-1)?.label ?? "W1";
  const taken = new Set(program.nodes.map((node) => program.nameOf(node)));
  const wishes = [weight.replace(/weight$/, "bias"), weight.replace(/W(?=\d*$)/, "b"), "b", "bias"];
  return wishes.find((wish) => !taken.has(wish)) ?? "hidden.bias";
}
