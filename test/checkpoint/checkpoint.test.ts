/** Checkpoints: what they keep, training that goes on with the same bits, and what they refuse. */

import { cpu } from "@adjoint/backend-cpu";
import { AdjointError, type Graph, graphToJson, ParseError, sameGraph } from "@adjoint/core";
import {
  type Checkpoint,
  checkpointChunks,
  checkpointName,
  type Folder,
  loadCheckpoint,
  memoryFolder,
  readCheckpoint,
  readDocument,
  readSafetensors,
  resume,
  SafetensorsError,
  type StoredTensor,
  saveCheckpoint,
  writeSafetensors,
} from "@adjoint/interchange";
import { plan, planToJson, reference } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { batch, bitsOf, compiled, trainingGraph } from "./training.js";

async function loaded(folder: Folder): Promise<Checkpoint> {
  const checkpoint = await loadCheckpoint(folder);
  if (checkpoint === undefined) throw new Error("the folder has no checkpoint");
  return checkpoint;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Uint8Array.from(Buffer.concat(parts));
}

/** A checkpoint after three steps. */
async function saved(notes: Readonly<Record<string, string>> = { seed: "7" }): Promise<Folder> {
  const folder = memoryFolder();
  const session = await compiled();
  for (let step = 0; step < 3; step++) await session.run(batch(step));
  await saveCheckpoint(folder, { graph: trainingGraph(), plan: session.plan, session, step: 3, notes });
  await session.dispose();
  return folder;
}

describe("going on", () => {
  it("gives the bits that training without a break gives, optimizer state included", async () => {
    const whole = await compiled();
    for (let step = 0; step < 7; step++) await whole.run(batch(step));
    const checkpoint = await loaded(await saved());
    const session = await resume(checkpoint, { backend: cpu() });
    for (let step = checkpoint.step; step < 7; step++) await session.run(batch(step));
    expect(session.plan.parameters.filter(({ role }) => role === "state").length).toBe(3);
    expect(await bitsOf(session, session.plan)).toEqual(await bitsOf(whole, whole.plan));
  });

  it("saves the state at the call, whatever runs meanwhile", async () => {
    const folder = memoryFolder();
    const session = await compiled();
    await session.run(batch(0));
    const before = await bitsOf(session, session.plan);
    const saving = saveCheckpoint(folder, { graph: trainingGraph(), plan: session.plan, session, step: 1 });
    const running = session.run(batch(1));
    await Promise.all([saving, running]);
    const resumed = await resume(await loaded(folder), { backend: cpu() });
    expect(await bitsOf(resumed, resumed.plan)).toEqual(before);
    expect(await bitsOf(session, session.plan)).not.toEqual(before);
  });

  it("plans again for another target, or where the plan is of a release that cannot be read", async () => {
    const checkpoint = await loaded(await saved());
    const emulated = await resume(checkpoint, { backend: reference() });
    expect(emulated.plan.target).toBe("reference");
    const W = checkpoint.parameters.get("W");
    expect([...(await emulated.read("W")).data]).toEqual([...(W?.data ?? [])]);
    const bytes = edited(await bytesOf(checkpointChunks(withPlan(checkpoint))), {
      tensors: { "adjoint/plan.json": text('{"format":"adjoint.plan","version":99}') },
    });
    const later = await readCheckpoint([bytes]);
    expect(later.plan).toBeUndefined();
    const replanned = await resume(later, { backend: cpu() });
    expect(await bitsOf(replanned, replanned.plan)).toEqual(
      await bitsOf(...(await resumedWithPlan(checkpoint))),
    );
  });
});

async function resumedWithPlan(checkpoint: Checkpoint): Promise<Parameters<typeof bitsOf>> {
  const session = await resume(checkpoint, { backend: cpu() });
  return [session, session.plan];
}

function withPlan(checkpoint: Checkpoint): Checkpoint & { readonly plan: NonNullable<Checkpoint["plan"]> } {
  if (checkpoint.plan === undefined) throw new Error("no plan");
  return { ...checkpoint, plan: checkpoint.plan };
}

function text(content: string): StoredTensor {
  const data = new TextEncoder().encode(content);
  return { dtype: "uint8", shape: [data.length], data };
}

interface Edits {
  readonly metadata?: Readonly<Record<string, string | undefined>>;
  readonly tensors?: Readonly<Record<string, StoredTensor | undefined>>;
}

/** The file with notes and tensors replaced, or left out where they are undefined. */
function edited(bytes: Uint8Array, { metadata = {}, tensors = {} }: Edits): Uint8Array {
  const file = readSafetensors(bytes);
  const notes = Object.entries({ ...Object.fromEntries(file.metadata), ...metadata });
  const stored = Object.entries({ ...Object.fromEntries(file.tensors), ...tensors });
  return writeSafetensors(
    stored.flatMap(([name, tensor]) => (tensor === undefined ? [] : [[name, tensor] as const])),
    Object.fromEntries(
      notes.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ),
  );
}

