/**
 * Every named graph of the suite survives its text form and its JSON form, byte for byte; its tensors survive safetensors, and
 * what has parameters survives a checkpoint, bit for bit.
 */

import { cpu } from "@adjoint/backend-cpu";
import {
  catalogue,
  type Graph,
  graphFromJson,
  graphToJson,
  parseGraph,
  printGraph,
  type ReadOptions,
  sameGraph,
} from "@adjoint/core";
import {
  loadCheckpoint,
  memoryFolder,
  readParameters,
  readSafetensors,
  resume,
  type StorableNow,
  saveCheckpoint,
  writeSafetensors,
} from "@adjoint/interchange";
import { compile, planToJson } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { collections, type Named, referenceCollections, type Sample } from "./collections.js";

/** Readers are given the ops that are a graph's own. */
function ownOps({ nodes }: Graph): ReadOptions {
  const own = nodes.flatMap(({ op }) => (catalogue.get(op.name) === op ? [] : [op]));
  return { ops: [...new Set(own)] };
}

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

function expectForms(graph: Graph): void {
  const text = printGraph(graph);
  const parsed = parseGraph(text, ownOps(graph));
  expect(sameGraph(parsed, graph)).toBe(true);
  expect(printGraph(parsed)).toBe(text);
  const json = JSON.stringify(graphToJson(graph));
  const loaded = graphFromJson(JSON.parse(json), ownOps(graph));
  expect(sameGraph(loaded, graph)).toBe(true);
  expect(JSON.stringify(graphToJson(loaded))).toBe(json);
}

/** Written, read and written again: names, dtypes, shapes and the bits of the elements, NaNs and zeros with their signs included. */
function expectTensors(tensors: ReadonlyMap<string, StorableNow>): void {
  const bytes = writeSafetensors(tensors);
  const { tensors: found } = readSafetensors(bytes);
  expect(described(found)).toEqual(described(tensors));
  expect(Buffer.compare(writeSafetensors(found), bytes)).toBe(0);
}

type Described = Readonly<Record<string, readonly [dtype: string, shape: readonly number[], bits: string]>>;

function described(tensors: ReadonlyMap<string, StorableNow>): Described {
  return Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => [
      name,
      [dtype, shape, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")],
    ]),
  );
}

function feedTensors({ graph, feeds }: Sample): Map<string, StorableNow> {
  const entries = graph.inputs.map((node): [string, StorableNow] => {
    const elements = feeds?.[graph.nameOf(node)] ?? [];
    return [
      graph.nameOf(node),
      { dtype: node.dtype, shape: node.shape, data: arrays[node.dtype].from(elements) },
    ];
  });
  return new Map(feeds === undefined ? [] : entries);
}

/** Initial values, saved as a checkpoint and loaded into another session. */
async function expectCheckpoint(graph: Graph): Promise<Map<string, StorableNow>> {
  const backend = cpu({ threads: 1 });
  const session = await compile(graph, { backend });
  const values = await readParameters(session, session.plan.parameters);
  const folder = memoryFolder();
  const notes = { "where it ran": "é" };
  await saveCheckpoint(folder, { graph, plan: session.plan, session, step: 3, notes });
  await session.dispose();
  const checkpoint = await loadCheckpoint(folder, ownOps(graph));
  if (checkpoint?.plan === undefined) return expect.fail("the checkpoint has no plan");
  expect(sameGraph(checkpoint.graph, graph)).toBe(true);
  expect(planToJson(checkpoint.plan)).toBe(planToJson(session.plan));
  expect([checkpoint.step, checkpoint.notes]).toEqual([3, notes]);
  expect(described(checkpoint.parameters)).toEqual(described(values));
  const resumed = await resume(checkpoint, { backend });
  expect(described(await readParameters(resumed, resumed.plan.parameters))).toEqual(described(values));
  await resumed.dispose();
  return values;
}

function describeGraphs(named: Named): void {
  it.each(named)("%s", async (_, declare) => {
    const sample = declare();
    expectForms(sample.graph);
    expectTensors(feedTensors(sample));
    if (sample.graph.parameters.length > 0) expectTensors(await expectCheckpoint(sample.graph));
  });
}

describe.each(Object.entries(collections))("%s", (_, declare) => {
  const named = declare();
  it("are graphs under different names", () => {
    expect(named.length).toBeGreaterThan(0);
    expect(new Set(named.map(([name]) => name)).size).toBe(named.length);
  });
  describeGraphs(named);
});

describe.each(Object.entries(referenceCollections))("%s", (_, [count, declare]) => {
  const named = declare();
  it.skipIf(named.length === 0)("are all there where the reference is", () => {
    expect(named.length).toBe(count);
  });
  describeGraphs(named);
});

it("stores tensors of every dtype that the suite computes with, scalars and empty ones", () => {
  const samples = Object.values(collections).flatMap((declare) => declare().map(([, sample]) => sample()));
  const tensors = samples.flatMap((sample) => [...sample.graph.parameters, ...feedTensors(sample).values()]);
  expect(new Set(tensors.map(({ dtype }) => dtype))).toEqual(
    new Set(["float32", "float64", "int32", "uint32", "bool"]),
  );
  expect(tensors.some(({ shape }) => shape.length === 0)).toBe(true);
  expect(tensors.some(({ shape }) => shape.includes(0))).toBe(true);
});
