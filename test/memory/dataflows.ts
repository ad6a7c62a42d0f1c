/** Dataflows to plan: random families, training graphs, the shared instances. */

import type { DataflowInput, RematerializationOperation } from "@adjoint/scheduler";
import { sharedJson } from "../reference/shared.js";

/** A dataflow with costs, which both planners take. */
export interface Instance extends DataflowInput {
  readonly operations: readonly RematerializationOperation[];
}

/** Numbers in [0, 1), the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}

/** One value an operation, read along edges from lower to higher numbers. */
export function fromEdges(
  count: number,
  edges: readonly (readonly [number, number])[],
  random: () => number,
  largest = 20,
): Instance {
  const operations = Array.from({ length: count }, (_, o) => ({
    inputs: [] as number[],
    outputs: [o],
    cost: 1 + Math.floor(10 * random()),
  }));
  for (const [from, to] of edges) {
    const inputs = operations[to]?.inputs;
    if (inputs !== undefined && !inputs.includes(from)) inputs.push(from);
  }
  return { operations, values: operations.map(() => ({ size: 1 + Math.floor(largest * random()) })) };
}

/** Every pair an edge with the same probability. */
export function scattered(count: number, density: number, random: () => number): Instance {
  const edges: [number, number][] = [];
  for (let to = 0; to < count; to++) {
    for (let from = 0; from < to; from++) if (random() < density) edges.push([from, to]);
  }
  return fromEdges(count, edges, random);
}

/** Each operation reads a few that are not far before it. */
export function layered(count: number, width: number, random: () => number): Instance {
  const edges: [number, number][] = [];
  for (let to = 1; to < count; to++) {
    for (let i = 0; i < 1 + 3 * random(); i++) {
      edges.push([Math.max(0, to - 1 - Math.floor(2 * width * random() ** 2)), to]);
    }
  }
  return fromEdges(count, edges, random, 1000);
}

/**
 * Everything an operation may be: several outputs or none, workspace, values of size 0, values nobody reads, values that
 * nobody writes, the same value read twice, results that are kept.
 */
export function mixed(count: number, random: () => number, largest = 20): Instance {
  const below = (limit: number): number => Math.floor(limit * random());
  const values: { size: number }[] = Array.from({ length: below(3) }, () => ({ size: below(largest) }));
  const operations = Array.from({ length: count }, (): RematerializationOperation => {
    const inputs = values.length === 0 ? [] : Array.from({ length: below(4) }, () => below(values.length));
    const outputs = Array.from({ length: below(6) === 0 ? below(4) : 1 }, () => {
      return values.push({ size: below(8) === 0 ? 0 : 1 + below(largest) }) - 1;
    });
    return { inputs, outputs, cost: below(10), workspace: below(3) === 0 ? below(largest) : undefined };
  });
  return { operations, values, keep: [...values.keys()].filter(() => below(6) === 0) };
}

/** Few sizes, outputs in place of inputs, and operations after which others, or they themselves, can run no more. */
export function updating(count: number, random: () => number): Instance {
  const { operations, values, keep } = {
    ...scattered(count, 0.35, random),
    values: Array.from({ length: count }, () => ({ size: 1 + Math.floor(4 * random()) })),
    keep: Array.from({ length: count }, (_, v) => v).filter(() => random() < 0.15),
  };
  return {
    values,
    keep,
    operations: operations.map((operation, o) => ({
      ...operation,
      workspace: Math.floor(3 * random()),
      overwrites: operation.inputs.filter((v) => values[v]?.size === values[o]?.size && random() < 0.7),
      closes: Array.from({ length: o + 1 }, (_, other) => other).filter(() => random() < 0.25 / (o + 1)),
    })),
  };
}

/** A tree in which every value is read once, the root last; or its mirror image, where values are shared. */
export function tree(
  count: number,
  side: "joining" | "branching",
  random: () => number,
  largest = 20,
): Instance {
  const edges: [number, number][] = [];
  for (let o = 1; o < count; o++) {
    const parent = Math.floor(o * random());
    edges.push(side === "branching" ? [parent, o] : [count - 1 - o, count - 1 - parent]);
  }
  return fromEdges(count, edges, random, largest);
}

