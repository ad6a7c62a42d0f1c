/** A chain of operations that is followed by operations reading it from its end to its start. It refuses other dataflows. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { rowOf } from "../dataflow/rows.js";

/** Index 0 stands for what is there before the first link: it takes no memory. */
export interface Chain {
  /** Operation of each link, from index 1. */
  readonly links: readonly number[];
  /** Bytes of what each link writes, and what running it adds. */
  readonly sizes: readonly number[];
  readonly demands: readonly number[];
  /**
   * Per index, one more than links: the other operations whose first reading of the chain is there, in the order
   * they run; read from the last index to the first.
   */
  readonly groups: readonly Group[];
}

export interface Group {
  readonly operations: readonly number[];
  /** Live bytes beside the chain before the group. */
  readonly before: number;
  /** The most live at once beside the chain while the next link's value is still needed, and afterwards. */
  readonly peakWithNext: number;
  readonly peakAlone: number;
  /** Whether the group reads what the next link wrote. */
  readonly readsNext: boolean;
}

/** Links at the end that may turn out to be part of the rest, such as a loss. */
const cuts = 4;

/**
 * The chain of a dataflow in which all other operations come after it, each reading one or two neighboring links and
 * never a later link than those before it: training of a feed-forward network. `order` is legal.
 */
export function chainOf(flow: Dataflow, order: Int32Array): Chain | undefined {
  const links = linksOf(flow, order);
  for (let cut = 0; cut < cuts && links.length > 2; cut++) {
    const chain = chainFrom(flow, order, links);
    if (chain !== undefined) return chain;
    links.pop();
  }
  return undefined;
}

function chainFrom(flow: Dataflow, order: Int32Array, links: readonly number[]): Chain | undefined {
  const index = new Int32Array(flow.operations);
  for (const [i, o] of links.entries()) if (i > 0) index[o] = i;
  const rest = [...order].filter((o) => index[o] === 0);
  if (rest.length === 0) return undefined;
  const reads = (o: number): number[] =>
    [...rowOf(flow.inputs, o)].flatMap((v) => {
      const at = index[flow.producer[v] ?? 0] ?? 0;
      return at > 0 ? [at] : [];
    });
  const members: number[][] = links.map(() => []);
  let at = links.length - 1;
  for (const o of rest) {
    const read = reads(o);
    const first = Math.min(at, ...read);
    if (read.some((i) => i > first + 1)) return undefined;
    at = first;
    members[at]?.push(o);
  }
  const value = (o: number): number => flow.outputs.items[flow.outputs.start[o] ?? 0] ?? 0;
  return {
    links: [...links],
    sizes: links.map((o, i) => (i === 0 ? 0 : (flow.size[value(o)] ?? 0))),
    demands: links.map((o, i) => (i === 0 ? 0 : (flow.demand[o] ?? 0))),
    groups: groupsOf(flow, members, index),
  };
}

/** From the one operation that reads nothing on, while exactly one operation reads what the last one wrote and nothing else. */
function linksOf(flow: Dataflow, order: Int32Array): number[] {
  const links = [-1];
  let o = order[0] ?? -1;
  if (o < 0) return links;
  for (;;) {
    const outputs = rowOf(flow.outputs, o);
    const [value = -1] = outputs;
    if (outputs.length !== 1 || flow.kept[value] === 1) break;
    links.push(o);
    const next = rowOf(flow.consumers, value).filter((c) => rowOf(flow.inputs, c).length === 1);
    if (next.length !== 1) break;
    o = next[0] ?? 0;
  }
  return links;
}

function groupsOf(flow: Dataflow, members: readonly (readonly number[])[], index: Int32Array): Group[] {
  const left = new Int32Array(flow.values);
  for (let v = 0; v < flow.values; v++) left[v] = rowOf(flow.consumers, v).length + (flow.kept[v] ?? 0);
  const groups: Group[] = new Array(members.length);
  let live = 0;
  for (let at = members.length - 1; at >= 0; at--) {
    const operations = members[at] ?? [];
    const before = live;
    const readsNext = (o: number): boolean =>
      rowOf(flow.inputs, o).some((v) => index[flow.producer[v] ?? 0] === at + 1);
    const last = operations.map(readsNext).lastIndexOf(true);
    let peakWithNext = live;
    let peakAlone = last < 0 ? live : 0;
    for (const [i, o] of operations.entries()) {
      const peak = live + (flow.demand[o] ?? 0);
      if (i <= last) peakWithNext = Math.max(peakWithNext, peak);
      else peakAlone = Math.max(peakAlone, peak);
      for (const v of rowOf(flow.outputs, o)) if ((left[v] ?? 0) > 0) live += flow.size[v] ?? 0;
      for (const v of rowOf(flow.inputs, o)) {
        if (index[flow.producer[v] ?? 0] !== 0) continue;
        left[v] = (left[v] ?? 0) - 1;
        if (left[v] === 0) live -= flow.size[v] ?? 0;
      }
      peakAlone = i >= last ? Math.max(peakAlone, live) : peakAlone;
    }
    groups[at] = { operations, before, peakWithNext, peakAlone, readsNext: last >= 0 };
  }
  return groups;
}
