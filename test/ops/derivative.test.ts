/**
 * Every case's first and second derivatives agree with central finite differences in the float64 interpreter, and those
 * at special points with what the case says; none is NaN.
 */

import { type Graph, interpret } from "@adjoint/core";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases/case.js";
import { expectClose, expectNumbers } from "./compare.js";
import { derivativesOf, movedFeeds } from "./derivatives.js";
import { allCases, type Instance, instantiate, isDifferentiated } from "./instance.js";

const step = 1e-4;

type Feeds = Readonly<Record<string, readonly number[]>>;
type Outputs = Readonly<Record<string, ArrayLike<number>>>;

/** d/dt of every output along the directions, by the fourth-order central stencil. */
function differences(graph: Graph, instance: Instance, feeds: Feeds, names: readonly string[]): number[][] {
  const sampled = [-2, -1, 1, 2].map(
    (t): Outputs => interpret(graph, movedFeeds(instance, feeds, t * step)).outputs,
  );
  const weights = [1, -8, 8, -1];
  return names.map((name) =>
    Array.from(sampled[0]?.[name] ?? [], (_, k) =>
      sampled.reduce(
        (total, outputs, s) => total + ((weights[s] ?? 0) * (outputs[name]?.[k] ?? 0)) / (12 * step),
        0,
      ),
    ),
  );
}

function inner(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  return a.reduce(
    (total, list, i) => total + Array.from(list).reduce((sum, x, k) => sum + x * (b[i]?.[k] ?? 0), 0),
    0,
  );
}

const differentiated = allCases().filter(([name, item]) => isDifferentiated(instantiate(name, item)));
const compared = differentiated.filter(([, item]) => item.order !== 0);
const given = differentiated.filter(([, item]) => item.gradients !== undefined);

describe("derivatives against finite differences", () => {
  test.each(compared)("%s", (name, item: Case) => {
    const instance = instantiate(name, item);
    const order = item.order ?? 2;
    const tolerance = item.tolerance?.difference ?? 1e-6;
    const first = derivativesOf(instance, 1);
    const known = derivativesOf(instance, order);
    const found: Outputs = interpret(known.graph, known.feeds).outputs;
    const list = (names: readonly string[]) => names.map((output) => found[output] ?? []);
    for (const output of Object.keys(found)) expectNumbers(found[output] ?? [], output);

    const along = differences(first.graph, instance, first.feeds, [...first.results, ...first.gradients]);
    const jacobian = along.slice(0, first.results.length);
    const adjoints = first.results.map((_, i) => first.feeds[`u${i}`] ?? []);
    const directions = first.gradients.map((_, i) => first.feeds[`v${i}`] ?? []);
    const scale = Math.max(1, Math.abs(inner(adjoints, jacobian)));
    expect(
      Math.abs(inner(list(known.gradients), directions) - inner(adjoints, jacobian)) / scale,
      "gradient along a direction, relative error",
    ).toBeLessThanOrEqual(tolerance);
    for (const [i, output] of known.jacobians.entries()) {
      expectClose(
        found[output] ?? [],
        jacobian[i] ?? [],
        tolerance,
        `derivative of ⟨v, gradient⟩ by adjoint ${i}`,
      );
    }
    for (const [i, output] of known.hessians.entries()) {
      expectClose(
        found[output] ?? [],
        along[first.results.length + i] ?? [],
        tolerance,
        `derivative of ⟨v, gradient⟩ by operand ${i}`,
      );
    }
  });
});

describe("derivatives at special points", () => {
  test.each(given)("%s", (name, item: Case) => {
    const instance = instantiate(name, item);
    const known = derivativesOf(instance, 2, "ones");
    const found: Outputs = interpret(known.graph, known.feeds).outputs;
    const expected = item.gradients ?? [];
    expect(expected.length, "gradients given, one per differentiable operand").toBe(known.gradients.length);
    for (const [i, list] of expected.entries()) {
      expectClose(found[`g${i}`] ?? [], list, item.tolerance?.value ?? 1e-12, `adjoint of operand ${i}`);
    }
    if (item.pole === true || expected.flat().some((element) => !Number.isFinite(element))) return;
    for (const output of [...known.hessians, ...known.jacobians]) expectNumbers(found[output] ?? [], output);
  });
});