/** Grown from one edge, by making edges longer or adding parallel paths. */
export function seriesParallel(count: number, random: () => number, largest = 20): Instance {
  const edges: [number, number][] = [[0, 1]];
  for (let next = 2; next < count; next++) {
    const at = Math.floor(edges.length * random());
    const [from, to] = edges[at] ?? [0, 1];
    if (random() < 0.5) edges.splice(at, 1);
    edges.push([from, next], [next, to]);
  }
  return fromEdges(count, ranked(count, edges), random, largest);
}

/** Renumbers so that edges go from lower to higher numbers. */
function ranked(count: number, edges: readonly (readonly [number, number])[]): [number, number][] {
  const rank = new Array<number>(count).fill(0);
  const waits = new Array<number>(count).fill(0);
  for (const [, to] of edges) waits[to] = (waits[to] ?? 0) + 1;
  const ready = waits.flatMap((waiting, o) => (waiting === 0 ? [o] : []));
  for (const [place, o] of ready.entries()) {
    rank[o] = place;
    for (const [from, to] of edges) {
      if (from !== o) continue;
      waits[to] = (waits[to] ?? 0) - 1;
      if (waits[to] === 0) ready.push(to);
    }
  }
  return edges.map(([from, to]) => [rank[from] ?? 0, rank[to] ?? 0]);
}

/** Forward and backward through equal layers, each backward step reading one forward value: checkpointing in its purest form. */
export function uniformChain(layers: number): Instance {
  const operations: RematerializationOperation[] = [];
  for (let i = 0; i < layers; i++) {
    operations.push({ inputs: i === 0 ? [] : [i - 1], outputs: [i], cost: 1 });
  }
  for (let i = layers - 1; i >= 0; i--) {
    const o = operations.length;
    operations.push({ inputs: o === layers ? [i] : [i, o - 1], outputs: [o], cost: 1 });
  }
  return { operations, values: operations.map(() => ({ size: 1 })) };
}

/** Training of a residual network of `blocks` blocks: skip connections, cheap and dear operations, kept gradients. */
export function residualTraining(blocks: number, random: () => number): Instance {
  const operations: RematerializationOperation[] = [];
  const values: { size: number }[] = [];
  const keep: number[] = [];
  const run = (inputs: number[], size: number, cost: number): number => {
    values.push({ size });
    operations.push({ inputs, outputs: [values.length - 1], cost });
    return values.length - 1;
  };
  const tape: (readonly [number, number, number])[] = [];
  let x = run([], 64, 1);
  for (let b = 0; b < blocks; b++) {
    const h = run([x], 64 + Math.floor(64 * random()), 100);
    const a = run([h], values[h]?.size ?? 0, 4);
    const y = run([x, a], 64, 50);
    tape.push([x, h, a]);
    x = y;
  }
  let g = run([x], 64, 2);
  for (const [input, h, a] of tape.reverse()) {
    const ga = run([g, a], values[a]?.size ?? 0, 50);
    const gh = run([ga, h], values[h]?.size ?? 0, 4);
    keep.push(run([gh, input], 4, 100));
    g = run([gh, g], 64, 100);
  }
  return { operations, values, keep };
}

interface NodeLink {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly links: readonly Readonly<Record<string, unknown>>[];
}

/** A file of shared/data/rematerialization; undefined where this checkout has none beside it. */
export function sharedInstance(name: string): Instance | undefined {
  const json = sharedJson(`data/rematerialization/${name}.json`);
  if (!isNodeLink(json)) return undefined;
  const { nodes, links } = json;
  const index = new Map(nodes.map((node, o) => [Number(node["id"] ?? node["name"]), o]));
  const inputs = nodes.map((): number[] => []);
  for (const link of links) {
    const from = index.get(Number(link["source"] ?? link["0"])) ?? -1;
    const to = index.get(Number(link["target"] ?? link["1"])) ?? -1;
    inputs[to]?.push(from);
  }
  return {
    operations: nodes.map((node, o) => ({
      inputs: inputs[o] ?? [],
      outputs: [o],
      cost: Number(node["cost_cpu"] ?? node["duration"]),
    })),
    values: nodes.map((node) => ({ size: Number(node["cost_ram"] ?? node["out_cost"]) })),
  };
}

function isNodeLink(json: unknown): json is NodeLink {
  return typeof json === "object" && json !== null && "nodes" in json && "links" in json;
}
