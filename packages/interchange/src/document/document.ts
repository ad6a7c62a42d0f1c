/** Reads whatever Adjoint writes, by what the bytes say and not by a file's name. It refuses to open files. */

import {
  type Graph,
  graphFromJson,
  ParseError,
  parseGraph,
  parseJson,
  type ReadOptions,
} from "@adjoint/core";
import { type Plan, planFromJson } from "@adjoint/scheduler";
import { type Checkpoint, checkpointOf, isCheckpoint } from "../checkpoint/checkpoint.js";
import { readSafetensors, type Safetensors } from "../safetensors/read.js";
import { decodeUtf8 } from "../utf8.js";

export type AdjointDocument =
  | { readonly kind: "graph"; readonly graph: Graph }
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint }
  | { readonly kind: "tensors"; readonly tensors: Safetensors };

export type DocumentKind = AdjointDocument["kind"];

/**
 * The document that bytes hold: a graph as text or JSON, a plan, a checkpoint, or other tensors as safetensors.
 * @throws ParseError or SafetensorsError with the place of what is wrong, VerificationError for a plan that does not replay.
 */
export function readDocument(bytes: Uint8Array, options: ReadOptions = {}): AdjointDocument {
  if (bytes.length === 0) throw new ParseError("the file is empty", 0);
  return isSafetensors(bytes) ? tensorsOrCheckpoint(bytes, options) : graphOrPlan(decodeUtf8(bytes), options);
}

/** The length of a header leaves zeros among its eight bytes, or is absurd up to the highest; no text has either. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8).includes(0) || bytes[7] === 0xff;
}

function tensorsOrCheckpoint(bytes: Uint8Array, options: ReadOptions): AdjointDocument {
  const tensors = readSafetensors(bytes);
  return isCheckpoint(tensors.metadata)
    ? { kind: "checkpoint", checkpoint: checkpointOf(tensors, options) }
    : { kind: "tensors", tensors };
}

function graphOrPlan(marked: string, options: ReadOptions): AdjointDocument {
  // A byte order mark is read as a space, which leaves all places as they are.
  const text = marked.replace(/^\uFEFF/, " ");
  if (!/^\s*\{/.test(text)) return { kind: "graph", graph: parseGraph(text, options) };
  const json = parseJson(text);
  const isPlan =
    typeof json === "object" && json !== null && "format" in json && json.format === "adjoint.plan";
  return isPlan
    ? { kind: "plan", plan: planFromJson(text) }
    : { kind: "graph", graph: graphFromJson(json, options) };
}
