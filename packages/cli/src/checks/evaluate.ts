/** Programs run at given values of everything they read. It refuses to judge what they give. */

import { cpu } from "@adjoint/backend-cpu";
import type { Graph, TensorType, Values } from "@adjoint/core";
import { compile, type FeedData, type Session, type Tensor } from "@adjoint/scheduler";
import { widen } from "./widen.js";

/** A session that computes a graph in float64. */
export function inFloat64(graph: Graph): Promise<Session> {
  return compile(widen(graph), { backend: cpu({ wide: true }) });
}

/** The outputs at values by name. */
export async function evaluate(session: Session, values: Values): Promise<Record<string, Tensor>> {
  const { parameters, inputs } = session.plan;
  for (const slot of parameters) await session.write(slot.name, fed(slot, values[slot.name]));
  return session.run(Object.fromEntries(inputs.map((slot) => [slot.name, fed(slot, values[slot.name])])));
}

function fed({ dtype, shape }: TensorType, elements: ArrayLike<number> = []): FeedData {
  return { shape, data: dtype === "float64" ? Float64Array.from(elements) : Array.from(elements) };
}
