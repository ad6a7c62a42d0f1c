/** Reads what a command is given: a file, or standard input for "-". It refuses to know commands. */

import type { Graph } from "@adjoint/core";
import { type AdjointDocument, type DocumentKind, readDocument } from "@adjoint/interchange/document";
import { readWhole } from "@adjoint/interchange/node";
import { InputError, named } from "../errors.js";
import type { Terminal } from "../terminal.js";

/** The most bytes of standard input: as many as Node reads of a file. */
const mostBytes = 2 ** 31 - 1;

async function readInput(file: string, { stdin }: Terminal): Promise<Uint8Array> {
  if (file !== "-") return readWhole(file);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) throw new InputError(file, "is too large to be read at once");
  }
  return Buffer.concat(chunks);
}

const kindNames = {
  graph: "a graph",
  plan: "a plan",
  checkpoint: "a checkpoint",
  tensors: "tensors",
} as const satisfies Record<DocumentKind, string>;

type DocumentOf<Kind extends DocumentKind> = Extract<AdjointDocument, { readonly kind: Kind }>;

function isOf<Kind extends DocumentKind>(
  document: AdjointDocument,
  kinds: readonly Kind[],
): document is DocumentOf<Kind> {
  return kinds.some((kind) => kind === document.kind);
}

/** A document of one of some kinds. @throws InputError that says what the file holds, or where it is wrong. */
export async function readAs<Kind extends DocumentKind>(
  file: string,
  terminal: Terminal,
  kinds: readonly Kind[],
): Promise<DocumentOf<Kind>> {
  const bytes = await readInput(file, terminal);
  const document = named(file, () => readDocument(bytes));
  if (isOf(document, kinds)) return document;
  const wanted = kinds.map((kind) => kindNames[kind]).join(" or ");
  throw new InputError(file, `holds ${kindNames[document.kind]}, where ${wanted} is needed`);
}

/** The graph of a file: its own, or that of a checkpoint. */
export async function readGraph(file: string, terminal: Terminal): Promise<Graph> {
  const document = await readAs(file, terminal, ["graph", "checkpoint"]);
  return document.kind === "graph" ? document.graph : document.checkpoint.graph;
}
