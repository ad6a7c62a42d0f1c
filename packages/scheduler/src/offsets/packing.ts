/**
 * The problem in a form fit for planning: lifetimes as ranges of sections. A section is a largest set of buffers
 * alive together; steps between two of them add nothing. It refuses to place anything.
 */

/** Buffers of positive size; each is alive in sections [from, to). */
export interface Packing {
  readonly count: number;
  readonly size: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Number of steps each buffer is alive for. */
  readonly length: Float64Array;
  readonly sections: number;
  /** Sum of sizes alive in each section. */
  readonly load: Float64Array;
  /** The largest load: a lower bound on every height. */
  readonly bound: number;
  /** Greatest common divisor of the sizes: some optimal packing has all offsets on its multiples. */
  readonly unit: number;
}

export function packingOf(lower: Float64Array, upper: Float64Array, size: Float64Array): Packing {
  const count = size.length;
  const ends = sectionEnds(lower, upper);
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const length = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = upTo(ends, lower[i] ?? 0);
    to[i] = upTo(ends, upper[i] ?? 0);
    length[i] = (upper[i] ?? 0) - (lower[i] ?? 0);
  }
  return measured({ count, size, from, to, length, sections: ends.length });
}

/** The buffers of each part that shares no section with the others, in the order of time. */
export function partsOf(packing: Packing): Int32Array[] {
  const { count, from, to, sections } = packing;
  const reach = new Int32Array(sections);
  for (let i = 0; i < count; i++) {
    const first = from[i] ?? 0;
    reach[first] = Math.max(reach[first] ?? 0, to[i] ?? 0);
  }
  const partOf = new Int32Array(sections);
  let parts = 0;
  let end = 0;
  for (let section = 0; section < sections; section++) {
    if (section === end) parts++;
    end = Math.max(end, reach[section] ?? 0);
    partOf[section] = parts - 1;
  }
  const members: number[][] = Array.from({ length: parts }, () => []);
  for (let i = 0; i < count; i++) members[partOf[from[i] ?? 0] ?? 0]?.push(i);
  return members.map((list) => Int32Array.from(list));
}

/** The packing of some of the buffers alone. */
export function restrict({ size, from, to, length }: Packing, members: Int32Array): Packing {
  const pick = (values: Float64Array | Int32Array): Float64Array =>
    Float64Array.from(members, (member) => values[member] ?? 0);
  const part = packingOf(pick(from), pick(to), pick(size));
  return { ...part, length: pick(length) };
}

/** When each section ends: at the first upper after at least one new lower. */
function sectionEnds(lower: Float64Array, upper: Float64Array): Float64Array {
  const starts = lower.slice().sort();
  const stops = upper.slice().sort();
  const ends: number[] = [];
  let next = 0;
  for (const stop of stops) {
    if (next === starts.length) break;
    if ((starts[next] ?? 0) >= stop) continue;
    while (next < starts.length && (starts[next] ?? 0) < stop) next++;
    ends.push(stop);
  }
  return Float64Array.from(ends);
}

/** How many of the ascending values are at most `limit`. */
function upTo(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function measured(shape: Omit<Packing, "load" | "bound" | "unit">): Packing {
  const { count, size, from, to, sections } = shape;
  const change = new Float64Array(sections + 1);
  let unit = 0;
  for (let i = 0; i < count; i++) {
    const bytes = size[i] ?? 0;
    change[from[i] ?? 0] = (change[from[i] ?? 0] ?? 0) + bytes;
    change[to[i] ?? 0] = (change[to[i] ?? 0] ?? 0) - bytes;
    if (unit !== 1) unit = divisor(bytes, unit);
  }
  const load = change.subarray(0, sections);
  let bound = 0;
  for (let section = 0, live = 0; section < sections; section++) {
    live += load[section] ?? 0;
    load[section] = live;
    bound = Math.max(bound, live);
  }
  return { ...shape, load, bound, unit: Math.max(unit, 1) };
}

function divisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
