/** What is true of small dataflows, straight from the definitions and by looking at everything. It refuses to be quick. */

import type { DataflowInput } from "@adjoint/scheduler";
import type { Instance } from "./dataflows.js";

/** Live bytes at most along a legal order, straight from the definition: what is live at each step is counted afresh. */
export function peakOf({ operations, values, keep = [] }: DataflowInput, order: readonly number[]): number {
  const at = new Map(order.map((o, t) => [o, t]));
  if (at.size !== operations.length) throw new Error("not every operation runs once");
  for (const [o, { closes = [] }] of operations.entries()) {
    if (closes.some((other) => (at.get(other) ?? 0) > (at.get(o) ?? 0))) {
      throw new Error(`operation ${o} runs before one that it closes`);
    }
  }
  const lives = operations.flatMap(({ outputs }, writer) =>
    outputs.map((value) => {
      const first = at.get(writer) ?? -1;
      const readers = operations.flatMap(({ inputs }, o) =>
        inputs.includes(value) ? [at.get(o) ?? -1] : [],
      );
      if (readers.some((reader) => reader <= first)) throw new Error(`value ${value} is read too early`);
      const last = keep.includes(value) ? order.length : Math.max(first, ...readers);
      return { value, first, last, size: values[value]?.size ?? 0 };
    }),
  );
  const live = new Array<number>(order.length).fill(0);
  for (const { first, last, size } of lives) {
    for (let t = first; t <= Math.min(last, order.length - 1); t++) live[t] = (live[t] ?? 0) + size;
  }
  return order.reduce((peak, o, t) => {
    const { outputs = [], workspace = 0, overwrites = [] } = operations[o] ?? {};
    const taken = lives.filter(
      ({ value, first, last, size }) =>
        overwrites.includes(value) &&
        first < t &&
        last === t &&
        outputs.some((output) => values[output]?.size === size),
    );
    return Math.max(peak, (live[t] ?? 0) + workspace - Math.max(0, ...taken.map(({ size }) => size)));
  }, 0);
}

/** The least peak of all orders, in place where that is allowed, by dynamic programming over all sets of operations: for up to 16 or so. */
export function leastPeak({ operations, values, keep = [] }: DataflowInput): number {
  const count = operations.length;
  const writer = new Map(operations.flatMap(({ outputs }, o) => outputs.map((value) => [value, o] as const)));
  const before = operations.map(({ inputs, closes = [] }, o) =>
    inputs.reduce((set, value) => set | (1 << (writer.get(value) ?? 31)), mask(closes) & ~(1 << o)),
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
      const { outputs = [], workspace = 0, overwrites = [] } = operations[o] ?? {};
      const sizes = outputs.map((value) => values[value]?.size ?? 0);
      const written = sizes.reduce((sum, size) => sum + size, 0);
      const next = set | (1 << o);
      const taken = overwrites
        .filter(
          (value) => writer.has(value) && !keep.includes(value) && (next & readers(value)) === readers(value),
        )
        .map((value) => values[value]?.size ?? 0)
        .filter((size) => sizes.includes(size));
      const peak = base + written + workspace - Math.max(0, ...taken);
      best[next] = Math.min(best[next] ?? 0, Math.max(best[set] ?? 0, peak));
    }
  }
  return best[best.length - 1] ?? 0;
}

/**
 * The least cost of all schedules within a budget, infinite where there is none: Dijkstra over what has run and what is
 * live, for up to 8 operations or so and as many values as leave the state below 2^31.
 */
export function leastCost({ operations, values, keep = [] }: Instance, budget: number): number {
  const written = operations.map(({ outputs }) => mask(outputs));
  const produced = written.reduce((all, bits) => all | bits, 0);
  const read = operations.map(({ inputs }) => mask(inputs) & produced);
  const kept = mask(keep) & produced;
  const closers = operations.map((_, o) =>
    mask(operations.flatMap(({ closes = [] }, closer) => (closes.includes(o) ? [closer] : []))),
  );
  const shift = values.length;
  const all = 2 ** operations.length - 1;
  const bytes = new Map<number, number>();
  const bytesOf = (set: number): number => {
    const known = bytes.get(set);
    if (known !== undefined) return known;
    const sum = values.reduce((total, { size }, v) => ((set & (1 << v)) === 0 ? total : total + size), 0);
    bytes.set(set, sum);
    return sum;
  };
  const distance = new Map<number, number>([[0, 0]]);
  const queue = new Map<number, Set<number>>([[0, new Set([0])]]);
  for (;;) {
    const cost = Math.min(...queue.keys());
    if (cost === Number.POSITIVE_INFINITY) return cost;
    const states = queue.get(cost) ?? new Set();
    queue.delete(cost);
    for (const state of states) {
      if (distance.get(state) !== cost) continue;
      const ran = state >> shift;
      const live = state & (2 ** shift - 1);
      if (ran === all && (live & kept) === kept) return cost;
      const go = (next: number, price: number): void => {
        if (price >= (distance.get(next) ?? Number.POSITIVE_INFINITY)) return;
        distance.set(next, price);
        if (price === cost) states.add(next);
        else queue.set(price, (queue.get(price) ?? new Set()).add(next));
      };
      for (let v = 0; v < values.length; v++) if ((live & (1 << v)) !== 0) go(state & ~(1 << v), cost);
      for (const [o, { cost: price, workspace = 0, outputs, overwrites = [] }] of operations.entries()) {
        const reads = read[o] ?? 0;
        if ((live & reads) !== reads || ((closers[o] ?? 0) & ran) !== 0) continue;
        const after = live | (written[o] ?? 0);
        const run = (left: number): void => {
          if (bytesOf(left) + workspace <= budget) go(((ran | (1 << o)) << shift) | left, cost + price);
        };
        run(after);
        for (const v of overwrites) {
          const bit = 1 << v;
          const fits = outputs.some(
            (other) => values[other]?.size === values[v]?.size && (live & (1 << other)) === 0,
          );
          if (fits && (produced & ~kept & bit) !== 0) run(after & ~bit);
        }
      }
    }
  }
}

/** The smallest budget from `low` to `high` that some schedule fits. */
export function leastBudget(instance: Instance, low: number, high: number): number {
  let [least, most] = [low, high];
  while (least < most) {
    const half = Math.floor((least + most) / 2);
    if (leastCost(instance, half) === Number.POSITIVE_INFINITY) least = half + 1;
    else most = half;
  }
  return least;
}

function mask(indices: readonly number[]): number {
  return indices.reduce((bits, index) => bits | (1 << index), 0);
}
