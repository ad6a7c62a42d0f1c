/** Every intermediate, gradient, Hessian-vector product and Hessian of the textbook network against PyTorch in float64. */

import { cpu } from "@adjoint/backend-cpu";
import { type DType, interpret } from "@adjoint/core";
import { type Backend, compile, reference } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";
import { sharedJson } from "./shared.js";
import { expectedOutputs, type Fixture, flat, isFixtures, textbookFeeds, textbookGraph } from "./textbook.js";

const json = sharedJson("reference/textbook-mlp/fixtures.json");
const cases = isFixtures(json) ? json.cases : [];
const titled = cases.map((fixture) => {
  const { phi, loss, lambda, bias, n } = fixture;
  return [`${phi} ${loss} λ=${lambda} bias=${bias} n=${n}`, fixture] as const;
});

function expectOutputs(
  actual: Readonly<Record<string, ArrayLike<number>>>,
  fixture: Fixture,
  tolerance: number,
): void {
  for (const [name, value] of Object.entries(expectedOutputs(fixture))) {
    expectClose(actual[name], flat(value), tolerance, name);
  }
}

/** The rows of the Hessian, one run per unit vector. */
async function hessian(
  fixture: Fixture,
  run: (
    feeds: Readonly<Record<string, Float64Array>>,
  ) => Promise<Readonly<Record<string, ArrayLike<number>>>>,
): Promise<number[]> {
  const rows: number[] = [];
  for (let unit = 0; unit < (fixture.hessian?.length ?? 0); unit++) {
    const outputs = await run(textbookFeeds(fixture, unit));
    rows.push(...(fixture.hessian_order ?? []).flatMap((name) => Array.from(outputs[`HV_${name}`] ?? [])));
  }
  return rows;
}

async function runner(
  fixture: Fixture,
  dtype: DType,
  backend: Backend,
): Promise<
  (feeds: Readonly<Record<string, Float64Array>>) => Promise<Readonly<Record<string, ArrayLike<number>>>>
> {
  const session = await compile(textbookGraph(fixture, dtype), { backend, verify: true });
  return async (feeds) => {
    const outputs = await session.run(feeds);
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
  };
}

describe.skipIf(cases.length === 0)("the textbook network", () => {
  it("has 48 fixtures", () => {
    expect(cases).toHaveLength(48);
  });

  describe.each(titled)("%s", (_, fixture) => {
    it("in the interpreter", async () => {
      const graph = textbookGraph(fixture, "float64");
      const run = (feeds: Readonly<Record<string, Float64Array>>) =>
        Promise.resolve(interpret(graph, feeds).outputs);
      expectOutputs(await run(textbookFeeds(fixture)), fixture, 1e-10);
      expectClose(await hessian(fixture, run), flat(fixture.hessian ?? []), 1e-10, "hessian");
    });

    it("planned, in the kernel interpreter", async () => {
      const run = await runner(fixture, "float64", reference());
      expectOutputs(await run(textbookFeeds(fixture)), fixture, 1e-10);
    });

    it("on the CPU in float32", async () => {
      const run = await runner(fixture, "float32", cpu());
      expectOutputs(await run(textbookFeeds(fixture)), fixture, 1e-5);
      expectClose(await hessian(fixture, run), flat(fixture.hessian ?? []), 1e-5, "hessian");
    });

    it("on the CPU in float64", async () => {
      const run = await runner(fixture, "float64", cpu());
      expectOutputs(await run(textbookFeeds(fixture)), fixture, 1e-10);
      expectClose(await hessian(fixture, run), flat(fixture.hessian ?? []), 1e-10, "hessian");
    });
  });
});
