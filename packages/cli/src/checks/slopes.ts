/** Derivatives along random directions against central differences, in float64. It refuses to take them element by element. */

import { add, graph, input, mul, type Node, sum, type Values } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { evaluate, inFloat64 } from "./evaluate.js";
import { drawn, type Move, quotient, scalar, sidesOf } from "./sides.js";

interface Figures {
  readonly derivative: number;
  readonly difference: number;
}

export interface Slope extends Figures {
  readonly parameter: Node;
  readonly order: 1 | 2;
  readonly passed: boolean;
}

/** Largest disagreement allowed, relative to the larger of the two and 1e-3. */
const tolerance = 1e-4;
/** Directions tried: a kink within the step spoils one by chance, a wrong derivative spoils all. */
const directions = [0, 1, 2] as const;

/**
 * Two slopes for every weight x, along directions v: ⟨∂J/∂x, v_x⟩ beside J at x ± h v_x, and ⟨∂S/∂x, v_x⟩ of
 * S = Σ ⟨∂J/∂x, v_x⟩, a Hessian-vector product, beside ⟨∂J/∂x, v_x⟩ with all weights at x ± h v.
 */
export async function* slopesOf(
  objective: Node,
  weights: readonly Node[],
  values: Values,
): AsyncGenerator<Slope, void> {
  if (weights.length === 0) return;
  const moves = weights.map((parameter, position): Move => {
    const direction = input(unused(`v${position}`, values), parameter.shape, parameter.dtype);
    return { name: String(parameter.attributes["name"]), parameter, direction };
  });
  const firsts = along(objective, moves);
  const seconds = along(
    firsts.reduce((total, first) => add(total, first)),
    moves,
  );
  const outputs = { ...numbered("first", firsts), ...numbered("second", seconds) };
  await using value = await inFloat64(graph({ outputs: { J: objective } }));
  await using slopes = await inFloat64(graph({ outputs }));
  const tried = directions.map((seed) => {
    const at = { ...values, ...drawn(moves, seed) };
    const here = once(() => evaluate(slopes, at));
    const around = once(() => sidesOf(slopes, moves, at));
    return {
      1: async (position: number): Promise<Figures> => ({
        derivative: scalar(await here(), `first${position}`),
        difference: quotient(await sidesOf(value, moves.slice(position, position + 1), at), "J"),
      }),
      2: async (position: number): Promise<Figures> => ({
        derivative: scalar(await here(), `second${position}`),
        difference: quotient(await around(), `first${position}`),
      }),
    };
  });
  for (const [position, { parameter }] of moves.entries()) {
    for (const order of [1, 2] as const) {
      const figures = await firstAgreeing(tried.map((direction) => () => direction[order](position)));
      yield { parameter, order, passed: agree(figures), ...figures };
    }
  }
}

/** The first figures that agree, or else the first. */
async function firstAgreeing([attempt, ...others]: readonly (() => Promise<Figures>)[]): Promise<Figures> {
  const first = (await attempt?.()) ?? { derivative: Number.NaN, difference: Number.NaN };
  if (agree(first)) return first;
  for (const other of others) {
    const figures = await other();
    if (agree(figures)) return figures;
  }
  return first;
}

function agree({ derivative, difference }: Figures): boolean {
  const scale = Math.max(Math.abs(derivative), Math.abs(difference), 1e-3);
  return Math.abs(derivative - difference) <= tolerance * scale;
}

/** ⟨∂y/∂x, v_x⟩ for every x that moves. */
function along(y: Node, moves: readonly Move[]): Node[] {
  const derivatives = gradient(
    y,
    moves.map(({ parameter }) => parameter),
  );
  return moves.map(({ direction, parameter }, position) =>
    sum(mul(derivatives[position] ?? parameter, direction)),
  );
}

function numbered(title: string, nodes: readonly Node[]): Record<string, Node> {
  return Object.fromEntries(nodes.map((node, position) => [`${title}${position}`, node]));
}

/** A name that no value has. */
function unused(name: string, values: Values): string {
  return Object.hasOwn(values, name) ? unused(`${name}_`, values) : name;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
