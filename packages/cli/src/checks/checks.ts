/** The checks of a graph, one after the other, the cheap ones first. It refuses to print. */

import {
  AdjointError,
  dtypes,
  type Graph,
  graphFromJson,
  graphToJson,
  interpret,
  type Node,
  parseGraph,
  printGraph,
  sameGraph,
  type Values,
  verifyGraph,
} from "@adjoint/core";
import { type Backend, compile, planFromJson, planToJson } from "@adjoint/scheduler";
import { slopesOf } from "./slopes.js";

export interface Finding {
  readonly check: string;
  readonly passed: boolean;
  /** Figures, or what is wrong. */
  readonly detail: string;
}

export interface CheckOptions {
  /** What is differentiated, by name. */
  readonly objectives: readonly (readonly [name: string, node: Node])[];
  readonly values: Values;
  readonly backend: Backend;
}

export async function* checksOf(
  graph: Graph,
  { objectives, values, backend }: CheckOptions,
): AsyncGenerator<Finding, void> {
  yield await finding("the graph keeps its promises", () => {
    verifyGraph(graph);
    return `${graph.nodes.length} nodes`;
  });
  yield await finding("text and JSON read back as the graph", () => {
    if (!sameGraph(parseGraph(printGraph(graph)), graph))
      throw new AdjointError("the text reads as another graph");
    if (!sameGraph(graphFromJson(graphToJson(graph)), graph))
      throw new AdjointError("the JSON reads as another graph");
    return "";
  });
  yield await finding(`${backend.target.name}: the plan replays, and gives the interpreter's numbers`, () =>
    runs(graph, values, backend),
  );
  const weights = graph.parameters.filter(
    ({ dtype, attributes }) => dtypes[dtype].kind === "float" && attributes["state"] !== true,
  );
  for (const [name, objective] of objectives) {
    for (const weight of weights) {
      for (const slope of slopesOf(objective, weight, values)) {
        const order = slope.order === 1 ? "gradient" : "second derivative";
        yield {
          check: `${order} of ${name} by ${graph.nameOf(weight)} along a direction`,
          passed: slope.passed,
          detail: `${short(slope.derivative)}, by differences ${short(slope.difference)}`,
        };
      }
    }
  }
}

/** The float scalars among the outputs. */
export function scalarsOf(graph: Graph): (readonly [string, Node])[] {
  return Object.entries<Node>(graph.outputs).filter(
    ([, { dtype, shape }]) => dtypes[dtype].kind === "float" && shape.length === 0,
  );
}

async function finding(check: string, run: () => string | Promise<string>): Promise<Finding> {
  try {
    return { check, passed: true, detail: await run() };
  } catch (error) {
    if (error instanceof AdjointError) return { check, passed: false, detail: error.message };
    throw error;
  }
}

/** Largest difference allowed between the backend and float64, relative to the largest element. */
const tolerance = { float32: 1e-3, float64: 1e-9 } as const;

async function runs(graph: Graph, values: Values, backend: Backend): Promise<string> {
  const session = await compile(graph, { backend, verify: true });
  try {
    planFromJson(planToJson(session.plan));
    for (const { name, dtype, shape } of session.plan.parameters)
      await session.write(name, { shape, data: typed(values[name], dtype) });
    const feeds = Object.fromEntries(
      session.plan.inputs.map(({ name, shape }) => [name, { shape, data: Array.from(values[name] ?? []) }]),
    );
    const found = await session.run(feeds);
    const truth = interpret(graph, values);
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
    return `${session.plan.steps.length} kernels, relative difference ${short(worst)}`;
  } finally {
    await session.dispose();
  }
}

function typed(elements: ArrayLike<number> | undefined, dtype: string): number[] {
  const numbers = Array.from(elements ?? []);
  return dtype === "float32" ? numbers.map(Math.fround) : numbers;
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

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
