/** A user's own adjoint for a composition. */

import { createNode, customGradientOp, GradientError, type Node, type Op, sameShape } from "@adjoint/core";

type Rule = (site: {
  /** The value of the composition. */
  readonly y: Node;
  readonly xs: readonly Node[];
  /** Of y's type. */
  readonly adjoint: Node;
}) => readonly (Node | undefined)[];

/**
 * The value of `forward(...xs)` with the adjoints that `rule` gives: one per x, of its type, or undefined for zero. The
 * rule is made of ordinary ops, so that its own derivatives follow; `forward` is not differentiated.
 * @throws GradientError when the rule gives another number or type of adjoints.
 */
export function customGradient<Feeds extends string>(
  forward: (...xs: readonly Node<Feeds>[]) => Node<Feeds>,
  xs: readonly Node<Feeds>[],
  rule: Rule,
): Node<Feeds> {
  const y = forward(...xs);
  return createNode(withRule(rule), [y, ...xs]);
}

/** The op that files hold, with its rule. */
function withRule(rule: Rule): Op {
  return {
    ...customGradientOp,
    vjp: ({ node, operands: [, ...xs], adjoint }) => {
      const adjoints = rule({ y: node, xs, adjoint });
      if (adjoints.length !== xs.length) {
        throw new GradientError(
          `customGradient: the rule gives ${adjoints.length} adjoints for ${xs.length} operands.`,
        );
      }
      for (const [position, given] of adjoints.entries()) {
        const x = xs[position];
        if (
          given !== undefined &&
          x !== undefined &&
          (given.dtype !== x.dtype || !sameShape(given.shape, x.shape))
        ) {
          throw new GradientError(
            `customGradient: the adjoint ${String(given)} must have the type of ${String(x)}.`,
          );
        }
      }
      return [undefined, ...adjoints];
    },
  };
}
