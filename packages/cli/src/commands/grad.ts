/** `adjoint grad`: a graph with the derivatives of one of its nodes, as a graph again. */

import {
  add,
  dtypes,
  graph as freeze,
  type Graph,
  graphToJson,
  input,
  mul,
  NameError,
  type Node,
  printGraph,
  sum,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import type { Command } from "commander";
import { named, UsageError } from "../errors.js";
import { readGraph } from "../files/input.js";
import { formatOf, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { objectiveOf } from "./objective.js";
import { count, names } from "./options.js";

const writers = {
  json: (graph) => `${JSON.stringify(graphToJson(graph))}\n`,
  ir: (graph) => `${printGraph(graph)}\n`,
  txt: (graph) => `${printGraph(graph)}\n`,
} as const satisfies Readonly<Record<string, (graph: Graph) => string>>;

/** Every order has more than twice the nodes of the one below. */
const highestOrder = 8;

interface Options {
  readonly of?: string;
  readonly wrt?: readonly string[];
  readonly order: number;
  readonly output?: string;
  readonly json?: true;
}

export function declareGrad(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .option("--of <node>", "what is differentiated: an output or any node; the only output unless given")
    .option("--wrt <names>", "by which nodes; all weights unless given", names)
    .option(
      "--order <n>",
      "2 also differentiates the slope along directions v_W1, v_W2, … (inputs): Hessian-vector products, and so on",
      count(1, highestOrder),
      1,
    )
    .option("-o, --output <file>", "where to: .json for JSON, .ir or .txt for text")
    .option("--json", "write JSON, whatever the file is called")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const { output, json, of, wrt, order } = options;
  const format = json ? "json" : output === undefined || output === "-" ? "ir" : formatOf(output, writers);
  const graph = await readGraph(file, terminal);
  const differentiated = named(file, () => withDerivatives(graph, { of, wrt, order }));
  await writeOutput(output, writers[format](differentiated), terminal);
}

/** The outputs `dW1` of order 1, `d2W1` of order 2, and so on, beside what is differentiated. */
function withDerivatives(
  graph: Graph,
  {
    of,
    wrt,
    order,
  }: { readonly of: string | undefined; readonly wrt: readonly string[] | undefined; readonly order: number },
): Graph {
  const [name, objective] = objectiveOf(graph, of);
  const xs =
    wrt === undefined ? graph.parameters.filter(isWeight) : [...new Set(wrt)].map((x) => graph.node(x));
  if (xs.length === 0) throw new UsageError("there is nothing to differentiate by; say what with --wrt");
  const outputs: [string, Node][] = [[name, objective]];
  let slope = objective;
  for (let k = 1; k <= order; k++) {
    const derivatives = gradient(slope, xs);
    outputs.push(
      ...derivatives.map((node, i): [string, Node] => [`d${k === 1 ? "" : k}${nameIn(graph, xs[i])}`, node]),
    );
    if (k < order) slope = along(derivatives, xs, graph);
  }
  refuseTwice(outputs.map(([output]) => output));
  return freeze({ outputs: Object.fromEntries(outputs) });
}

/** @throws NameError where two outputs would have the same name, and one of them would be lost. */
function refuseTwice(outputs: readonly string[]): void {
  const twice = outputs.find((name, at) => outputs.indexOf(name) < at);
  if (twice !== undefined)
    throw new NameError(
      `two outputs would be called "${twice}", one of them a derivative: rename the output or the weight that leads to it`,
      twice,
    );
}

function isWeight({ dtype, attributes }: Node): boolean {
  return dtypes[dtype].kind === "float" && attributes["state"] !== true;
}

function nameIn(graph: Graph, node: Node | undefined): string {
  return node === undefined ? "" : graph.nameOf(node);
}

/** Σ ⟨derivative, v⟩ over fresh inputs v. */
function along(derivatives: readonly Node[], xs: readonly Node[], graph: Graph): Node {
  const products = derivatives.map(
    (node, i): Node => sum(mul(node, input(`v_${nameIn(graph, xs[i])}`, node.shape, node.dtype))),
  );
  return products.reduce((total, product) => add(total, product));
}
