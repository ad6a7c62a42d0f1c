/** Every case has the value its definition says, in the float64 interpreter. */

import { graph, interpret } from "@adjoint/core";
import { describe, expect, test } from "vitest";
import type { Case, Expected } from "./cases/case.js";
import { table } from "./cases/table.js";
import { expectClose } from "./compare.js";
import { allCases, instantiate } from "./instance.js";

function isNested(expected: Expected): expected is readonly (readonly number[])[] {
  return expected.some((element) => Array.isArray(element));
}

describe("values", () => {
  test.each(allCases())("%s", (name, item) => {
    const instance = instantiate(name, item);
    const outputs = Object.fromEntries(instance.results.map((node, i) => [`r${i}`, node]));
    const { outputs: found } = interpret(graph({ outputs }), instance.feeds);
    if (item.shape !== undefined) expect(instance.results[0]?.shape, "shape").toEqual(item.shape);
    for (const [i, node] of instance.results.entries()) {
      const size = node.shape.reduce((product, extent) => product * extent, 1);
      expect(found[`r${i}`]?.length, `result ${i}: number of elements`).toBe(size);
    }
    if (item.value === undefined) return;
    const expected = typeof item.value === "function" ? item.value(...instance.operands) : item.value;
    const lists = isNested(expected) ? expected : [expected];
    expect(lists.length, "number of results").toBe(instance.results.length);
    for (const [i, list] of lists.entries()) {
      expectClose(found[`r${i}`] ?? [], list, item.tolerance?.value ?? 1e-12, `result ${i}`);
    }
  });

  test.each(Object.entries<readonly Case[]>(table))("%s has a case with an expected value", (_, cases) => {
    expect(cases.some((item) => item.value !== undefined)).toBe(true);
  });
});
