/** The replay verifier finds what a broken planner would do: every corruption of a good plan is named. */

import {
  add,
  exp,
  graph,
  input,
  matmul,
  type Node,
  parameter,
  sub,
  sum,
  VerificationError,
} from "@adjoint/core";
import {
  type Plan,
  type PlanBuffer,
  plan,
  planFromJson,
  planToJson,
  reference,
  verifyPlan,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";

const { target } = reference();

/** Two products of one value: buffers are shared, reused and written in place. */
function goodPlan(): Plan {
  const x = input("x", [4, 4]);
  const w = parameter("w", [4, 4]);
  const a = exp(x);
  const b = matmul(a, w);
  const c = matmul(b, a);
  const outputs: Record<string, Node> = { c: add(c, b), s: sum(a) };
  return plan(graph({ outputs, updates: [{ parameter: w, value: sub(w, b) }] }), { target });
}

function withBuffer(good: Plan, index: number, change: Partial<PlanBuffer>): Plan {
  return {
    ...good,
    buffers: good.buffers.map((buffer, at) => (at === index ? { ...buffer, ...change } : buffer)),
  };
}

const good = goodPlan();
const arena = good.buffers.flatMap(({ space, bytes }, index) =>
  space === "arena" && bytes > 8 ? [index] : [],
);

describe("verifyPlan", () => {
  it("replays a good plan to the figures it states", () => {
    expect(verifyPlan(good)).toEqual({
      arenaBytes: good.memory.arenaBytes,
      maxLiveBytes: good.memory.maxLiveBytes,
    });
  });

  it.each(arena)("finds buffer %i moved over another that is alive", (index) => {
    const moved = good.buffers.flatMap((other, at) => {
      const mine = good.buffers[index];
      const alive = mine !== undefined && other.space === "arena" && at !== index && other.bytes > 0;
      return alive && other.lower < mine.upper && mine.lower < other.upper ? [other.offset] : [];
    });
    expect(moved.length).toBeGreaterThan(0);
    for (const offset of moved) {
      expect(() => verifyPlan(withBuffer(good, index, { offset }))).toThrow(VerificationError);
    }
  });

  it("takes an output that is what an update stores", () => {
    const p = parameter("p", [3]);
    const value = exp(p);
    const made = plan(graph({ outputs: { value }, updates: [{ parameter: p, value }] }), { target });
    expect(made.outputs[0]?.buffer).toBe(made.parameters[0]?.buffer);
    expect(verifyPlan(made).arenaBytes).toBe(0);
  });

  it("finds steps in the wrong order", () => {
    expect(() => verifyPlan({ ...good, steps: [...good.steps].reverse() })).toThrow(
      /before anything writes it/,
    );
  });

  it("finds a step left out", () => {
    expect(() => verifyPlan({ ...good, steps: good.steps.slice(1) })).toThrow(VerificationError);
  });

  it("finds figures that are not so", () => {
    const memory = { ...good.memory, arenaBytes: good.memory.arenaBytes - 8 };
    expect(() => verifyPlan({ ...good, memory })).toThrow(/memory.arenaBytes/);
    expect(() => verifyPlan({ ...good, memory: { ...good.memory, maxLiveBytes: 8 } })).toThrow(
      /memory.maxLiveBytes/,
    );
  });

  it("finds buffers too small for what they hold", () => {
    for (const [index, { bytes }] of good.buffers.entries()) {
      if (bytes > 8)
        expect(() => verifyPlan(withBuffer(good, index, { bytes: bytes - 8 }))).toThrow(VerificationError);
    }
    const outputs = good.outputs.map((slot) => ({ ...slot, shape: [...slot.shape, 10] }));
    expect(() => verifyPlan({ ...good, outputs })).toThrow(/takes \d+ of float32/);
  });

  it.each(["parameterBytes", "stateBytes", "inputBytes", "constantBytes", "retainedBytes"] as const)(
    "finds a wrong %s",
    (figure) => {
      const memory = { ...good.memory, [figure]: good.memory[figure] + 8 };
      expect(() => verifyPlan({ ...good, memory })).toThrow(new RegExp(`memory.${figure}`));
    },
  );

  it("finds references to what does not exist", () => {
    const [first, ...rest] = good.steps;
    if (first === undefined) return expect.fail("a plan has steps");
    expect(() => verifyPlan({ ...good, steps: [{ ...first, kernel: 99 }, ...rest] })).toThrow(/kernel 99/);
    expect(() => verifyPlan({ ...good, steps: [{ ...first, buffers: [] }, ...rest] })).toThrow(/binds 0 of/);
    const lost = first.buffers.map(() => 99);
    expect(() => verifyPlan({ ...good, steps: [{ ...first, buffers: lost }, ...rest] })).toThrow(/buffer 99/);
    const [output, ...others] = good.outputs;
    if (output === undefined) return expect.fail("a plan has outputs");
    expect(() => verifyPlan({ ...good, outputs: [{ ...output, buffer: 99 }, ...others] })).toThrow(
      /does not exist/,
    );
  });

  it("finds a kernel that overwrites what it reads elsewhere", () => {
    const kernels = good.kernels.map((kernel) => ({ ...kernel, aliases: [] }));
    expect(() => verifyPlan({ ...good, kernels })).toThrow(/writes over buffer/);
  });

  it("decides by itself what a kernel may overwrite, whatever it claims", () => {
    const [x, W] = [input("x", [8, 8]), parameter("W", [8, 8])];
    const made = plan(graph({ outputs: { y: matmul(matmul(x, W), W) } }), { target });
    const [first, second] = made.steps;
    const [h, y] = [first?.buffers.at(-1) ?? -1, second?.buffers.at(-1) ?? -1];
    expect([made.steps.length, y]).toEqual([2, h + 1]);
    const [under, over] = [made.buffers[h], made.buffers[y]];
    if (first === undefined || second === undefined || under === undefined || over === undefined)
      return expect.fail("a plan of two products");
    const tampered = {
      ...made,
      kernels: made.kernels.map((kernel) => ({
        ...kernel,
        aliases: kernel.buffers.slice(1).map((_, read) => [kernel.buffers.length - 1, read] as const),
      })),
      buffers: made.buffers.flatMap((buffer, index) =>
        index === y
          ? []
          : [index === h ? { ...under, nodes: [...under.nodes, ...over.nodes], upper: over.upper } : buffer],
      ),
      steps: [first, { ...second, buffers: second.buffers.map((buffer) => (buffer === y ? h : buffer)) }],
      outputs: made.outputs.map((output) => ({ ...output, buffer: h })),
    };
    expect(() => verifyPlan(tampered)).toThrow(/steps\[1\].*writes over buffer/);
  });
});

describe("a saved plan", () => {
  const json = planToJson(good);

  it("reads back to itself", () => {
    expect(planFromJson(json)).toEqual(good);
    expect(planToJson(planFromJson(json))).toBe(json);
  });

  it("is refused with the entry that is wrong", () => {
    const changed = (from: string, to: string): string => {
      expect(json).toContain(from);
      return json.replace(from, to);
    };
    expect(() => planFromJson("{")).toThrow(/not JSON: the text ends too early/);
    expect(() => planFromJson(changed('"version":2', '"version":1'))).toThrow(
      /plan.version.*another release/,
    );
    expect(() => planFromJson(changed('"adjoint.plan"', '"adjoint.graph"'))).toThrow(/plan.format/);
    expect(() => planFromJson(changed('"space":"arena"', '"space":"disk"'))).toThrow(
      /plan.buffers\[\d+\].space/,
    );
    expect(() => planFromJson(changed('"access":"read"', '"access":"peek"'))).toThrow(
      /plan.kernels\[0\].buffers\[0\].access/,
    );
    expect(() => planFromJson(changed('"lower":0', '"lower":-1'))).toThrow(/plan.buffers\[0\].lower/);
    expect(() => planFromJson(changed('"phase":"forward"', '"phase":"sideways"'))).toThrow(
      /plan.steps\[0\].phase/,
    );
  });

  it("is refused, never misread, when bytes are lost", () => {
    for (let end = 0; end < json.length; end += 97)
      expect(() => planFromJson(json.slice(0, end))).toThrow(/not JSON/);
  });
});
