import { purposes, random } from "examples/textbook-mlp/random.js";
import { describe, expect, it } from "vitest";

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("random", () => {
  it("gives the numbers that it always gave", () => {
    // Computed by the published C code, seeded as this generator seeds it.
    const chance = random(1, purposes.digits, 0);
    expect(draws(4, chance.bits)).toEqual([345121671, 4284727934, 3509994298, 1295812752]);
  });

  it("gives other numbers for another seed, purpose or index", () => {
    const streams = [
      random(1, 1, 0),
      random(2, 1, 0),
      random(1, 2, 0),
      random(1, 1, 1),
      random(0, 0, 0),
      random(2 ** 32 - 1, 1, 0),
    ];
    const words = streams.flatMap(({ bits }) => draws(1000, bits));
    expect(new Set(words).size).toBeGreaterThan(words.length - 5);
  });

  it("does not correlate neighboring streams", () => {
    const first = draws(10_000, (): number => 0).map((_, index) => random(7, 1, index).uniform());
    const products = first.slice(1).map((value, i) => (value - 0.5) * ((first[i] ?? 0) - 0.5) * 12);
    expect(mean(first)).toBeCloseTo(0.5, 1);
    expect(Math.abs(mean(products))).toBeLessThan(0.04);
  });

  it("fills its ranges evenly", () => {
    const chance = random(3, 1, 0);
    const uniform = draws(100_000, () => chance.uniform(-2, 4));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...uniform)).toBeLessThan(4);
    expect(Math.abs(mean(uniform) - 1)).toBeLessThan(0.03);
    const counts = new Array<number>(10).fill(0);
    for (const digit of draws(100_000, () => chance.below(10))) counts[digit] = (counts[digit] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("draws bells of mean 0 and variance 1", () => {
    const chance = random(4, 1, 0);
    const bells = draws(100_000, () => chance.bell());
    expect(Math.abs(mean(bells))).toBeLessThan(0.02);
    expect(Math.abs(mean(bells.map((bell) => bell * bell)) - 1)).toBeLessThan(0.03);
    expect(bells.every((bell) => Math.abs(bell) < 3.46)).toBe(true);
  });
});
