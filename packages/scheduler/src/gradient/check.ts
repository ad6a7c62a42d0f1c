/** Checks adjoints against finite differences in the float64 interpreter. */

import {
  add,
  constant,
  GradientError,
  graph,
  interpret,
  mul,
  type Node,
  reshape,
  sizeOf,
  sum,
  type Values,
} from "@adjoint/core";
import { gradient } from "./gradient.js";

/** The element where adjoint and finite difference disagree most. */
export interface WorstElement {
  readonly order: 1 | 2;
  /** The input or parameter. */
  readonly name: string;
  readonly index: number;
  readonly adjoint: number;
  readonly difference: number;
  /** |adjoint − difference| / max(1, |adjoint|, |difference|). */
  readonly error: number;
}

export interface GradientReport {
  readonly passed: boolean;
  /** Elements compared, both orders together. */
  readonly checked: number;
  readonly worst: WorstElement | undefined;
}

export interface CheckOptions {
  /** Values of inputs, and of parameters where they differ from the initial ones, by name. */
  readonly values: Values;
  /** Largest error allowed; 1e-5 unless given. */
  readonly tolerance?: number;
  /** 2 checks the second derivative along a direction as well (the default), 1 does not. */
  readonly order?: 1 | 2;
}

/**
 * Compares the adjoints of y with central differences, element by element of every x, and the derivative of the adjoints
 * along a fixed direction likewise. A non-scalar y is weighted by fixed pseudo-random numbers first. The xs must be float
 * inputs or parameters. Source of the step width: Press et al., "Numerical Recipes", 3rd ed., section 5.7.
 * @throws GradientError for an x that is no input or parameter.
 */
export function checkGradients(y: Node, xs: readonly Node[], options: CheckOptions): GradientReport {
  const { values, tolerance = 1e-5, order = 2 } = options;
  for (const x of xs) {
    if (x.op.name !== "input" && x.op.name !== "parameter") {
      throw new GradientError(`checkGradients varies inputs and parameters, not ${String(x)}.`, String(x));
    }
  }
  const objective = sum(mul(y, weights(y)));
  const gradients = gradient(objective, xs);
  const first = compare(1, objective, gradients, xs, values);
  if (order === 1) return report(first, tolerance);
  const terms = gradients.map((g) => sum(mul(g, weights(g))));
  const slope = terms.reduce<Node | undefined>(
    (total, term) => (total === undefined ? term : add(total, term)),
    undefined,
  );
  if (slope === undefined) return report(first, tolerance);
  return report([...first, ...compare(2, slope, gradient(slope, xs), xs, values)], tolerance);
}

function report(elements: readonly WorstElement[], tolerance: number): GradientReport {
  const worst = elements.reduce<WorstElement | undefined>(
    (top, element) => (top === undefined || !(element.error <= top.error) ? element : top),
    undefined,
  );
  return { passed: worst === undefined || worst.error <= tolerance, checked: elements.length, worst };
}

function compare(
  order: 1 | 2,
  y: Node,
  adjoints: readonly Node[],
  xs: readonly Node[],
  values: Values,
): WorstElement[] {
  const outputs = Object.fromEntries(adjoints.map((adjoint, position) => [`d${position}`, adjoint]));
  const exact = interpret(graph({ outputs }), values).outputs;
  const forward = graph({ outputs: { y } });
  return xs.flatMap((x, position) => {
    const name = String(x.attributes["name"]);
    const start = Float64Array.from(startOf(x, values));
    return Array.from(start, (center, index): WorstElement => {
      const step = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(center));
      const at = (value: number): number => {
        const moved = start.slice();
        moved[index] = value;
        return interpret(forward, { ...values, [name]: moved }).outputs.y[0] ?? Number.NaN;
      };
      const [above, below] = [center + step, center - step];
      const difference = (at(above) - at(below)) / (above - below);
      const adjoint = exact[`d${position}`]?.[index] ?? Number.NaN;
      const error = Math.abs(adjoint - difference) / Math.max(1, Math.abs(adjoint), Math.abs(difference));
      return { order, name, index, adjoint, difference, error };
    });
  });
}

function startOf(x: Node, values: Values): ArrayLike<number> {
  const given = values[String(x.attributes["name"])];
  return given ?? interpret(graph({ outputs: { x } })).outputs.x;
}

/** Fixed numbers in [0.5, 1.5) that no symmetry of y cancels (the golden ratio's multiples modulo 1). */
function weights(y: Node): Node {
  const elements = Array.from(
    { length: sizeOf(y.shape) },
    (_, k) => 0.5 + (((k + 1) * 0.6180339887498949) % 1),
  );
  return reshape(constant(elements, { dtype: y.dtype }), y.shape);
}
