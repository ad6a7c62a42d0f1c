/**
 * A checkpoint: everything that training needs to go on, as one safetensors file. Parameters and optimizer state are tensors
 * under their names; the graph and the plan are JSON in tensors of bytes, under names that no parameter can have; format,
 * version, step and notes are metadata. It refuses to open files or run anything.
 */

import {
  AdjointError,
  type Graph,
  graphFromJson,
  graphToJson,
  ParseError,
  parseJson,
  type ReadOptions,
} from "@adjoint/core";
import { type Plan, planFromJson, planToJson } from "@adjoint/scheduler";
import type { StoredTensor } from "../safetensors/format.js";
import { openSafetensors, type Safetensors } from "../safetensors/read.js";
import { safetensorsChunks } from "../safetensors/write.js";
import { decodeUtf8 } from "../utf8.js";
import { checkParameters, type ParameterType, type StoredParameters } from "./parameters.js";

export interface Checkpoint {
  readonly graph: Graph;
  /** Undefined when a release of Adjoint wrote it whose plans this one cannot read: plan the graph again. */
  readonly plan: Plan | undefined;
  /** Weights and optimizer state. */
  readonly parameters: StoredParameters;
  /** Steps done. */
  readonly step: number;
  /** The caller's own, such as the seed of its batches. */
  readonly notes: Readonly<Record<string, string>>;
}

const format = "adjoint.checkpoint";
const version = 1;
const graphName = "adjoint/graph.json";
const planName = "adjoint/plan.json";
const reserved: readonly string[] = ["format", "version", "step"];

/**
 * The bytes of a checkpoint, in pieces; equal checkpoints give equal bytes.
 * @throws AdjointError for a step that is no count, notes under reserved names, or parameters that are not the plan's.
 */
export function checkpointChunks(
  checkpoint: Checkpoint & { readonly plan: Plan },
): AsyncGenerator<Uint8Array> {
  const { graph, plan, parameters, step, notes } = checkpoint;
  if (!Number.isSafeInteger(step) || step < 0)
    throw new AdjointError(`A checkpoint's step is a count, not ${step}.`, "step");
  const taken = reserved.find((name) => Object.hasOwn(notes, name));
  if (taken !== undefined) throw new AdjointError(`A note cannot be called "${taken}".`, taken);
  checkParameters(plan.parameters, parameters);
  const tensors: [string, StoredTensor][] = [
    ...parameters,
    [graphName, document(JSON.stringify(graphToJson(graph)))],
    [planName, document(planToJson(plan))],
  ];
  return safetensorsChunks(tensors, { ...notes, format, version: String(version), step: String(step) });
}

function document(text: string): StoredTensor {
  const data = new TextEncoder().encode(text);
  return { dtype: "uint8", shape: [data.length], data };
}

/** Whether a file with these notes is a checkpoint. */
export function isCheckpoint(metadata: ReadonlyMap<string, string>): boolean {
  return metadata.get("format") === format;
}

/**
 * Reads a checkpoint as its bytes arrive.
 * @throws SafetensorsError with the byte, or as `checkpointOf`.
 */
export async function readCheckpoint(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<Checkpoint> {
  const { header, tensors: stored } = await openSafetensors(chunks);
  const tensors = new Map<string, StoredTensor>();
  for await (const [name, tensor] of stored()) tensors.set(name, tensor);
  return checkpointOf({ tensors, metadata: header.metadata }, options);
}

/**
 * The checkpoint that a file's tensors and notes are.
 * @throws ParseError with the place in its metadata, graph or plan, VerificationError for a plan that does not replay, NameError,
 * ShapeError or DTypeError for parameters that are not the plan's.
 */
export function checkpointOf({ tensors, metadata }: Safetensors, options: ReadOptions = {}): Checkpoint {
  const step = readStep(metadata);
  const graph = within(graphName, () => graphFromJson(parseJson(textOf(tensors, graphName)), options));
  const plan = within(planName, () => readPlan(textOf(tensors, planName)));
  const parameters = new Map([...tensors].filter(([name]) => name !== graphName && name !== planName));
  checkParameters(plan?.parameters ?? storedOf(graph, parameters), parameters);
  const notes = [...metadata].filter(([name]) => !reserved.includes(name));
  return { graph, plan, parameters, step, notes: Object.fromEntries(notes) };
}

/** The step, of a checkpoint that this release can read. */
function readStep(metadata: ReadonlyMap<string, string>): number {
  if (!isCheckpoint(metadata))
    throw new ParseError(`no checkpoint: its format is not "${format}"`, "metadata");
  const found = metadata.get("version") ?? "";
  if (Number(found) > version) {
    throw new ParseError(
      `version ${found} is newer than ${version}, the newest this can read; update @adjoint/interchange`,
      "metadata.version",
    );
  }
  if (found !== String(version))
    throw new ParseError(`expected version ${version}, found ${JSON.stringify(found)}`, "metadata.version");
  const step = metadata.get("step") ?? "";
  if (!/^(?:0|[1-9]\d{0,14})$/.test(step))
    throw new ParseError(`expected a count of steps, found ${JSON.stringify(step)}`, "metadata.step");
  return Number(step);
}

function textOf(tensors: ReadonlyMap<string, StoredTensor>, name: string): string {
  const data = tensors.get(name)?.data;
  if (!(data instanceof Uint8Array)) throw new ParseError("expected a tensor of bytes, found none", name);
  return decodeUtf8(data);
}

/** Undefined for a version of plans that this release does not know. */
function readPlan(text: string): Plan | undefined {
  try {
    return planFromJson(text);
  } catch (error) {
    if (error instanceof ParseError && error.address === "plan.version") return undefined;
    throw error;
  }
}

/** What a defect of an inner document says, with its name. */
function within<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError && error.address !== name) throw new ParseError(error.message, name);
    throw error;
  }
}

/** Those of the graph that are stored: a plan leaves out what its program does not use. */
function storedOf(graph: Graph, tensors: StoredParameters): ParameterType[] {
  return graph.parameters
    .map((node) => ({ name: graph.nameOf(node), dtype: node.dtype, shape: node.shape }))
    .filter(({ name }) => tensors.has(name));
}
