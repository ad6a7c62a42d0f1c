/**
 * Which links of a chain to hold and which to run again, by dynamic programming. It refuses anything but chains.
 *
 * The recursion is that of Beaumont et al., "Optimal checkpointing for heterogeneous chains" (Inria RR-9302, 2019),
 * after Griewank and Walther's revolve (ACM TOMS 26, 2000): exact among schedules in which a link held for later is
 * held until it is used. Instead of a table over memory sizes every stretch keeps its undominated (peak, cost) pairs,
 * so that nothing is rounded.
 */

import type { Effort } from "../dataflow/effort.js";
import type { Chain } from "./chain.js";

/** A way to run a stretch. */
interface Pair {
  readonly peak: number;
  readonly cost: number;
  /** The link held first; undefined parts where nothing is left to hold. */
  readonly middle: number;
  readonly upper: Pair | undefined;
  readonly lower: Pair | undefined;
}

/** The executions of least cost within the budget; undefined if there are none, or the effort is not enough. */
export function checkpointChain(
  chain: Chain,
  costs: Float64Array,
  budget: number,
  effort: Effort,
): Int32Array | undefined {
  const { links, sizes, demands, groups } = chain;
  const top = links.length;
  if (top ** 3 / 6 > effort.left) return undefined;
  const size = (i: number): number => (i === top ? 0 : (sizes[i] ?? 0));
  /** Bytes of a link while it is only waited for by the group below it. */
  const waiting = (i: number): number => (groups[i - 1]?.readsNext === true ? size(i) : 0);
  const table: Pair[][][] = [];
  for (let s = top - 1; s >= 0; s--) {
    const bottom = groups[s];
    const row: Pair[][] = [];
    table[s] = row;
    const own = size(s);
    const peak = Math.max(own + waiting(s + 1) + (bottom?.peakWithNext ?? 0), own + (bottom?.peakAlone ?? 0));
    row[s + 1] = peak <= budget ? [{ peak, cost: 0, middle: s, upper: undefined, lower: undefined }] : [];
    for (let t = s + 2; t <= top; t++) {
      const aside = waiting(t) + (groups[t - 1]?.before ?? 0);
      const found = new Frontier();
      let climb = 0;
      let cost = 0;
      for (let k = s + 1; k < t; k++) {
        climb = Math.max(climb, own + (k - 1 > s ? size(k - 1) : 0) + (demands[k] ?? 0) + aside);
        if (climb > budget) break;
        cost += costs[links[k] ?? 0] ?? 0;
        const uppers = table[k]?.[t] ?? [];
        const lowers = row[k] ?? [];
        combine(uppers, lowers, { climb, cost, own, middle: k, budget }, found);
        if (!effort.spend(1 + (uppers.length + lowers.length) / 8)) return undefined;
      }
      row[t] = found.pairs;
    }
  }
  const best = table[0]?.[top]?.at(-1);
  return best === undefined ? undefined : Int32Array.from(executions(chain, best));
}

interface Split {
  readonly climb: number;
  readonly cost: number;
  readonly own: number;
  readonly middle: number;
  readonly budget: number;
}

/** Pairs for every useful peak of either part; both lists rise in peak and fall in cost. */
function combine(uppers: readonly Pair[], lowers: readonly Pair[], split: Split, into: Frontier): void {
  const { climb, cost, own, middle, budget } = split;
  if (uppers.length === 0 || lowers.length === 0) return;
  let i = 0;
  let j = 0;
  for (;;) {
    const upper = uppers[i];
    const lower = lowers[j];
    if (upper === undefined || lower === undefined) return;
    const high = own + upper.peak;
    const peak = Math.max(climb, high, lower.peak);
    if (peak > budget) return;
    into.add(peak, cost + upper.cost + lower.cost, middle, upper, lower);
    const nextHigh = own + (uppers[i + 1]?.peak ?? Number.POSITIVE_INFINITY);
    const nextLow = lowers[j + 1]?.peak ?? Number.POSITIVE_INFINITY;
    if (nextHigh === Number.POSITIVE_INFINITY && nextLow === Number.POSITIVE_INFINITY) return;
    if (nextHigh <= nextLow) i++;
    else j++;
  }
}

/** Undominated pairs, rising in peak and falling in cost. */
class Frontier {
  readonly pairs: Pair[] = [];

  add(peak: number, cost: number, middle: number, upper: Pair, lower: Pair): void {
    const { pairs } = this;
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const half = (low + high) >> 1;
      if ((pairs[half]?.peak ?? 0) <= peak) low = half + 1;
      else high = half;
    }
    if (low > 0 && (pairs[low - 1]?.cost ?? 0) <= cost) return;
    let from = low;
    while (from > 0 && (pairs[from - 1]?.peak ?? 0) === peak) from--;
    let to = low;
    while (to < pairs.length && (pairs[to]?.cost ?? 0) >= cost) to++;
    pairs.splice(from, to - from, { peak, cost, middle, upper, lower });
  }
}

function executions({ links, groups }: Chain, whole: Pair): number[] {
  const sequence: number[] = [];
  const stack: { pair: Pair; from: number }[] = [{ pair: whole, from: 0 }];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const { pair, from } = task;
    const { upper, lower, middle } = pair;
    if (upper === undefined || lower === undefined) {
      sequence.push(...(groups[from]?.operations ?? []));
      continue;
    }
    for (let k = from + 1; k <= middle; k++) sequence.push(links[k] ?? 0);
    stack.push({ pair: lower, from }, { pair: upper, from: middle });
  }
  return sequence;
}
