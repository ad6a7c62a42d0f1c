/** How far a plan's numbers are from the truth: the same graph in float64. It refuses to say which of the two is wrong. */

import { AdjointError, type Graph, interpret, type Values } from "@adjoint/core";
import { type Backend, compile, planFromJson, planToJson } from "@adjoint/scheduler";
import { evaluate, inFloat64 } from "./evaluate.js";
import { short } from "./number.js";

/** Largest difference allowed between the backend and float64, relative to the largest element. */
const tolerance = { float32: 1e-3, float64: 1e-9 } as const;
/** Scalar operations that the interpreter is given: more than a few seconds' worth the CPU does in float64. */
const interpreted = 2e6;

interface Truth {
  readonly by: string;
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
  readonly updates: ReadonlyMap<string, ArrayLike<number>>;
}

/**
 * Figures of a run that agrees.
 * @throws AdjointError that names what does not.
 */
export async function agreement(graph: Graph, values: Values, backend: Backend): Promise<string> {
  await using session = await compile(graph, { backend, verify: true });
  const { plan } = session;
  planFromJson(planToJson(plan));
  const found = await evaluate(session, values);
  const truth = await truthOf(graph, values, plan.memory.flops);
  let worst = 0;
  const compare = (
    name: string,
    dtype: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
  ): void => {
    const error = distance(actual, expected);
    worst = Math.max(worst, error);
    const allowed = dtype === "float64" ? tolerance.float64 : tolerance.float32;
    if (!(error <= allowed))
      throw new AdjointError(`${name} is ${short(error)} of its largest element away from float64`, name);
  };
  for (const [name, tensor] of Object.entries(found))
    compare(name, tensor.dtype, tensor.data, truth.outputs[name] ?? []);
  for (const [name, expected] of truth.updates) {
    const tensor = await session.read(name);
    compare(`the update of ${name}`, tensor.dtype, tensor.data, expected);
  }
  return `${plan.steps.length} kernels, relative difference ${short(worst)} from ${truth.by}`;
}

async function truthOf(graph: Graph, values: Values, flops: number): Promise<Truth> {
  if (flops <= interpreted) return { by: "the interpreter", ...interpret(graph, values) };
  await using session = await inFloat64(graph);
  const outputs = Object.entries(await evaluate(session, values)).map(([name, { data }]) => [name, data]);
  const updates = new Map<string, ArrayLike<number>>();
  for (const { parameter } of graph.updates) {
    const name = graph.nameOf(parameter);
    updates.set(name, (await session.read(name)).data);
  }
  const by = `float64 on the CPU (${(flops / 1e6).toFixed(0)} M operations are too many for the interpreter)`;
  return { by, outputs: Object.fromEntries(outputs), updates };
}

/** The largest difference of two lists over the largest element of the second; NaN where only one is NaN or infinite. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [most, scale] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    const [a, b] = [actual[k] ?? Number.NaN, expected[k] ?? Number.NaN];
    if (Object.is(a, b) || a === b) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.NaN;
    most = Math.max(most, Math.abs(a - b));
  }
  for (let k = 0; k < expected.length; k++)
    if (Number.isFinite(expected[k])) scale = Math.max(scale, Math.abs(expected[k] ?? 0));
  return most === 0 ? 0 : most / Math.max(scale, Number.MIN_VALUE);
}
