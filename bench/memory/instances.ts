/** Dataflows to plan: the node-link files of a folder, and generated ones. It refuses to plan them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { RematerializationOperation } from "@adjoint/scheduler";

export interface Dataflow {
  readonly name: string;
  readonly operations: readonly RematerializationOperation[];
  readonly values: readonly { readonly size: number }[];
}

interface NodeLink {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly links: readonly Readonly<Record<string, unknown>>[];
}

/** Every `*.json` of a folder: an edge is data flow, a node has a cost and the bytes of its one output. */
export function dataflowsOf(folder: string): Dataflow[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.flatMap((file) => {
    const json: unknown = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
    return isNodeLink(json) ? [dataflowOf(file.replace(/\.json$/, ""), json)] : [];
  });
}

function isNodeLink(json: unknown): json is NodeLink {
  return typeof json === "object" && json !== null && "nodes" in json && "links" in json;
}

function dataflowOf(name: string, { nodes, links }: NodeLink): Dataflow {
  const index = new Map(nodes.map((node, o) => [Number(node["id"] ?? node["name"]), o]));
  const end = (number: unknown): number => {
    const found = index.get(Number(number));
    if (found === undefined) throw new RangeError(`${name}: there is no node ${String(number)}.`);
    return found;
  };
  const inputs = nodes.map((): number[] => []);
  for (const link of links) {
    inputs[end(link["target"] ?? link["1"])]?.push(end(link["source"] ?? link["0"]));
  }
  return {
    name,
    operations: nodes.map((node, o) => ({
      inputs: inputs[o] ?? [],
      outputs: [o],
      cost: Number(node["cost_cpu"] ?? node["duration"]),
    })),
    values: nodes.map((node) => ({ size: Number(node["cost_ram"] ?? node["out_cost"]) })),
  };
}

/** Training of a residual network: each block is a dear operation, a cheap one and a sum with what skipped them. */
export function residualTraining(blocks: number): Dataflow {
  const operations: RematerializationOperation[] = [];
  const values: { size: number }[] = [];
  const run = (inputs: number[], size: number, cost: number): number => {
    values.push({ size });
    operations.push({ inputs, outputs: [values.length - 1], cost });
    return values.length - 1;
  };
  const tape: (readonly [number, number, number])[] = [];
  let x = run([], 64, 1);
  for (let block = 0; block < blocks; block++) {
    const size = 64 + ((block * 7919) % 64);
    const h = run([x], size, 100);
    const a = run([h], size, 4);
    tape.push([x, h, a]);
    x = run([x, a], 64, 50);
  }
  let gradient = run([x], 64, 2);
  for (const [input, h, a] of tape.reverse()) {
    const size = values[a]?.size ?? 0;
    const ga = run([gradient, a], size, 50);
    const gh = run([ga, h], size, 4);
    run([gh, input], 4, 100);
    gradient = run([gh, gradient], 64, 100);
  }
  return { name: `residual training, ${operations.length} operations`, operations, values };
}