describe("the file", () => {
  it("keeps graph, plan, parameters, step and notes, and is written alike again, byte for byte", async () => {
    const checkpoint = await loaded(await saved({ seed: "7", "where it ran": "é" }));
    expect(sameGraph(checkpoint.graph, trainingGraph())).toBe(true);
    expect(planToJson(withPlan(checkpoint).plan)).toBe(planToJson((await compiled()).plan));
    expect(checkpoint.step).toBe(3);
    expect(checkpoint.notes).toEqual({ seed: "7", "where it ran": "é" });
    const bytes = await bytesOf(checkpointChunks(withPlan(checkpoint)));
    expect(await bytesOf(checkpointChunks(withPlan(await readCheckpoint([bytes]))))).toEqual(bytes);
    const document = readDocument(bytes);
    expect(document.kind === "checkpoint" && document.checkpoint).toEqual(checkpoint);
  });

  it("is a safetensors file of the parameters for every other program", async () => {
    const folder = await saved();
    const chunks = await folder.read(checkpointName);
    const { tensors } = readSafetensors(await bytesOf(chunks ?? (async function* () {})()));
    expect([...tensors.keys()].sort()).toEqual(
      ["W", "W.adam.m", "W.adam.v", "adam.step", "adjoint/graph.json", "adjoint/plan.json"].sort(),
    );
  });

  it("is absent from an empty folder", async () => {
    expect(await loadCheckpoint(memoryFolder())).toBeUndefined();
  });

  const json = (graph: Graph, change: (text: string) => string): StoredTensor =>
    text(change(JSON.stringify(graphToJson(graph))));
  const W: StoredTensor = { dtype: "float32", shape: [3, 12], data: new Float32Array(36) };
  it.each<readonly [string, Edits, string]>([
    [
      "no checkpoint",
      { metadata: { format: undefined } },
      'metadata: no checkpoint: its format is not "adjoint.checkpoint"',
    ],
    ["a later version", { metadata: { version: "2" } }, "metadata.version: version 2 is newer than 1"],
    ["no version", { metadata: { version: "one" } }, 'metadata.version: expected version 1, found "one"'],
    ["half a step", { metadata: { step: "2.5" } }, 'metadata.step: expected a count of steps, found "2.5"'],
    [
      "no graph",
      { tensors: { "adjoint/graph.json": undefined } },
      "adjoint/graph.json: expected a tensor of bytes",
    ],
    [
      "a graph of numbers",
      { tensors: { "adjoint/graph.json": W } },
      "adjoint/graph.json: expected a tensor of bytes",
    ],
    [
      "half a graph",
      { tensors: { "adjoint/graph.json": json(trainingGraph(), (all) => all.slice(0, 100)) } },
      "adjoint/graph.json: line 1, column 101: not JSON: the text ends too early (at offset 100)",
    ],
    [
      "a graph with an unknown op",
      { tensors: { "adjoint/graph.json": json(trainingGraph(), (all) => all.replace('"tanh"', '"thank"')) } },
      'adjoint/graph.json: nodes[4].op: there is no op "thank"',
    ],
    [
      "no plan",
      { tensors: { "adjoint/plan.json": undefined } },
      "adjoint/plan.json: expected a tensor of bytes",
    ],
    [
      "an odd plan",
      { tensors: { "adjoint/plan.json": text("[]") } },
      "adjoint/plan.json: plan: expected an object",
    ],
    ["no parameter", { tensors: { W: undefined } }, 'Parameter "W" is missing among the tensors.'],
    ["a parameter too many", { tensors: { V: W } }, '"V" is no parameter of the graph; its parameters are '],
    [
      "another shape",
      { tensors: { W: { ...W, shape: [12, 3] } } },
      'Parameter "W" has shape [3, 12], but is stored as [12, 3].',
    ],
    [
      "another dtype",
      { tensors: { W: { dtype: "float64", shape: [3, 12], data: new Float64Array(36) } } },
      'Parameter "W" is float32, but stored as float64.',
    ],
  ])("is refused with %s", async (_, edits, problem) => {
    const bytes = edited(await bytesOf(checkpointChunks(withPlan(await loaded(await saved())))), edits);
    const error: unknown = await readCheckpoint([bytes]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AdjointError);
    expect(error instanceof AdjointError && error.message).toContain(problem);
  });

  it("is refused where it is cut, with the byte", async () => {
    const bytes = await bytesOf(checkpointChunks(withPlan(await loaded(await saved()))));
    for (const length of [0, 5, 300, bytes.length - 1]) {
      const error: unknown = await readCheckpoint([bytes.subarray(0, length)]).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(SafetensorsError);
      expect(error instanceof SafetensorsError && error.offset).toBe(length);
    }
  });

  it("cannot be written with reserved notes, an odd step or other parameters", async () => {
    const checkpoint = withPlan(await loaded(await saved()));
    expect(() => checkpointChunks({ ...checkpoint, notes: { step: "1" } })).toThrow(
      'A note cannot be called "step".',
    );
    expect(() => checkpointChunks({ ...checkpoint, step: -1 })).toThrow(
      "A checkpoint's step is a count, not -1.",
    );
    expect(() => checkpointChunks({ ...checkpoint, parameters: new Map() })).toThrow(
      'Parameter "W" is missing',
    );
  });
});

it("says what a document is, and refuses an empty one", () => {
  const kinds = (contents: string | Uint8Array): string =>
    readDocument(typeof contents === "string" ? new TextEncoder().encode(contents) : contents).kind;
  expect(kinds("// a graph\ngraph { input x: float32[] output x }")).toBe("graph");
  expect(kinds(` ${JSON.stringify(graphToJson(trainingGraph()))}\n`)).toBe("graph");
  expect(kinds(planToJson(plan(trainingGraph(), { target: cpu().target })))).toBe("plan");
  expect(kinds(writeSafetensors({}))).toBe("tensors");
  expect(() => kinds("")).toThrow(new ParseError("the file is empty", 0));
  expect(() => kinds(Uint8Array.of(0x7b, 0x22, 0xff))).toThrow(new ParseError("not UTF-8", 2));
});
