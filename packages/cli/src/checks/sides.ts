/** Programs with some of their parameters moved to either side: central differences. It refuses to judge them. */

import { initialize, type Node, normal, sizeOf, type Values } from "@adjoint/core";
import type { Session, Tensor } from "@adjoint/scheduler";
import { evaluate } from "./evaluate.js";

/** A parameter by name, and the input that says where to it moves. */
export interface Move {
  readonly name: string;
  readonly parameter: Node;
  readonly direction: Node;
}

type Outputs = Readonly<Record<string, Tensor>>;

/** What a program gives at x + hv and x − hv. */
export interface Sides {
  readonly above: Outputs;
  readonly below: Outputs;
  readonly step: number;
}

/** Random directions of about unit length for all moves, by the names of their inputs. */
export function drawn(moves: readonly Move[], seed: number): Values {
  return Object.fromEntries(
    moves.map(({ direction }, position) => {
      const std = 1 / Math.sqrt(Math.max(1, sizeOf(direction.shape)));
      return [
        inputName(direction),
        initialize(normal({ std, seed: 1000 * seed + position }), direction.shape),
      ];
    }),
  );
}

export async function sidesOf(session: Session, moves: readonly Move[], values: Values): Promise<Sides> {
  const start = (name: string): Float64Array => Float64Array.from(values[name] ?? []);
  const scale = moves.reduce(
    (most, { name }) => start(name).reduce((largest, value) => Math.max(largest, Math.abs(value)), most),
    1,
  );
  const step = Math.cbrt(Number.EPSILON) * scale;
  const moved = (distance: number): Promise<Outputs> => {
    const there = moves.map(({ name, direction }) => {
      const v = values[inputName(direction)] ?? [];
      return [name, start(name).map((value, k) => value + distance * (v[k] ?? 0))];
    });
    return evaluate(session, { ...values, ...Object.fromEntries(there) });
  };
  return { above: await moved(step), below: await moved(-step), step };
}

/** (f(x + hv) − f(x − hv)) / 2h of a scalar output. */
export function quotient({ above, below, step }: Sides, output: string): number {
  return (scalar(above, output) - scalar(below, output)) / (2 * step);
}

export function scalar(outputs: Outputs, name: string): number {
  return outputs[name]?.item() ?? Number.NaN;
}

function inputName({ attributes }: Node): string {
  return String(attributes["name"]);
}
