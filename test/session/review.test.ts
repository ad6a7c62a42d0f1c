/** What a careful user ran into: feeds that change later, errors nobody caught, streams subscribed twice, strange arguments. */

import process from "node:process";
import { cpu } from "@adjoint/backend-cpu";
import {
  AdjointError,
  add,
  concat,
  createNode,
  defineOp,
  filled,
  GradientError,
  graph,
  input,
  mul,
  NameError,
  type Node,
  pad,
  parameter,
  reverse,
  slice,
  sum,
} from "@adjoint/core";
import { compile, gradient, type SessionEvent } from "@adjoint/scheduler";
import { lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";

const a = input("a", [1]);
const twice = graph({ outputs: { o: add(a, a) } });

describe("a session", () => {
  it("takes feeds as they are when run is called", async () => {
    const session = await compile(twice, { backend: cpu() });
    const buffer = new Float32Array(1);
    const runs = [0, 1, 2, 3].map((value) => {
      buffer[0] = value;
      return session.run({ a: value % 2 === 0 ? buffer : { shape: [1], data: buffer } });
    });
    const results = await Promise.all(runs);
    expect(results.map(({ o }) => o.item())).toEqual([0, 2, 4, 6]);
  });

  it("leaves no rejection without a handler", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", note);
    const session = await compile(twice, { backend: cpu() });
    const good = session.run({ a: [1] });
    await expect(session.run({ a: [1, 2] })).rejects.toThrow(AdjointError);
    await good;
    await session.dispose();
    await expect(session.run({ a: [1, 2] })).rejects.toThrow(AdjointError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("streams an iterable anew for every subscriber", async () => {
    const session = await compile(twice, { backend: cpu() });
    const stream = session.stream([{ a: [1] }, { a: [2] }]);
    expect(await lastValueFrom(stream.pipe(toArray()))).toHaveLength(2);
    expect(await lastValueFrom(stream.pipe(toArray()))).toHaveLength(2);
  });

  it("reports loading as it happens", async () => {
    const events: SessionEvent[] = [];
    await compile(twice, { backend: cpu(), onEvent: (event) => events.push(event) });
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["pass", "search", "planned", "load"]));
  });

  it("refuses one name for parameters that begin differently", async () => {
    const one = graph({ outputs: { y: add(parameter("P", [], filled(1)), 1) } });
    const five = graph({ outputs: { y: add(parameter("P", [], filled(5)), 1) } });
    await expect(compile({ one, five }, { backend: cpu() })).rejects.toThrow(/"P".*initial values/);
  });

  it("keeps an output of any name", async () => {
    const outputs: Record<string, Node> = JSON.parse('{"__proto__":null}');
    Object.defineProperty(outputs, "__proto__", { value: add(a, 1), enumerable: true });
    const session = await compile(graph({ outputs }), { backend: cpu() });
    const result = await session.run({ a: [1] });
    expect(Object.keys(result)).toEqual(["__proto__"]);
  });

  it("feeds an empty tensor with an empty list", async () => {
    const empty = graph({ outputs: { s: sum(input("e", [0, 3])) } });
    const session = await compile(empty, { backend: cpu() });
    expect((await session.run({ e: [] })).s.item()).toBe(0);
  });
});

describe("mistakes in plain JavaScript", () => {
  const loose = <T>(value: unknown): T => JSON.parse(JSON.stringify({ value })).value;

  it("are typed errors", async () => {
    expect(() => add(a, loose<number>("a"))).toThrow(AdjointError);
    expect(() => add(a, loose<number>(undefined))).toThrow(AdjointError);
    expect(() => createNode(sum.op, [loose<Node>(3)], { axes: [], keepDims: false })).toThrow(AdjointError);
    expect(() => graph({ outputs: { y: loose<Node>(3) } })).toThrow(NameError);
    expect(() => input("x", loose<number[]>(2))).toThrow(AdjointError);
    const session = await compile(twice, { backend: cpu() });
    await expect(session.run(loose<{ a: number[] }>(null))).rejects.toThrow(AdjointError);
    await expect(session.run({ a: loose<number[]>(null) })).rejects.toThrow(AdjointError);
    await expect(session.run({ a: loose<number[]>("abc") })).rejects.toThrow(AdjointError);
    await expect(session.run({ a: [loose<number>("1")] })).rejects.toThrow(AdjointError);
    await expect(compile(twice, loose<{ backend: ReturnType<typeof cpu> }>({}))).rejects.toThrow(/backend/);
    await expect(session.read(add(a, 1))).rejects.toThrow(/is no parameter/);
  });

  it("a float op without adjoint is no silent zero", () => {
    const opaque = defineOp({
      name: "double",
      doc: "2x",
      operands: ["x"],
      attributes: {},
      notation: "2{x}",
      infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
      lower: () => ({ kind: "compose", build: ([x = a]) => mul(2, x) }),
    });
    expect(() => gradient(sum(createNode(opaque, [a])), [a])).toThrow(GradientError);
    expect(() => gradient(sum(createNode(opaque, [a])), [a])).toThrow(/double.*has no adjoint/);
  });
});

it("joins more tensors than a kernel has buffers", async () => {
  const parts = Array.from({ length: 2500 }, (_, k) => add(input("x", [1]), k));
  const joined = concat(parts);
  const [dx] = gradient(sum(mul(joined, joined)), [input("x", [1])]);
  const session = await compile(graph({ outputs: { joined, dx } }), { backend: cpu() });
  const result = await session.run({ x: [1] });
  expect(Array.from(result.joined.data)).toEqual(parts.map((_, k) => 1 + k));
});

it("plans long chains of views", async () => {
  let x: Node = input("x", [8]);
  for (let k = 0; k < 3000; k++) x = reverse(slice(pad(x, [[1, 1]]), [[1, 9]]), [0]);
  const session = await compile(graph({ outputs: { s: sum(x), x } }), { backend: cpu() });
  const data = Float32Array.from({ length: 8 }, (_, k) => k);
  const result = await session.run({ x: data });
  expect(result["s"]?.item()).toBe(28);
  expect(result["x"]?.data).toEqual(data);
});
