// Derivatives at poles are what they tend to, where they tend to something: no infinity minus infinity on the way.

import { acos, asin, atanh, graph, input, interpret, type Node, sum } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { expect, test } from "vitest";

function derivatives(f: (x: Node) => Node, at: readonly number[]): (readonly number[])[] {
  const x = input("x", [at.length], "float64");
  const [first = x] = gradient(sum(f(x)), [x]);
  const [second = x] = gradient(sum(first), [x]);
  const { outputs } = interpret(graph({ outputs: { first, second } }), { x: [...at] });
  return [Array.from(outputs.first), Array.from(outputs.second)];
}

const far = Number.POSITIVE_INFINITY;

test.each<[name: string, f: (x: Node) => Node, first: readonly number[], second: readonly number[]]>([
  ["asin", asin, [far, far], [-far, far]],
  ["acos", acos, [-far, -far], [far, -far]],
  ["atanh", atanh, [far, far], [-far, far]],
])("%s at -1 and 1", (_, f, first, second) => {
  expect(derivatives(f, [-1, 1])).toEqual([first, second]);
});
