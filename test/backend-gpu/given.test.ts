// A device that the caller gives stays the caller's: what it does with it is its own, and no other one takes its place. On Dawn's
// null backend, which needs no driver.

import { gpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import { DeviceLostError, graph, input, mul, normal, parameter, sum, VerificationError } from "@adjoint/core";
import { compile, type SessionEvent } from "@adjoint/scheduler";
import { expect, test } from "vitest";
import { altered } from "./altered.js";
import { nullDevice } from "./null.js";

function program() {
  const w = parameter("w", [4], normal({ std: 1, seed: 1 }));
  const y = mul(input("x", [4]), w);
  return graph({ outputs: { y, s: sum(y) }, updates: [{ parameter: w, value: mul(0.5, w) }] });
}

const feeds = { x: [1, 2, 3, 4] };

/** What a test does with a device beside the backend. */
interface Own {
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): { destroy(): void };
  destroy(): void;
}

function own(device: WebGpuDevice): WebGpuDevice & Own {
  if (!("createBuffer" in device && "destroy" in device)) throw new Error("that is no device");
  return device as WebGpuDevice & Own;
}

test.each([true, false])(
  "a given device that is lost is not replaced, and stays the reason: recover %s",
  async (recover) => {
    const device = own(await nullDevice());
    const session = await compile(program(), { backend: gpu(device), recover });
    await session.run(feeds);
    device.destroy();
    await expect(session.run(feeds)).rejects.toThrow(DeviceLostError);
    for (let again = 0; again < 2; again++) {
      await expect(session.recover()).rejects.toThrow(DeviceLostError);
      await expect(session.recover()).rejects.toThrow(/given to gpu\(\) is lost.*another one.*a function/);
      await expect(session.run(feeds)).rejects.toThrow(/given to gpu\(\) is lost/);
      await expect(session.read("w")).rejects.toThrow(DeviceLostError);
      await expect(session.output("y")).rejects.toThrow(DeviceLostError);
      expect(session.bytes).toBe(0);
    }
    await session.dispose();
    await expect(compile(program(), { backend: gpu(device) })).rejects.toThrow(/given to gpu\(\) is lost/);
  },
);

test("a function that gives devices is asked for another one", async () => {
  const given: Own[] = [];
  const backend = gpu(async () => {
    const device = own(await nullDevice());
    given.push(device);
    return device;
  });
  const events: SessionEvent[] = [];
  const session = await compile(program(), { backend });
  session.events$.subscribe((event) => events.push(event));
  await session.run(feeds);
  given[0]?.destroy();
  await expect(session.run(feeds)).rejects.toThrow(DeviceLostError);
  await session.recover();
  await session.run(feeds);
  expect(given).toHaveLength(2);
  expect(events.filter(({ type }) => type === "recovered")).toHaveLength(1);
  await session.dispose();
});

test("what the caller does wrong with its device is not the session's", async () => {
  const device = own(await nullDevice());
  const session = await compile(program(), { backend: gpu(device) });
  await session.run(feeds);
  device.createBuffer({ size: 64, usage: 1 | 128 });
  for (let step = 0; step < 3; step++) await session.run(feeds);
  await session.dispose();
});

test("what the session does wrong is told by the step that does it", async () => {
  const buffers: { destroy(): void }[] = [];
  const device = altered(await nullDevice(), (key, value) => {
    if (key !== "createBuffer" || typeof value !== "function") return value;
    return (descriptor: unknown): unknown => {
      const buffer: ReturnType<Own["createBuffer"]> = value(descriptor);
      buffers.push(buffer);
      return buffer;
    };
  });
  const session = await compile(program(), { backend: gpu(device) });
  await session.run(feeds);
  buffers[0]?.destroy();
  await expect(session.run(feeds)).rejects.toThrow(VerificationError);
  await session.dispose();
});

test("a device that is lost while a session is loaded is lost to it", async () => {
  const device = own(await nullDevice());
  const losing = altered(device, (key, value) => {
    if (key === "createBindGroup") device.destroy();
    return value;
  });
  const events: SessionEvent[] = [];
  const stateless = graph({ outputs: { s: sum(input("x", [4])) } });
  const session = await compile(stateless, { backend: gpu(losing) });
  session.events$.subscribe((event) => events.push(event));
  await expect(session.run(feeds)).rejects.toThrow(DeviceLostError);
  await expect(session.recover()).rejects.toThrow(/given to gpu\(\) is lost/);
  expect(events.filter(({ type }) => type === "lost")).toHaveLength(1);
  await session.dispose();
});

test("a device keeps nothing of sessions that are gone", async () => {
  let listening = 0;
  const device = altered(await nullDevice(), (key, value) => {
    if (key === "addEventListener") listening += 1;
    if (key !== "lost" || !(value instanceof Promise)) return value;
    listening += 1;
    return value;
  });
  const backend = gpu(device);
  await (await compile(program(), { backend })).dispose();
  const before = listening;
  for (let again = 0; again < 3; again++) await (await compile(program(), { backend })).dispose();
  expect(listening).toBe(before);
});
