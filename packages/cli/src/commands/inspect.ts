/** `adjoint inspect`: what a file holds. */

import { dtypes, formatType, type Graph, type Node, printGraph, sizeOf } from "@adjoint/core";
import type { Checkpoint } from "@adjoint/interchange/checkpoint";
import type { AdjointDocument } from "@adjoint/interchange/document";
import { numbersOf, type Safetensors, type StoredTensor } from "@adjoint/interchange/safetensors";
import { formatBytes, memoryReport, type Plan, printPlan } from "@adjoint/scheduler";
import type { Command } from "commander";
import { UsageError } from "../errors.js";
import { readAs } from "../files/input.js";
import { writeJson, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";

interface Options {
  readonly text?: true;
  readonly json?: true;
}

export function declareInspect(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the file, or - for standard input")
    .option("--text", "print the whole graph or plan in its text form")
    .option("--json", "print JSON")
    .action((file: string, options: Options) => inspect(file, options, terminal));
}

async function inspect(file: string, { text, json }: Options, terminal: Terminal): Promise<void> {
  const document = await readAs(file, terminal, ["graph", "plan", "checkpoint", "tensors"]);
  if (text) return writeOutput(undefined, textOf(document, file), terminal);
  if (json) return writeJson(terminal, { kind: document.kind, ...factsOf(document) });
  terminal.stdout.write(`${linesOf(document).join("\n")}\n`);
}

function textOf(document: AdjointDocument, file: string): string {
  if (document.kind === "graph") return `${printGraph(document.graph)}\n`;
  if (document.kind === "checkpoint") return `${printGraph(document.checkpoint.graph)}\n`;
  if (document.kind === "plan") return printPlan(document.plan);
  throw new UsageError(`--text: ${file} holds tensors, which have no text form`);
}

function factsOf(document: AdjointDocument): Readonly<Record<string, unknown>> {
  switch (document.kind) {
    case "graph":
      return graphFacts(document.graph);
    case "plan":
      return planFacts(document.plan);
    case "checkpoint":
      return checkpointFacts(document.checkpoint);
    case "tensors":
      return tensorFacts(document.tensors);
  }
}

function linesOf(document: AdjointDocument): string[] {
  switch (document.kind) {
    case "graph":
      return graphLines(document.graph);
    case "plan":
      return [`plan for ${document.plan.target}`, "", memoryReport({ plan: document.plan }).trimEnd()];
    case "checkpoint": {
      const { graph, step, parameters, notes } = document.checkpoint;
      const noted = Object.entries(notes).map(([name, value]) => row(name, value));
      return [
        `checkpoint after ${step} steps`,
        ...noted,
        "",
        ...graphLines(graph),
        "",
        ...tensorLines(parameters),
      ];
    }
    case "tensors": {
      const { tensors, metadata } = document.tensors;
      const notes = [...metadata].map(([name, value]) => row(name, value));
      return [`${tensors.size} tensors`, ...notes, ...tensorLines(tensors)];
    }
  }
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(14)}${value}`;
}

interface TypedName {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

function typed(graph: Graph, nodes: readonly Node[]): TypedName[] {
  return nodes.map((node) => ({ name: graph.nameOf(node), dtype: node.dtype, shape: node.shape }));
}

function bytesOf(nodes: readonly Node[]): number {
  return nodes.reduce((total, { dtype, shape }) => total + sizeOf(shape) * dtypes[dtype].bytes, 0);
}

/** How many nodes have each value of a key, most first. */
function tally<Key>(nodes: readonly Node[], key: (node: Node) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const node of nodes) counts.set(key(node), (counts.get(key(node)) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

function graphFacts(graph: Graph): Readonly<Record<string, unknown>> {
  const outputs = Object.entries<Node>(graph.outputs).map(([name, { dtype, shape }]) => ({
    name,
    dtype,
    shape,
  }));
  return {
    nodes: graph.nodes.length,
    inputs: typed(graph, graph.inputs),
    parameters: typed(graph, graph.parameters),
    parameterBytes: bytesOf(graph.parameters),
    outputs,
    updates: graph.updates.map(({ parameter }) => graph.nameOf(parameter)),
    ops: Object.fromEntries(tally(graph.nodes, ({ op }) => op.name)),
    derivativeOrders: Object.fromEntries(tally(graph.nodes, ({ derivativeOrder }) => derivativeOrder)),
  };
}

const orderNames = ["forward", "first derivatives", "second derivatives"];

function graphLines(graph: Graph): string[] {
  const list = (nodes: readonly Node[]): string =>
    nodes.map((node) => `${graph.nameOf(node)}: ${formatType(node)}`).join(", ") || "none";
  const outputs = Object.entries<Node>(graph.outputs).map(([name, node]) => `${name}: ${formatType(node)}`);
  const orders = [...tally(graph.nodes, ({ derivativeOrder }) => derivativeOrder)].sort(([a], [b]) => a - b);
  const ops = [...tally(graph.nodes, ({ op }) => op.name)].map(([name, times]) => `${name} ${times}`);
  return [
    `graph of ${graph.nodes.length} nodes`,
    row("inputs", list(graph.inputs)),
    row("parameters", list(graph.parameters)),
    row("", formatBytes(bytesOf(graph.parameters))),
    row("outputs", outputs.join(", ") || "none"),
    row("updates", graph.updates.map(({ parameter }) => graph.nameOf(parameter)).join(", ") || "none"),
    row(
      "nodes",
      orders.map(([order, times]) => `${orderNames[order] ?? `order ${order}`} ${times}`).join(", "),
    ),
    row("ops", ops.join(", ")),
  ];
}

function planFacts(plan: Plan): Readonly<Record<string, unknown>> {
  const { target, inputs, outputs, parameters, steps, kernels, memory } = plan;
  const slots = (list: readonly TypedName[]): TypedName[] =>
    list.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  return {
    target,
    inputs: slots(inputs),
    outputs: slots(outputs),
    parameters: slots(parameters),
    steps: steps.length,
    kernels: kernels.length,
    memory,
  };
}

function checkpointFacts({
  graph,
  plan,
  step,
  notes,
  parameters,
}: Checkpoint): Readonly<Record<string, unknown>> {
  return {
    step,
    notes,
    graph: graphFacts(graph),
    plan: plan === undefined ? null : planFacts(plan),
    tensors: statistics(parameters),
  };
}

function tensorFacts({ tensors, metadata }: Safetensors): Readonly<Record<string, unknown>> {
  return { metadata: Object.fromEntries(metadata), tensors: statistics(tensors) };
}

interface Statistics extends TypedName {
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

function statistics(tensors: ReadonlyMap<string, StoredTensor>): Statistics[] {
  return [...tensors].map(([name, tensor]): Statistics => {
    const { dtype, shape } = tensor;
    const facts = { name, dtype, shape };
    if (tensor.data.length === 0 || dtype.startsWith("float8")) return facts;
    let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    const numbers =
      tensor.data instanceof BigInt64Array || tensor.data instanceof BigUint64Array
        ? Array.from(tensor.data, Number)
        : numbersOf(tensor, name);
    for (const value of numbers) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { ...facts, min, max, mean: sum / tensor.data.length };
  });
}

function tensorLines(tensors: ReadonlyMap<string, StoredTensor>): string[] {
  const width = Math.max(14, ...[...tensors.keys()].map((name) => name.length + 2));
  return statistics(tensors).map(({ name, dtype, shape, min, max, mean }) => {
    const range =
      min === undefined || max === undefined || mean === undefined
        ? ""
        : `   ${short(min)} to ${short(max)}, mean ${short(mean)}`;
    return `  ${name.padEnd(width)}${`${dtype}[${shape.join(", ")}]`.padEnd(22)}${range}`;
  });
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
