/** Reverse-mode differentiation: the adjoint graph as ordinary nodes, so that it can be differentiated again. */

import {
  add,
  constant,
  dtypes,
  type FeedsOf,
  GradientError,
  markDerivativeOrder,
  type Node,
  reachable,
  sameShape,
  sizeOf,
  sumTo,
} from "@adjoint/core";

/** One node per differentiated node, of its dtype and shape. */
export type Gradients<Y extends string, Xs extends readonly Node[], Seed extends string = never> = {
  readonly [Position in keyof Xs]: Node<Y | FeedsOf<Xs[Position]> | Seed>;
};

export interface GradientOptions<Seed extends string = string> {
  /** The adjoint of y, of its dtype and shape; 1 for a scalar y when absent. */
  readonly seed?: Node<Seed>;
}

/**
 * The adjoints of `xs`: Σ seed · ∂y/∂x for every x, zeros where y does not depend on x. The xs may be any nodes that y was
 * built from, the results may be differentiated again.
 * Source: reverse accumulation, Griewank & Walther, "Evaluating Derivatives", 2nd ed., section 3.2.
 * @throws GradientError for a non-float y, a non-scalar y without seed, a seed of another type, an integer x, or an op on
 * the way that has no adjoint.
 */
export function gradient<Y extends string, const Xs extends readonly Node[], Seed extends string = never>(
  y: Node<Y>,
  xs: Xs,
  options?: GradientOptions<Seed>,
): Gradients<Y, Xs, Seed>;
export function gradient(y: Node, xs: readonly Node[], options: GradientOptions = {}): readonly Node[] {
  const seed = seedOf(y, options.seed);
  for (const x of xs) {
    if (dtypes[x.dtype].kind !== "float") {
      throw new GradientError(
        `${String(x)} is not differentiable: its dtype is ${x.dtype}, not a float.`,
        String(x),
      );
    }
  }
  const order = reachable([y]);
  const dependent = dependentOn(order, xs);
  const adjoints = new Map<Node, Node>([[y, seed]]);
  for (let position = order.length - 1; position >= 0; position--) {
    const node = order[position];
    const adjoint = node === undefined ? undefined : adjoints.get(node);
    if (node === undefined || adjoint === undefined || !dependent.has(node)) continue;
    propagate(node, adjoint, dependent, adjoints);
  }
  const known = new Set([...order, ...reachable([seed]), ...reachable(xs)]);
  const results = xs.map((x) => {
    const adjoint = dependent.has(x) ? adjoints.get(x) : undefined;
    return adjoint ?? constant(0, { dtype: x.dtype, shape: x.shape });
  });
  return markDerivativeOrder(results, known, y.derivativeOrder + 1);
}

function seedOf(y: Node, seed: Node | undefined): Node {
  if (dtypes[y.dtype].kind !== "float") {
    throw new GradientError(
      `${String(y)} is not differentiable: its dtype is ${y.dtype}, not a float.`,
      String(y),
    );
  }
  if (seed === undefined) {
    if (sizeOf(y.shape) !== 1) {
      throw new GradientError(
        `${String(y)} is not a scalar: pass { seed } of its shape, or reduce it with sum or mean first.`,
        String(y),
      );
    }
    return constant(1, { dtype: y.dtype, shape: y.shape });
  }
  if (seed.dtype !== y.dtype || !sameShape(seed.shape, y.shape)) {
    throw new GradientError(
      `The seed ${String(seed)} must have the dtype and shape of ${String(y)}.`,
      String(seed),
    );
  }
  return seed;
}

/** The nodes among `order` through which y depends on the xs, the xs included. */
function dependentOn(order: readonly Node[], xs: readonly Node[]): Set<Node> {
  const members = new Set<Node>(order);
  const dependent = new Set<Node>(xs.filter((x) => members.has(x)));
  for (const node of order) {
    const float = dtypes[node.dtype].kind === "float";
    if (float && node.operands.some((operand) => dependent.has(operand))) dependent.add(node);
  }
  return dependent;
}

/** Adds a node's adjoint, through its op's rule, to the adjoints of its operands. */
function propagate(node: Node, adjoint: Node, dependent: ReadonlySet<Node>, adjoints: Map<Node, Node>): void {
  if (!node.operands.some((operand) => dependent.has(operand))) return;
  if (node.op.vjp === undefined) {
    const message = `${String(node)} has no adjoint: define vjp on its op, or stop the gradient before it.`;
    throw new GradientError(message, String(node));
  }
  const contributions = node.op.vjp({ node, operands: node.operands, attributes: node.attributes, adjoint });
  for (const [position, operand] of node.operands.entries()) {
    const contribution = contributions[position];
    if (contribution === undefined || !dependent.has(operand)) continue;
    const reduced = sumTo(contribution, operand.shape);
    const known = adjoints.get(operand);
    adjoints.set(operand, known === undefined ? reduced : add(known, reduced));
  }
}
