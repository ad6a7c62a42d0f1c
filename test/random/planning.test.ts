// Random graphs keep their numbers through every pass: interpreter = after each pass = planned kernels in the emulator,
// and every plan replays. Backends are compared in conformance tests.

import { interpret } from "@adjoint/core";
import { compile, pipeline, reference, runPasses } from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";
import { randomFeeds, randomGraph } from "./graphs.js";

const { target } = reference();
const graphPasses = [...new Set(pipeline.filter(({ to }) => to === "graph").map(({ name }) => name))];
/** What pivots of matrices with infinities are is nobody's definition. */
const undefinedAtInfinity = ["lu", "solve", "cholesky", "triangularSolve", "logAbsDet"];
const program = randomGraph({
  dtypes: ["float64", "int32", "uint32", "bool"],
  accept: ({ name }) => !undefinedAtInfinity.includes(name),
}).chain((graph) => fc.record({ graph: fc.constant(graph), feeds: randomFeeds(graph) }));

describe("random graphs", () => {
  it.each(graphPasses)("give the same numbers after %s", (until) => {
    fc.assert(
      fc.property(program, ({ graph, feeds }) => {
        const truth = interpret(graph, feeds);
        const stage = runPasses(graph, { target, until, verify: true });
        if (stage.kind !== "graph") return expect.fail(`${until} gives no graph`);
        const after = interpret(stage.graph, feeds);
        for (const name of Object.keys(graph.outputs))
          expectClose(after.outputs[name], truth.outputs[name], 1e-12, name);
        for (const [name, value] of truth.updates) expectClose(after.updates.get(name), value, 1e-12, name);
      }),
      { numRuns: 150 },
    );
  });

  it("give the same numbers planned", async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ graph, feeds }) => {
        const truth = interpret(graph, feeds);
        const session = await compile(graph, { backend: reference(), verify: true });
        const arrays = Object.fromEntries(
          Object.entries(feeds).map(([name, data]) => [name, Float64Array.from(data)]),
        );
        const outputs = await session.run(arrays);
        for (const name of Object.keys(graph.outputs)) {
          expectClose(outputs[name]?.data, truth.outputs[name], 1e-12, name);
        }
        for (const [name, value] of truth.updates)
          expectClose((await session.read(name)).data, value, 1e-12, name);
      }),
      { numRuns: 300 },
    );
  });
});
