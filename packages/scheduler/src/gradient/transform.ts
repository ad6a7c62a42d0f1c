/** Derivatives built from `gradient`: Jacobian-vector products, Hessian-vector products, Hessians, Jacobians. */

import {
  add,
  constant,
  type FeedsOf,
  GradientError,
  mul,
  type Node,
  reshape,
  sameShape,
  sizeOf,
  stack,
  sum,
} from "@adjoint/core";
import { type Gradients, gradient } from "./gradient.js";

/** Feeds of a node, the nodes differentiated and the directions given. */
type Joint<Y extends string, Xs extends readonly Node[], Vs extends readonly Node[]> =
  | Y
  | FeedsOf<Xs[number]>
  | FeedsOf<Vs[number]>;

/** Vector-Jacobian products: the adjoints of `xs` for the adjoint `seed` of y. The same as `gradient` with a seed. */
export function vjp<Y extends string, const Xs extends readonly Node[], Seed extends string>(
  y: Node<Y>,
  xs: Xs,
  seed: Node<Seed>,
): Gradients<Y, Xs, Seed> {
  return gradient(y, xs, { seed });
}

/**
 * The Jacobian-vector product Σ ∂y/∂x · v, of y's dtype and shape: how y moves when every x moves along its v.
 * Source: the transpose of a vector-Jacobian product is a second vector-Jacobian product (Townsend, 2017).
 * @throws GradientError for a direction of another type than its x.
 */
export function jvp<Y extends string, const Xs extends readonly Node[], const Vs extends readonly Node[]>(
  y: Node<Y>,
  xs: Xs,
  vs: Vs & { readonly length: Xs["length"] },
): Node<Joint<Y, Xs, Vs>>;
export function jvp(y: Node, xs: readonly Node[], vs: readonly Node[]): Node {
  // The adjoints are linear in the seed, so that its value does not matter: only its identity does.
  const seed = constant(0, { dtype: y.dtype, shape: y.shape });
  const [product] = gradient(along(gradient(y, xs, { seed }), vs), [seed]);
  return product;
}

/**
 * Hessian-vector products of a scalar y: for each x, the change of its gradient when every x moves along its v.
 * @throws GradientError for a non-scalar y or a direction of another type than its x.
 */
export function hvp<Y extends string, const Xs extends readonly Node[], const Vs extends readonly Node[]>(
  y: Node<Y>,
  xs: Xs,
  vs: Vs & { readonly length: Xs["length"] },
): Gradients<Y, Xs, FeedsOf<Vs[number]>>;
export function hvp(y: Node, xs: readonly Node[], vs: readonly Node[]): readonly Node[] {
  return gradient(along(gradient(y, xs), vs), xs);
}

/** The scalar Σ g · v. */
function along(gradients: readonly Node[], vs: readonly Node[]): Node {
  const terms = gradients.map((g, position) => {
    const v = vs[position];
    if (v === undefined || v.dtype !== g.dtype || !sameShape(v.shape, g.shape)) {
      throw new GradientError(
        `Direction ${position} must have the type of ${String(g)}, not ${String(v)}.`,
        String(v),
      );
    }
    return sum(mul(g, v));
  });
  const [first, ...rest] = terms;
  if (first === undefined) throw new GradientError("There is nothing to differentiate: no nodes are given.");
  return rest.reduce((total, term) => add(total, term), first);
}

/**
 * The Jacobian of y with respect to x as one graph, of shape [...y.shape, ...x.shape]: a vector-Jacobian product per
 * element of y, so for few outputs only.
 */
export function jacobian<Y extends string, X extends string>(y: Node<Y>, x: Node<X>): Node<Y | X>;
export function jacobian(y: Node, x: Node): Node {
  const size = sizeOf(y.shape);
  if (size === 0) return constant(0, { dtype: x.dtype, shape: [...y.shape, ...x.shape] });
  const rows = Array.from({ length: size }, (_, element) => {
    const [row] = gradient(y, [x], { seed: unit(y, element) });
    return row;
  });
  return reshape(stack(rows), [...y.shape, ...x.shape]);
}

/**
 * The Hessian of a scalar y with respect to x as one graph, of shape [...x.shape, ...x.shape]: a Hessian-vector product
 * per element of x, so for tiny x only.
 */
export function hessian<Y extends string, X extends string>(y: Node<Y>, x: Node<X>): Node<Y | X>;
export function hessian(y: Node, x: Node): Node {
  const [slope] = gradient(y, [x]);
  return jacobian(slope, x);
}

/** 1 at one element, 0 elsewhere. */
function unit(like: Node, element: number): Node<never> {
  const elements = Array.from({ length: sizeOf(like.shape) }, (_, position) =>
    position === element ? 1 : 0,
  );
  return reshape(constant(elements, { dtype: like.dtype }), like.shape);
}
