// Random graphs give the same numbers on the CPU backend as in the interpreter, and a saved plan gives the same bits.

import { cpu } from "@adjoint/backend-cpu";
import { type DType, type Graph, interpret, type Op } from "@adjoint/core";
import { compile, load, planFromJson, planToJson } from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";
import { type Feeds, randomFeeds, randomGraph } from "./graphs.js";

const exact: readonly DType[] = ["float64", "int32", "uint32", "bool"];

/** Their expansions are exact to the last places within a stated range of arguments only, which special values leave. */
const ranged = ["sin", "cos", "tan", "sinc", "lgamma", "digamma"];
/** What pivots of matrices with infinities are is nobody's definition. */
const undefinedAtInfinity = ["lu", "solve", "cholesky", "triangularSolve", "logAbsDet"];

function programs(dtypes: readonly DType[]): fc.Arbitrary<{ readonly graph: Graph; readonly feeds: Feeds }> {
  const accept = ({ name }: Op): boolean => ![...ranged, ...undefinedAtInfinity].includes(name);
  return randomGraph({ dtypes, accept }).chain((graph) =>
    fc.record({ graph: fc.constant(graph), feeds: randomFeeds(graph) }),
  );
}

function arrays(feeds: Feeds): Readonly<Record<string, Float64Array>> {
  return Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Float64Array.from(data)]));
}

describe("random graphs on the CPU", () => {
  it("give the interpreter's numbers", async () => {
    await fc.assert(
      fc.asyncProperty(programs(exact), async ({ graph, feeds }) => {
        const truth = interpret(graph, feeds);
        const session = await compile(graph, { backend: cpu(), verify: true });
        const outputs = await session.run(arrays(feeds));
        for (const name of Object.keys(graph.outputs))
          expectClose(outputs[name]?.data, truth.outputs[name], 1e-9, name);
        for (const [name, value] of truth.updates)
          expectClose((await session.read(name)).data, value, 1e-9, name);
      }),
      { numRuns: 200 },
    );
  });

  it("give the same bits from a saved plan", async () => {
    await fc.assert(
      fc.asyncProperty(programs([...exact, "float32"]), async ({ graph, feeds }) => {
        const session = await compile(graph, { backend: cpu() });
        const loaded = await load(planFromJson(planToJson(session.plan)), { backend: cpu() });
        const expected = await session.run(arrays(feeds));
        const actual = await loaded.run(arrays(feeds));
        for (const name of Object.keys(graph.outputs))
          expect(actual[name]?.data).toEqual(expected[name]?.data);
      }),
      { numRuns: 50 },
    );
  });
});
