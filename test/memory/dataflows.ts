/** Dataflows to plan: random families, training graphs, the shared instances; and exhaustive search over small ones. */

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

/** Live bytes at most along an order, straight from the definition: what is live at each step is counted afresh. */
export function peakOf({ operations, values, keep = [] }: DataflowInput, order: readonly number[]): number {
  const at = new Map(order.map((o, t) => [o, t]));
  if (at.size !== operations.length) throw new Error("not every operation runs once");
  const lives = operations.flatMap(({ outputs }, writer) =>
    outputs.map((value) => {
      const first = at.get(writer) ?? -1;
      const readers = operations.flatMap(({ inputs }, o) =>
        inputs.includes(value) ? [at.get(o) ?? -1] : [],
      );
      if (readers.some((reader) => reader <= first)) throw new Error(`value ${value} is read too early`);
      const last = keep.includes(value) ? order.length : Math.max(first, ...readers);
      return { first, last, size: values[value]?.size ?? 0 };
    }),
  );
  const live = new Array<number>(order.length).fill(0);
  for (const { first, last, size } of lives) {
    for (let t = first; t <= Math.min(last, order.length - 1); t++) live[t] = (live[t] ?? 0) + size;
  }
  return order.reduce((peak, o, t) => Math.max(peak, (live[t] ?? 0) + (operations[o]?.workspace ?? 0)), 0);
}

/** The least peak of all orders, by dynamic programming over all sets of operations: for up to 16 or so. */
export function leastPeak({ operations, values, keep = [] }: DataflowInput): number {
  const count = operations.length;
  const writer = new Map(operations.flatMap(({ outputs }, o) => outputs.map((value) => [value, o] as const)));
  const before = operations.map(({ inputs }) =>
    inputs.reduce((set, value) => set | (1 << (writer.get(value) ?? 31)), 0),
  );
  const readers = (value: number): number =>
    operations.reduce((set, { inputs }, o) => (inputs.includes(value) ? set | (1 << o) : set), 0);
  const all = [...writer].map(([value, o]) => ({
    writer: 1 << o,
    readers: readers(value),
    size: values[value]?.size ?? 0,
    kept: keep.includes(value),
  }));
  const live = (set: number): number =>
    all.reduce(
      (sum, { writer, readers, size, kept }) =>
        (set & writer) !== 0 && (kept || (set & readers) !== readers) ? sum + size : sum,
      0,
    );
  const best = new Float64Array(2 ** count).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  for (let set = 0; set < best.length; set++) {
    if (best[set] === Number.POSITIVE_INFINITY) continue;
    const base = live(set);
    for (let o = 0; o < count; o++) {
      const needed = (before[o] ?? 0) & ~(1 << 31);
      if ((set & (1 << o)) !== 0 || (set & needed) !== needed) continue;
      const { outputs = [], workspace = 0 } = operations[o] ?? {};
      const written = outputs.reduce((sum, value) => sum + (values[value]?.size ?? 0), 0);
      const next = set | (1 << o);
      best[next] = Math.min(best[next] ?? 0, Math.max(best[set] ?? 0, base + written + workspace));
    }
  }
  return best[best.length - 1] ?? 0;
}

/** The least cost of all schedules within a budget, by Dijkstra over what has run and what is live: for up to 8 or so. */
export function leastCost({ operations, values }: Instance, budget: number): number {
  const count = operations.length;
  const full = 2 ** count - 1;
  const distance = new Map<number, number>([[0, 0]]);
  const queue = new Map<number, Set<number>>([[0, new Set([0])]]);
  for (;;) {
    const cost = Math.min(...queue.keys());
    if (cost === Number.POSITIVE_INFINITY) return cost;
    const states = queue.get(cost) ?? new Set();
    queue.delete(cost);
    for (const state of states) {
      if (distance.get(state) !== cost) continue;
      const ran = state >> count;
      const live = state & full;
      if (ran === full) return cost;
      const go = (next: number, price: number): void => {
        if (price >= (distance.get(next) ?? Number.POSITIVE_INFINITY)) return;
        distance.set(next, price);
        if (price === cost) states.add(next);
        else queue.set(price, (queue.get(price) ?? new Set()).add(next));
      };
      let bytes = 0;
      for (let v = 0; v < count; v++) {
        if ((live & (1 << v)) === 0) continue;
        bytes += values[v]?.size ?? 0;
        go(state & ~(1 << v), cost);
      }
      for (const [o, { inputs, cost: price }] of operations.entries()) {
        const there = (live & (1 << o)) !== 0 ? 0 : (values[o]?.size ?? 0);
        if (inputs.some((v) => (live & (1 << v)) === 0) || bytes + there > budget) continue;
        go(((ran | (1 << o)) << count) | live | (1 << o), cost + price);
      }
    }
  }
}
