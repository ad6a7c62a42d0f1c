/** Offset assignment: no overlap, the best height where it is known, and refusals that name the item. */

import { readdirSync, readFileSync } from "node:fs";
import { assignOffsets, type LiveBuffer, MemoryInputError } from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedPath } from "../reference/shared.js";

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

/** The least height over all orders of placing each buffer as low as it fits: enough for an optimum. */
function bruteForce(buffers: readonly LiveBuffer[]): number {
  let best = Number.POSITIVE_INFINITY;
  const place = (left: readonly number[], offsets: ReadonlyMap<number, number>, height: number): void => {
    if (height >= best) return;
    if (left.length === 0) {
      best = height;
      return;
    }
    for (const index of left) {
      const buffer = buffers[index];
      if (buffer === undefined) continue;
      const others = [...offsets].flatMap(([other, start]) => {
        const placed = buffers[other];
        const meets = placed !== undefined && placed.lower < buffer.upper && buffer.lower < placed.upper;
        return meets ? [{ start, end: start + placed.size }] : [];
      });
      let offset = 0;
      for (const { start, end } of others.sort((a, b) => a.start - b.start)) {
        if (start >= offset + buffer.size) break;
        offset = Math.max(offset, end);
      }
      const rest = left.filter((other) => other !== index);
      place(rest, new Map([...offsets, [index, offset]]), Math.max(height, offset + buffer.size));
    }
  };
  place([...buffers.keys()], new Map(), 0);
  return best;
}

const lifetimes = (count: number): fc.Arbitrary<LiveBuffer[]> =>
  fc.array(
    fc
      .record({ lower: fc.nat(6), length: fc.integer({ min: 1, max: 4 }), size: fc.nat(9) })
      .map(({ lower, length, size }) => ({ lower, upper: lower + length, size })),
    { maxLength: count },
  );

describe("assignOffsets", () => {
  it("is optimal on tiny instances", () => {
    fc.assert(
      fc.property(lifetimes(6), (buffers) => {
        const { offsets, height, lowerBound, optimal } = assignOffsets({ buffers });
        expect(heightOf(buffers, offsets)).toBe(height);
        expect(lowerBound).toBeLessThanOrEqual(height);
        const least = bruteForce(buffers);
        expect(height).toBe(buffers.length === 0 ? 0 : least);
        if (height === lowerBound) expect(optimal).toBe(true);
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

  it("refuses what is no buffer, by item", () => {
    const good = { lower: 0, upper: 2, size: 3 };
    for (const bad of [
      { ...good, size: -1 },
      { ...good, size: 1.5 },
      { ...good, size: Number.NaN },
      { ...good, upper: 0 },
    ]) {
      expect(() => assignOffsets({ buffers: [good, bad] })).toThrow(MemoryInputError);
      expect(() => assignOffsets({ buffers: [good, bad] })).toThrow(/1/);
    }
    expect(() => assignOffsets({ buffers: [good], alignment: 0 })).toThrow(MemoryInputError);
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

  it.each(files.filter((file) => !file.includes("1048576") && file !== "input.12.csv"))(
    "%s is within 1.002 of max-live",
    (file) => {
      const buffers = read(file);
      const { offsets, height, lowerBound } = assignOffsets({ buffers });
      expect(heightOf(buffers, offsets)).toBe(height);
      expect(height).toBeLessThanOrEqual(1.002 * lowerBound);
    },
  );
});
