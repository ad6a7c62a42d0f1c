/** Offset assignment: no overlap, the best height where it is known, and refusals that name the item. */

import { readdirSync, readFileSync } from "node:fs";
import { assignOffsets, type LiveBuffer, MemoryInputError, type OffsetsProgress } from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedJson, sharedPath } from "../reference/shared.js";

/** The top of a packing, after checking pair by pair along time that nothing alive together overlaps. */
function heightOf(buffers: readonly LiveBuffer[], offsets: readonly number[], alignment = 1): number {
  const order = buffers
    .map((_, index) => index)
    .sort((a, b) => (buffers[a]?.lower ?? 0) - (buffers[b]?.lower ?? 0));
  let alive: number[] = [];
  let height = 0;
  for (const index of order) {
    const buffer = buffers[index];
    const offset = offsets[index] ?? Number.NaN;
    if (buffer === undefined || !(offset >= 0) || offset % alignment !== 0)
      expect.fail(`buffer ${index} is at ${offset}`);
    height = Math.max(height, offset + buffer.size);
    alive = alive.filter((other) => (buffers[other]?.upper ?? 0) > buffer.lower);
    for (const other of alive) {
      const [start, size] = [offsets[other] ?? 0, buffers[other]?.size ?? 0];
      if (offset < start + size && start < offset + buffer.size)
        expect.fail(`buffers ${index} and ${other} overlap`);
    }
    if (buffer.size > 0) alive.push(index);
  }
  return height;
}

/**
 * Whether some packing is at most this high, from the bottom up: a packing that no buffer can sink in places each on
 * top of those alive with it that lie lower, so that all orders of ascending offsets are enough.
 */
function fits(buffers: readonly LiveBuffer[], height: number): boolean {
  const place = (
    left: readonly LiveBuffer[],
    below: readonly (LiveBuffer & { top: number })[],
    floor: number,
  ): boolean =>
    left.length === 0 ||
    left.some((buffer) => {
      const under = below.filter(({ lower, upper }) => lower < buffer.upper && buffer.lower < upper);
      const offset = under.reduce((highest, { top }) => Math.max(highest, top), 0);
      const top = offset + buffer.size;
      if (offset < floor || top > height) return false;
      const rest = left.filter((other) => other !== buffer);
      return place(rest, [...below, { ...buffer, top }], offset);
    });
  const filled = buffers.filter(({ size }) => size > 0);
  return place(filled, [], 0);
}

const lifetimes = (count: number): fc.Arbitrary<LiveBuffer[]> =>
  fc.array(
    fc
      .record({ lower: fc.nat(6), length: fc.integer({ min: 1, max: 4 }), size: fc.nat(9) })
      .map(({ lower, length, size }) => ({ lower, upper: lower + length, size })),
    { maxLength: count },
  );

/** Numbers in [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A rectangle of `steps` by `height`, cut along whole lines into `count`: their least height is its own. */
function cutUp(count: number, steps: number, height: number, seed: number): LiveBuffer[] {
  const random = generator(seed);
  const parts: { lower: number; upper: number; size: number }[] = [{ lower: 0, upper: steps, size: height }];
  while (parts.length < count) {
    const part = parts[Math.floor(random() * parts.length)];
    if (part === undefined) continue;
    const length = part.upper - part.lower;
    if (random() < 0.5 && length > 1) {
      const cut = part.lower + 1 + Math.floor(random() * (length - 1));
      parts.push({ ...part, lower: cut });
      part.upper = cut;
    } else if (part.size > 1) {
      const cut = 1 + Math.floor(random() * (part.size - 1));
      parts.push({ ...part, size: part.size - cut });
      part.size = cut;
    }
  }
  return parts;
}

interface Conflicts {
  readonly instances: Readonly<
    Record<
      string,
      {
        readonly sizes: Readonly<Record<string, number>>;
        readonly conflicts: readonly (readonly string[])[];
        readonly optimum: number;
      }
    >
  >;
}

function isConflicts(json: unknown): json is Conflicts {
  return typeof json === "object" && json !== null && "instances" in json;
}

