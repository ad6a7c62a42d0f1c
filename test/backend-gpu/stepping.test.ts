// A session on WebGPU while it steps, and when its device is lost.

import { cpu } from "@adjoint/backend-cpu";
import { gpu, type WebGpu } from "@adjoint/backend-gpu";
import {
  add,
  constant,
  DeviceLostError,
  DisposedError,
  graph,
  input,
  matmul,
  mean,
  mul,
  normal,
  parameter,
  relu,
  square,
  sub,
  UnavailableError,
  values,
} from "@adjoint/core";
import { compile, gradient, type SessionEvent, sgd } from "@adjoint/scheduler";
import { filter, firstValueFrom, lastValueFrom, tap, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { clearingByLoop, createDawn } from "./dawn.js";
import { requestGpu } from "./device.js";
import { WatchedGpu } from "./watched.js";

const available = await requestGpu();

async function watched(): Promise<WatchedGpu> {
  return new WatchedGpu(await createDawn(clearingByLoop));
}

/** Two layers, squared distance, gradient descent. */
function training() {
  const x = input("x", [8, 6]);
  const y = input("y", [8, 3]);
  const first = parameter("first", [6, 5], normal({ std: 0.5, seed: 1 }));
  const second = parameter("second", [5, 3], normal({ std: 0.5, seed: 2 }));
  const o = matmul(relu(matmul(x, first)), second);
  const loss = mean(square(sub(o, y)));
  const [d1, d2] = gradient(loss, [first, second]);
  const pairs = [[first, d1] as const, [second, d2] as const];
  return graph({ outputs: { loss, o }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

function batch(step: number) {
  const draw = (size: number) => Float32Array.from({ length: size }, (_, k) => Math.sin(k + 1 + 7 * step));
  return { x: draw(48), y: draw(24) };
}

describe("a session on gpu", () => {
  if (typeof available === "string") {
    test.skip(available, () => undefined);
    return;
  }

  test("steps with one submit and creates nothing but commands", async () => {
    const seen = await watched();
    const session = await compile(training(), { backend: gpu({ gpu: seen }) });
    await session.run(batch(0));
    seen.reset();
    for (let step = 1; step <= 5; step++) await session.run(batch(step));
    expect(seen.count("submit")).toBe(5);
    const created = [...seen.counts.keys()].filter((method) => method.startsWith("create"));
    expect(created).toEqual(["createCommandEncoder"]);
    await session.dispose();
  });

  test("leaves outputs on the device until they are asked for", async () => {
    const session = await compile(training(), { backend: available });
    const { loss, ...others } = await session.run(batch(0), { outputs: ["loss"] });
    expect(Object.keys(others)).toEqual([]);
    const host = await compile(training(), { backend: cpu() });
    const expected = await host.run(batch(0));
    expect(loss.item()).toBeCloseTo(expected.loss.item(), 5);
    const o = await session.output("o");
    expect(o.data.length).toBe(24);
    expect(o.data[3]).toBeCloseTo(expected.o.data[3] ?? Number.NaN, 5);
    await session.dispose();
  });

  test("streams the losses of the CPU, two steps in flight", async () => {
    const batches = Array.from({ length: 6 }, (_, step) => batch(step));
    const losses = async (backend: Parameters<typeof compile>[1]["backend"]): Promise<number[]> => {
      const session = await compile(training(), { backend });
      const steps = await firstValueFrom(session.stream(batches, { outputs: ["loss"] }).pipe(toArray()));
      await session.dispose();
      return steps.map(({ outputs }) => outputs.loss.item());
    };
    const [found, expected] = [await losses(available), await losses(cpu())];
    for (const [step, loss] of expected.entries()) expect(found[step]).toBeCloseTo(loss, 5);
  });

  test("continues after a lost device from the last parameters kept", async () => {
    const seen = await watched();
    const events: SessionEvent[] = [];
    const session = await compile(training(), { backend: gpu({ gpu: seen }), snapshotEvery: 2 });
    session.events$.subscribe((event) => events.push(event));
    for (let step = 0; step < 2; step++) await session.run(batch(step));
    const kept = await session.read("first");
    await session.run(batch(2));
    seen.devices[0]?.destroy();
    await expect(session.run(batch(3))).rejects.toThrow(DeviceLostError);
    await session.recover();
    expect((await session.read("first")).data).toEqual(kept.data);
    expect(events.filter(({ type }) => type === "lost").length).toBe(1);
    expect(events.find(({ type }) => type === "recovered")).toMatchObject({ kept: 2 });
    await session.run(batch(2));
    await session.dispose();
  });

  test("says how many steps are kept when they overlapped", async () => {
    const seen = await watched();
    const events: SessionEvent[] = [];
    const session = await compile(training(), { backend: gpu({ gpu: seen }), snapshotEvery: 2 });
    session.events$.subscribe((event) => events.push(event));
    const batches = Array.from({ length: 5 }, (_, step) => batch(step));
    await firstValueFrom(session.stream(batches, { outputs: [] }).pipe(toArray()));
    seen.devices[0]?.destroy();
    await expect(session.run(batch(5))).rejects.toThrow(DeviceLostError);
    await session.recover();
    expect(events.find(({ type }) => type === "recovered")).toMatchObject({ kept: 4, undone: 1 });
    const host = await compile(training(), { backend: cpu() });
    for (const feeds of batches.slice(0, 4)) await host.run(feeds);
    const [found, expected] = [await session.read("first"), await host.read("first")];
    for (const [at, value] of [...expected.data].entries()) expect(found.data[at]).toBeCloseTo(value, 4);
    await host.dispose();
    await session.dispose();
  });

  test("does not undo what was written", async () => {
    const seen = await watched();
    const session = await compile(training(), { backend: gpu({ gpu: seen }), snapshotEvery: 2 });
    const { shape, data } = await session.read("first");
    const given = Float32Array.from({ length: data.length }, (_, at) => at / 64);
    const lose = async (): Promise<void> => {
      seen.devices.at(-1)?.destroy();
      await expect(session.run(batch(0))).rejects.toThrow(DeviceLostError);
      await session.recover();
    };
    await session.write("first", { shape, data: given });
    await lose();
    expect((await session.read("first")).data).toEqual(given);
    for (let step = 0; step < 2; step++) await session.run(batch(step));
    await session.write("first", given);
    given.fill(-1);
    await lose();
    expect((await session.read("first")).data[5]).toBe(5 / 64);
    await session.dispose();
  });

  test("reads feeds before it recovers", async () => {
    const seen = await watched();
    const session = await compile(training(), { backend: gpu({ gpu: seen }), recover: true });
    seen.devices[0]?.destroy();
    await expect(session.run(batch(0))).rejects.toThrow(DeviceLostError);
    const feeds = batch(0);
    const running = session.run(feeds);
    for (const data of Object.values(feeds)) if (data instanceof Float32Array) data.fill(Number.NaN);
    expect((await running).loss.item()).not.toBeNaN();
    await session.dispose();
  });

  test("keeps the order of the calls, whoever calls while it recovers", async () => {
    const seen = await watched();
    const w = parameter("w", [1], values([0]));
    const x = input("x", [1]);
    const value = add(mul(10, w), x);
    const digits = graph({ outputs: { w: value }, updates: [{ parameter: w, value }] });
    const session = await compile(digits, { backend: gpu({ gpu: seen }), recover: true });
    const lost = firstValueFrom(session.events$.pipe(filter(({ type }) => type === "lost")));
    const calls: Promise<unknown>[] = [];
    session.events$.subscribe(({ type }) => {
      if (type === "recovered") calls.push(session.run({ x: [9] }));
    });
    seen.devices[0]?.destroy();
    await lost;
    expect([session.bytes, session.scratchBytes]).toEqual([0, 0]);
    for (const digit of [2, 3, 4]) calls.push(session.run({ x: [digit] }));
    await Promise.all(calls.slice(0, 3));
    await Promise.all(calls);
    expect((await session.read("w")).item()).toBe(2349);
    expect(session.bytes).toBeGreaterThan(0);
    await session.dispose();
    expect(session.bytes).toBe(0);
  });

  test("does the steps taken when it is disposed of while it recovers, and no more", async () => {
    const seen = await watched();
    const backend = gpu({ gpu: seen });
    const session = await compile(training(), { backend, recover: true, snapshotEvery: 1 });
    const lost = firstValueFrom(session.events$.pipe(filter(({ type }) => type === "lost")));
    seen.devices[0]?.destroy();
    await lost;
    const running = session.run(batch(0));
    const disposed = session.dispose();
    await expect(session.run(batch(1))).rejects.toThrow(DisposedError);
    expect((await running).loss.item()).not.toBeNaN();
    await disposed;
    expect(session.bytes).toBe(0);
  });

  test("counts the steps that stand", async () => {
    const seen = await watched();
    const backend = gpu({ gpu: seen });
    const session = await compile(training(), { backend, recover: true, snapshotEvery: 2 });
    const indices = async (count: number): Promise<number[]> => {
      const batches = Array.from({ length: count }, (_, step) => batch(step));
      const steps = await firstValueFrom(session.stream(batches, { outputs: [] }).pipe(toArray()));
      return steps.map(({ index }) => index);
    };
    expect(await indices(5)).toEqual([0, 1, 2, 3, 4]);
    const lost = firstValueFrom(session.events$.pipe(filter(({ type }) => type === "lost")));
    seen.devices[0]?.destroy();
    await lost;
    expect(await indices(3)).toEqual([4, 5, 6]);
    await session.dispose();
  });

  test("begins no step of a stream after one that the loss took", async () => {
    const seen = await watched();
    const w = parameter("w", [1], values([0]));
    const value = add(w, input("x", [1]));
    const sums = graph({ outputs: { w: value }, updates: [{ parameter: w, value }] });
    const backend = gpu({ gpu: seen });
    const session = await compile(sums, { backend, recover: true, snapshotEvery: 2 });
    const recoveries: SessionEvent[] = [];
    session.events$.pipe(filter(({ type }) => type === "recovered")).subscribe((event) => {
      recoveries.push(event);
    });
    const steps = session.stream(Array.from({ length: 12 }, () => ({ x: [1] })));
    // The sixth is under way then, and the seventh waits for it to be done, since parameters are kept after it.
    const losing = steps.pipe(tap(({ index }) => index === 4 && seen.devices[0]?.destroy()));
    await expect(lastValueFrom(losing)).rejects.toThrow(DeviceLostError);
    await expect(session.output("w")).rejects.toThrow();
    expect(recoveries).toEqual([]);
    await session.recover();
    expect((await session.read("w")).item()).toBe(4);
    await session.dispose();
  });

  test("recovers by itself where it is told to", async () => {
    const seen = await watched();
    const session = await compile(training(), {
      backend: gpu({ gpu: seen }),
      recover: true,
      snapshotEvery: 1,
    });
    await session.run(batch(0));
    seen.devices[0]?.destroy();
    await expect(session.run(batch(1))).rejects.toThrow(DeviceLostError);
    const again = await session.run(batch(1));
    const host = await compile(training(), { backend: cpu() });
    await host.run(batch(0));
    expect(again.loss.item()).toBeCloseTo((await host.run(batch(1))).loss.item(), 5);
    await session.dispose();
  });
});

describe("the choice of a backend", () => {
  const none: WebGpu = { requestAdapter: () => Promise.resolve(null) };

  test("says what was tried where there is no adapter", async () => {
    await expect(gpu({ gpu: none }).open()).rejects.toThrow(UnavailableError);
    await expect(compile(training(), { backend: gpu({ gpu: none }) })).rejects.toThrow(/no adapter/);
  });

  test("falls to the next backend and says why", async () => {
    const events: SessionEvent[] = [];
    const session = await compile(training(), {
      backend: [gpu({ gpu: none }), cpu()],
      onEvent: (event) => events.push(event),
    });
    expect(session.plan.target).toBe("cpu");
    expect(events.find(({ type }) => type === "rejected")).toMatchObject({ backend: "gpu" });
    await session.dispose();
  });

  test("takes the next one as well where the device is refused", async () => {
    const refusing: WebGpu = { requestAdapter: () => Promise.reject(new Error("blocked by policy")) };
    const events: SessionEvent[] = [];
    const session = await compile(training(), {
      backend: [gpu({ gpu: refusing }), cpu()],
      onEvent: (event) => events.push(event),
    });
    expect(session.plan.target).toBe("cpu");
    const rejected = events.find(({ type }) => type === "rejected");
    expect(rejected).toMatchObject({ backend: "gpu", reason: expect.stringContaining("blocked by policy") });
    await session.dispose();
  });

  test("names every reason where none works", async () => {
    const backend = [gpu({ gpu: none }), gpu({ gpu: none })];
    await expect(compile(training(), { backend })).rejects.toThrow(/gpu: .*gpu: /);
  });

  test.skipIf(typeof available === "string")("takes the CPU for what WebGPU has not", async () => {
    if (typeof available === "string") return;
    const x = input("x", [2], "float64");
    const session = await compile(
      graph({ outputs: { y: add(x, mul(2, constant(1, { dtype: "float64" }))) } }),
      {
        backend: [available, cpu()],
      },
    );
    expect(session.plan.target).toBe("cpu");
    await session.dispose();
  });
});
