/**
 * The op of a composition whose author gives its adjoints, as files hold it: without the rule, which is a function. It refuses
 * to be in the catalogue: who declares one gives the rule.
 */

import { AttributeError, GradientError } from "../errors.js";
import { defineOp, type Op } from "../graph/op.js";
import { zero } from "../lowering/affine.js";
import { broadcastAccess } from "../lowering/loops.js";
import { argument } from "../scalar/scalar.js";

/** Passes its first operand on; the adjoints of the others come from a rule. What is read from a file has none. */
export const customGradientOp: Op = defineOp<readonly string[], Record<never, never>>({
  name: "customGradient",
  doc: "The first operand, with the adjoints of the others given by a rule.",
  operands: ["y", "xs"],
  variadic: true,
  attributes: {},
  notation: "{y}",
  infer: ([y]) => {
    if (y === undefined) throw new AttributeError("expected the value and its operands");
    return { dtype: y.dtype, shape: y.shape };
  },
  lower: (operands, _, output) => {
    const accesses = operands.map(({ shape }, position) =>
      position === 0 ? broadcastAccess(shape, output.shape) : { index: shape.map(() => zero) },
    );
    return { kind: "view", loops: { reduced: [], accesses, body: argument(0, output.dtype) } };
  },
  vjp: ({ node }) => {
    throw new GradientError(
      `${String(node)} has a gradient of its own, given by a function, which no file holds: differentiate the graph before it is saved.`,
      node.label,
    );
  },
});