/** Graphs of conflicts, of which `assignOffsets` takes those that lifetimes have: these have the very same conflicts. */
const stored = sharedJson("data/offsets/tvm_usmp_conflicts.json");
const conflicts = isConflicts(stored) ? stored : undefined;
const conflictLifetimes: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  linear: { a: [4, 5], b: [3, 5], c: [2, 4], d: [1, 3], e: [0, 2], f: [0, 1] },
  fanout: { a: [0, 1], b: [0, 2], c: [0, 2], d: [1, 3], e: [1, 3], f: [2, 4], g: [3, 4] },
  resnet_subgraph: {
    sid_2: [0, 6],
    sid_6: [4, 7],
    sid_7: [2, 4],
    sid_8: [0, 2],
    PaddedInput: [0, 1],
    PaddedInput_1: [1, 3],
    PaddedInput_2: [3, 5],
    PaddedInput_3: [5, 7],
    Conv2dOutput: [0, 1],
    Conv2dOutput_1: [2, 3],
    Conv2dOutput_2: [4, 5],
    Conv2dOutput_3: [6, 7],
  },
};

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("assignOffsets", () => {
  it("is optimal on tiny instances", () => {
    fc.assert(
      fc.property(lifetimes(6), (buffers) => {
        const { offsets, height, lowerBound, optimal } = assignOffsets({ buffers });
        expect(heightOf(buffers, offsets)).toBe(height);
        expect(lowerBound).toBeLessThanOrEqual(height);
        expect(optimal).toBe(true);
        expect(height === 0 || !fits(buffers, height - 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("never overlaps, keeps alignment and repeats itself", () => {
    fc.assert(
      fc.property(lifetimes(60), fc.constantFrom(1, 4, 64), (buffers, alignment) => {
        const first = assignOffsets({ buffers, alignment });
        heightOf(buffers, first.offsets, alignment);
        expect(assignOffsets({ buffers, alignment })).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });

  it("shares addresses between lifetimes that only touch, and leaves empty buffers at 0", () => {
    const buffers = [
      { lower: -5, upper: 0, size: 7 },
      { lower: 0, upper: 3, size: 7 },
      { lower: -2, upper: 2, size: 0 },
    ];
    expect(assignOffsets({ buffers })).toEqual({
      offsets: [0, 0, 0],
      height: 7,
      lowerBound: 7,
      optimal: true,
    });
    expect(assignOffsets({ buffers: [] })).toEqual({ offsets: [], height: 0, lowerBound: 0, optimal: true });
  });

  it("proves an optimum that lies above max-live", () => {
    const rows = [
      [4, 5, 5],
      [2, 5, 3],
      [0, 3, 1],
      [4, 5, 2],
      [1, 2, 8],
      [3, 4, 6],
      [1, 4, 1],
      [2, 3, 4],
      [0, 1, 9],
      [2, 3, 1],
    ];
    const buffers = rows.map(([lower = 0, upper = 0, size = 0]) => ({ lower, upper, size }));
    const { offsets, ...rest } = assignOffsets({ buffers });
    expect(rest).toEqual({ height: 11, lowerBound: 10, optimal: true });
    expect(heightOf(buffers, offsets)).toBe(11);
    expect([fits(buffers, 10), fits(buffers, 11)]).toEqual([false, true]);
    // Beside what has room to spare at other times, and counted in larger units.
    const both = [...buffers, ...buffers.map((b) => ({ lower: b.lower + 9, upper: b.upper + 9, size: 1 }))];
    const scaled = both.map((b) => ({ ...b, size: b.size * 3 }));
    expect(assignOffsets({ buffers: scaled })).toMatchObject({ height: 33, lowerBound: 30, optimal: true });
    expect(assignOffsets({ buffers: scaled, alignment: 12 })).toMatchObject({ height: 60, lowerBound: 60 });
  });

  it("packs rectangles cut out of one rectangle", () => {
    for (const seed of [1, 2, 3]) {
      const buffers = cutUp(60, 120, 10_000, seed);
      const { offsets, ...rest } = assignOffsets({ buffers });
      expect(rest).toEqual({ height: 10_000, lowerBound: 10_000, optimal: true });
      expect(heightOf(buffers, offsets)).toBe(10_000);
    }
  });

  it.skipIf(conflicts === undefined).each(Object.entries(conflictLifetimes))(
    "packs the conflicts of %s at their optimum",
    (name, lifetimes) => {
      const { sizes, conflicts: pairs, optimum } = conflicts?.instances[name] ?? expect.fail(`no ${name}`);
      const names = Object.keys(sizes);
      expect(Object.keys(lifetimes).sort()).toEqual([...names].sort());
      const buffers = names.map((buffer) => {
        const [lower = 0, upper = 0] = lifetimes[buffer] ?? [];
        return { lower, upper, size: sizes[buffer] ?? 0 };
      });
      const overlapping = names.flatMap((a, i) =>
        names.slice(i + 1).flatMap((b, k) => {
          const [one, other] = [buffers[i], buffers[i + 1 + k]];
          if (one === undefined || other === undefined) return [];
          return one.lower < other.upper && other.lower < one.upper ? [[a, b].sort().join()] : [];
        }),
      );
      expect(overlapping.sort()).toEqual(pairs.map((pair) => [...pair].sort().join()).sort());
      const { offsets, height, optimal } = assignOffsets({ buffers });
      expect({ height, optimal }).toEqual({ height: optimum, optimal: true });
      expect(heightOf(buffers, offsets)).toBe(optimum);
    },
  );

  it("stops at the capacity, and says so where none is enough", () => {
    const buffers = cutUp(200, 300, 1_000_000, 4);
    const enough = assignOffsets({ buffers, capacity: 1e9 });
    expect(heightOf(buffers, enough.offsets)).toBe(enough.height);
    expect(enough.height).toBeGreaterThan(1_000_000);
    expect(enough.optimal).toBe(false);
    const little = assignOffsets({ buffers, capacity: 999_999 });
    expect(little).toMatchObject({ height: 1_000_000, optimal: true });
  });

  it("places 100 000 short lifetimes at max-live", () => {
    const random = generator(5);
    const buffers = Array.from({ length: 100_000 }, (_, step) => ({
      lower: step + Math.floor(5 * random()),
      upper: step + 6 + Math.floor(40 * random()),
      size: 64 * (1 + Math.floor(1000 * random() ** 2)),
    }));
    const { offsets, height, lowerBound } = assignOffsets({ buffers });
    expect(heightOf(buffers, offsets)).toBe(height);
    expect(height).toBeLessThanOrEqual(1.001 * lowerBound);
  });

  it("gives a packing even with no time at all", () => {
    const random = generator(6);
    const buffers = Array.from({ length: 3000 }, () => {
      const lower = Math.floor(2000 * random());
      return { lower, upper: lower + 1 + Math.floor(2000 * random()), size: Math.floor(1000 * random()) };
    });
    const { offsets, height } = assignOffsets({ buffers, timeLimit: 0 });
    expect(heightOf(buffers, offsets)).toBe(height);
    const later = assignOffsets({ buffers, timeLimit: 1 });
    expect(heightOf(buffers, later.offsets)).toBe(later.height);
    expect(later.height).toBeLessThan(height);
  });

  it("reports progress and stops when aborted", () => {
    const buffers = cutUp(400, 900, 1_000_000, 7);
    const seen: OffsetsProgress[] = [];
    const { height } = assignOffsets({
      buffers,
      timeLimit: 0.5,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(1);
    expect(Math.min(...seen.map((progress) => progress.height))).toBeGreaterThanOrEqual(height);
    for (const [index, { spent, lowerBound }] of seen.entries()) {
      expect(spent).toBeGreaterThanOrEqual(seen[index - 1]?.spent ?? 0);
      expect(spent).toBeLessThanOrEqual(1);
      expect(lowerBound).toBeGreaterThanOrEqual(1_000_000);
    }
    const reason = new Error("enough");
    expect(() => assignOffsets({ buffers, signal: AbortSignal.abort(reason) })).toThrow(reason);
    const control = new AbortController();
    const abort = (): void => control.abort(reason);
    expect(() => assignOffsets({ buffers, signal: control.signal, onProgress: abort })).toThrow(reason);
  });

  it("refuses what is no buffer, by item and field", () => {
    const good = { lower: 0, upper: 2, size: 3 };
    const cases: readonly (readonly [LiveBuffer, string])[] = [
      [{ ...good, size: -1 }, "size"],
      [{ ...good, size: 1.5 }, "size"],
      [{ ...good, size: Number.NaN }, "size"],
      [{ ...good, size: 2 ** 53 }, "size"],
      [{ ...good, size: Number.MAX_SAFE_INTEGER }, "size"],
      [{ ...good, lower: 0.5 }, "lower"],
      [{ ...good, lower: Number.NEGATIVE_INFINITY }, "lower"],
      [{ ...good, upper: 0 }, "upper"],
      [{ ...good, upper: 2 ** 60 }, "upper"],
    ];
    for (const [bad, field] of cases) {
      const error = caught(() => assignOffsets({ buffers: [good, bad] }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item: 1, field, address: `buffers[1].${field}` });
    }
    for (const [option, value] of [
      ["alignment", 0],
      ["alignment", 2.5],
      ["capacity", -1],
      ["timeLimit", Number.NaN],
    ] as const) {
      const error = caught(() => assignOffsets({ buffers: [good], [option]: value }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item: undefined, field: option });
    }
  });
});

const folder = sharedPath("data/offsets");

function read(file: string): LiveBuffer[] {
  const [header = "", ...rows] = readFileSync(`${folder}/${file}`, "utf8").trim().split("\n");
  const columns = header.split(",");
  const at = (cells: readonly string[], name: string): number => Number(cells[columns.indexOf(name)]);
  return rows.map((row) => {
    const cells = row.split(",");
    return { lower: at(cells, "lower"), upper: at(cells, "upper"), size: at(cells, "size") };
  });
}

const files = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith(".csv"));

describe.skipIf(files.length === 0)("known instances", () => {
  it.each(files.filter((file) => file.includes("1048576")))("%s fits its capacity", (file) => {
    const buffers = read(file);
    const { offsets, height } = assignOffsets({ buffers, capacity: 1_048_576, timeLimit: 30 });
    expect(heightOf(buffers, offsets)).toBe(height);
    expect(height).toBeLessThanOrEqual(1_048_576);
  });

  it.each(files.filter((file) => file.includes("1048576")))(
    "%s fits without being told its capacity",
    (file) => {
      const buffers = read(file);
      const { offsets, height } = assignOffsets({ buffers, timeLimit: 5 });
      expect(heightOf(buffers, offsets)).toBe(height);
      expect(height).toBeLessThanOrEqual(1_048_576);
    },
  );

  it.each(files.filter((file) => !file.includes("1048576")))("%s is within 1.002 of max-live", (file) => {
    const buffers = read(file);
    const { offsets, height, lowerBound } = assignOffsets({ buffers });
    expect(heightOf(buffers, offsets)).toBe(height);
    expect(height).toBeLessThanOrEqual(1.002 * lowerBound);
  });
});
