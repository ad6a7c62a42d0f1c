/** Derivatives along directions against central differences, in the float64 interpreter. It refuses to take them element by element. */

import { constant, graph, interpret, mul, type Node, reshape, sizeOf, sum, type Values } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";

export interface Slope {
  readonly order: 1 | 2;
  readonly derivative: number;
  readonly difference: number;
  readonly passed: boolean;
}

/** Largest disagreement allowed, relative to the larger of the two and 1e-3. */
const tolerance = 1e-4;
/** Directions tried: a kink within the step spoils one by chance, a wrong derivative spoils all. */
const directions = 3;

/** ∂J/∂x along v, then ∂²J/∂x² along v twice, each beside (f(x + hv) − f(x − hv)) / 2h. */
export function* slopesOf(objective: Node, x: Node, values: Values): Generator<Slope, void> {
  const slopes = Array.from({ length: directions }, (_, k) => () => slopesAlong(objective, x, values, k));
  const tried: (readonly [Slope, Slope])[] = [];
  for (const slope of slopes) {
    tried.push(slope());
    if (tried.at(-1)?.every(({ passed }) => passed)) break;
  }
  for (const position of [0, 1] as const) {
    const found = tried.map((pair) => pair[position]);
    const best = found.find(({ passed }) => passed) ?? found[0];
    if (best !== undefined) yield best;
  }
}

function slopesAlong(objective: Node, x: Node, values: Values, direction: number): readonly [Slope, Slope] {
  const v = directionLike(x, direction);
  const [g] = gradient(objective, [x]);
  const first = sum(mul(g, v));
  const [h] = gradient(first, [x]);
  const second = sum(mul(h, v));
  const program = graph({ outputs: { J: objective, first, second, v } });
  const name = String(x.attributes["name"]);
  const start = Float64Array.from(values[name] ?? []);
  const at = interpret(program, values).outputs;
  const scale = start.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const step = Math.cbrt(Number.EPSILON) * scale;
  const moved = (sign: number): { readonly J: number; readonly first: number } => {
    const there = start.map((value, k) => value + sign * step * (at.v[k] ?? 0));
    const { outputs } = interpret(sides, { ...values, [name]: there });
    return { J: outputs.J[0] ?? Number.NaN, first: outputs.first[0] ?? Number.NaN };
  };
  const sides = graph({ outputs: { J: objective, first } });
  const [above, below] = [moved(1), moved(-1)];
  const difference = (a: number, b: number): number => (a - b) / (2 * step);
  return [
    slope(1, at.first[0] ?? Number.NaN, difference(above.J, below.J)),
    slope(2, at.second[0] ?? Number.NaN, difference(above.first, below.first)),
  ];
}

function slope(order: 1 | 2, derivative: number, difference: number): Slope {
  const scale = Math.max(Math.abs(derivative), Math.abs(difference), 1e-3);
  return { order, derivative, difference, passed: Math.abs(derivative - difference) <= tolerance * scale };
}

/** Fixed numbers of both signs, of unit length on average: multiples of an irrational number modulo 1. */
function directionLike({ shape, dtype }: Node, direction: number): Node {
  const size = sizeOf(shape);
  const ratio = [0.6180339887498949, 0.4142135623730951, 0.7320508075688772][direction] ?? 0.5;
  const elements = Array.from({ length: size }, (_, k) => {
    const value = (2 * (((k + 1) * ratio) % 1) - 1) * Math.sqrt(3 / size);
    return dtype === "float32" ? Math.fround(value) : value;
  });
  return reshape(constant(elements, { dtype }), shape);
}
