/** What fusion asks about a graph whatever is stored, by the positions of its nodes. It refuses to choose what is stored. */

import { type Graph, isComputed, type Lowering, lowerNode, type Node, sizeOf } from "@adjoint/core";
import { postorder } from "@adjoint/core/kernel";
import { baseOf } from "../lower/base.js";
import { costOf, repeatable } from "./costs.js";

export class Facts {
  readonly kinds: readonly Lowering["kind"][];
  /** Scalar operations per element. */
  readonly costs: Float64Array;
  readonly sizes: Float64Array;
  readonly operands: readonly (readonly number[])[];
  readonly consumers: readonly (readonly number[])[];
  /** The node in whose buffer a node is stored. */
  readonly bases: Int32Array;
  /** 1 for maps on top of a reduction of their own size that nothing else uses: they finish its kernel, not start another. */
  readonly carriers: Uint8Array;
  /** 1 for values that a few operations give from leaves: evaluated wherever they are used rather than kept. */
  readonly free: Uint8Array;
  /** 1 for results, leaves, hand-written kernels and what they read: what is stored in any case. */
  readonly required: Uint8Array;

  constructor(graph: Graph) {
    const { nodes } = graph;
    const places = new Map(nodes.map((node, place) => [node, place]));
    const placesOf = (found: readonly Node[]): number[] => found.flatMap((node) => places.get(node) ?? []);
    const lowerings = nodes.map(lowerNode);
    this.kinds = lowerings.map(({ kind }) => kind);
    this.costs = Float64Array.from(lowerings, costOf);
    this.sizes = Float64Array.from(nodes, ({ shape }) => sizeOf(shape));
    this.operands = nodes.map((node) => placesOf(node.operands));
    this.consumers = consumersOf(this.operands);
    this.bases = Int32Array.from(nodes, (node, place) =>
      node.op.name === "reshape" ? (places.get(baseOf(node)) ?? place) : place,
    );
    this.carriers = this.#carriers();
    this.free = this.#freeAmong(lowerings);
    const results = [...Object.values<Node>(graph.outputs), ...graph.updates.map(({ value }) => value)];
    this.required = this.#requiredFor(placesOf(results), nodes);
  }

  #requiredFor(results: readonly number[], nodes: readonly Node[]): Uint8Array {
    const required = new Uint8Array(nodes.length);
    const store = (place: number): void => {
      required[this.bases[place] ?? place] = 1;
    };
    results.forEach(store);
    for (const [place, kind] of this.kinds.entries()) {
      if (kind === "opaque" || kind === "leaf") required[place] = 1;
      if (kind === "opaque" || nodes[place]?.op.name === "copy") this.operands[place]?.forEach(store);
    }
    return required;
  }

  #carriers(): Uint8Array {
    const carriers = new Uint8Array(this.kinds.length);
    for (const [place, kind] of this.kinds.entries()) {
      if (kind !== "map" && kind !== "reshape") continue;
      const carries = this.operands[place]?.some((operand) => {
        const below = this.kinds[operand];
        const reduces = below === "reduce" || below === "contract" || carriers[operand] === 1;
        const alone = this.consumers[operand]?.length === 1;
        return reduces && alone && this.sizes[operand] === this.sizes[place];
      });
      if (carries) carriers[place] = 1;
    }
    return carriers;
  }

  #freeAmong(lowerings: readonly Lowering[]): Uint8Array {
    const free = new Uint8Array(lowerings.length);
    const below = new Float64Array(lowerings.length).fill(Number.POSITIVE_INFINITY);
    for (const [place, lowering] of lowerings.entries()) {
      if (lowering.kind === "leaf") below[place] = 0;
      else if (["map", "view", "reshape"].includes(lowering.kind)) {
        let cost = lowering.kind === "map" ? (this.costs[place] ?? 0) : 0;
        if (cost > repeatable) continue;
        for (const operand of read(this.operands[place] ?? [], lowering)) cost += below[operand] ?? 0;
        below[place] = cost;
      }
      if ((below[place] ?? 0) <= repeatable) free[place] = 1;
    }
    return free;
  }
}

/** The operands whose elements are used: `after` and `customGradient` have others. */
function read(operands: readonly number[], lowering: Lowering): readonly number[] {
  if (operands.length < 2 || !("loops" in lowering)) return operands;
  const { body, accesses } = lowering.loops;
  const used = new Set<number>();
  const look = (scalar: typeof body): void => {
    for (const leaf of postorder(scalar)) if (leaf.kind === "argument") used.add(leaf.index);
  };
  look(body);
  for (const { index } of accesses) for (const part of index) if (isComputed(part)) look(part.computed);
  return used.size === operands.length ? operands : operands.filter((_, position) => used.has(position));
}

function consumersOf(operands: readonly (readonly number[])[]): number[][] {
  const consumers: number[][] = operands.map(() => []);
  for (const [place, found] of operands.entries())
    for (const operand of found) consumers[operand]?.push(place);
  return consumers;
}
