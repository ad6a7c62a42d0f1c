/** Reports of memory tell what is so, and nothing that a reader would take for something else. */

import { exp, type Graph, graph, input, label, matmul, parameter, sum } from "@adjoint/core";
import {
  type BudgetPoint,
  drawBudgetCurve,
  drawMemory,
  footprint,
  gradient,
  memoryReport,
  plan,
  reference,
  sgd,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";

const { target } = reference();

function layers(): Graph {
  const weights = Array.from({ length: 6 }, (_, k) => parameter(`W${k}`, [4, 4]));
  const o = weights.reduce((h, W) => exp(matmul(h, W)), input("x", [64, 4]));
  const slopes = gradient(sum(o), weights);
  const pairs = weights.map((W, k) => [W, slopes[k] ?? W] as const);
  return graph({ outputs: { J: sum(o) }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

const free = plan(layers(), { target });
const limited = plan(layers(), { target, memoryBudget: Math.floor(0.6 * free.memory.arenaBytes) });

/** The attributes of the rectangles that have a title. */
function titledRectangles(svg: string): { readonly title: string; readonly fill: string }[] {
  return [...svg.matchAll(/<rect [^>]*fill="([^"]*)"[^>]*><title>([^<]*)<\/title>/g)].map(
    ([, fill = "", title = ""]) => ({ title, fill }),
  );
}

describe("memoryReport", () => {
  it("takes one plan as well as several", () => {
    expect(memoryReport(free)).toBe(memoryReport({ [free.target]: free }));
    expect(memoryReport(footprint(layers(), { target })).split("\n")[0]).toMatch(/^ +inference +training$/);
  });

  it("tells of a budget only where there is one", () => {
    expect(memoryReport(free)).not.toMatch(/budget|must be recomputed/);
    const both = memoryReport({ free, limited });
    expect(both).toMatch(/^budget of the arena +none +\S+/m);
    expect(both).toMatch(/^ {2}must be recomputed within it +none +[\d,]+$/m);
  });

  it("lists the values alive at the peak, as many bytes as are alive", () => {
    const { peakStep, maxLiveBytes } = free.memory;
    expect(memoryReport(free)).toContain(`alive at the peak, step ${peakStep}`);
    expect(maxLiveBytes).toBeGreaterThan(0);
  });
});

describe("long lists", () => {
  it("name the largest values, and say what the others take together", () => {
    const weights = Array.from({ length: 60 }, (_, k) => parameter(`W${k}`, [4, 4]));
    const o = weights.reduce((h, W) => exp(matmul(h, W)), input("x", [64, 4]));
    const deep = graph({
      outputs: Object.fromEntries(gradient(sum(o), weights).map((g, k) => [`g${k}`, g])),
    });
    const made = plan(deep, { target });
    const { retained } = made.memory;
    const [, list = ""] = memoryReport(made).split("kept by forward for backward\n");
    const [named = ""] = list.split("\n\n");
    const lines = named.trimEnd().split("\n");
    expect(retained.length).toBeGreaterThan(50);
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toMatch(new RegExp(`^  and ${retained.length - 40} more: `));
  });

  it("have names that any XML can hold", () => {
    const named = label(exp(input("x", [4])), "a\u0001<&\ud800");
    const svg = drawMemory(plan(graph({ outputs: { y: exp(named), z: named } }), { target }));
    expect(svg).toContain("a\ufffd&lt;&amp;\ufffd");
  });
});

describe("drawMemory", () => {
  it.each([
    ["free", free],
    ["limited", limited],
  ] as const)("draws every value and every phase of a plan, %s", (_, made) => {
    const drawn = titledRectangles(drawMemory(made));
    const stored = made.steps.filter(({ buffers }) => {
      const placed = made.buffers[buffers.at(-1) ?? -1];
      return placed?.space === "arena" && placed.bytes > 0;
    });
    for (const { nodes, phase } of stored) {
      expect(
        drawn.some(({ title }) => title.startsWith(`${nodes[0]}: `) && title.includes(`, ${phase}, `)),
      ).toBe(true);
    }
    for (const phase of new Set(made.steps.map((step) => step.phase))) {
      expect(
        drawn.some(({ title }) => title.startsWith(`${phase}: step`)),
        phase,
      ).toBe(true);
    }
    expect(drawn.some(({ title }) => title === `the peak, step ${made.memory.peakStep}`)).toBe(true);
  });

  it("labels no two marks of an axis alike", () => {
    const texts = [...drawMemory(free).matchAll(/text-anchor="(?:end|middle)">([^<]*)</g)].map(
      ([, text]) => text,
    );
    expect(new Set(texts).size).toBe(texts.length);
  });
});

const point = (budgetBytes: number, overhead?: number, leastOverhead = overhead): BudgetPoint => ({
  budgetBytes,
  arenaBytes: overhead === undefined ? undefined : budgetBytes,
  overhead,
  leastOverhead,
});

describe("drawBudgetCurve", () => {
  it("draws steps: a plan fits every larger budget, and what is needed is needed with every smaller one", () => {
    const svg = drawBudgetCurve([point(100, 0.2, 0.1), point(200, 0.1, 0.05), point(300, 0)]);
    const paths = [...svg.matchAll(/<path d="(M[^"]*)"/g)].map(([, path = ""]) =>
      path.replaceAll(/[\d. ]+/g, ""),
    );
    expect(paths).toEqual(["MVHVH", "MHVHV"]);
  });

  it("tells small shares apart from none", () => {
    expect(drawBudgetCurve([point(100, 0.000_4), point(200, 0)])).toContain("100 B: 0.04 % recomputed");
  });

  it("draws one point, and says where there is none", () => {
    expect(drawBudgetCurve([point(100, 0)])).toContain("100 B: 0 % recomputed");
    expect(drawBudgetCurve([])).toContain("no plan was found");
    expect(drawBudgetCurve([point(100)])).toContain("100 B: no plan was found");
    for (const points of [[], [point(100)], [point(100, 0)]])
      expect(drawBudgetCurve(points)).not.toMatch(/NaN|Infinity/);
  });
});
