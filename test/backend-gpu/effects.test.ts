// What loading and stepping ask of a device, counted on Dawn's null backend, which needs no driver: pipelines, buffers, submits.

import { gpu } from "@adjoint/backend-gpu";
import { compile, type SessionEvent } from "@adjoint/scheduler";
import { firstValueFrom, from } from "rxjs";
import { describe, expect, test } from "vitest";
import { feedsOf, models } from "../micro-batches/models.js";
import { altered } from "./altered.js";
import { nullDevice, nullGpu } from "./null.js";
import { WatchedGpu } from "./watched.js";

const name = "GPT, AdamW, clipped";

/** A step of a small GPT, and something to feed. */
function smallGpt() {
  const program = models[name]?.declare("float32");
  if (program === undefined) throw new Error(`there is no ${name}`);
  const flat = feedsOf(name, program);
  const feeds = Object.fromEntries(
    program.inputs.map((node) => {
      const input = program.nameOf(node);
      return [input, { shape: node.shape, data: flat[input] ?? [] }] as const;
    }),
  );
  return { program, feeds };
}

function created({ counts }: WatchedGpu): string[] {
  return [...counts.keys()].filter((method) => method.startsWith("create"));
}

test("sessions that are compiled at a time share a device", async () => {
  const { program } = smallGpt();
  const seen = new WatchedGpu(nullGpu);
  const backend = gpu({ gpu: seen });
  const sessions = await Promise.all([compile(program, { backend }), compile(program, { backend })]);
  expect(seen.devices).toHaveLength(1);
  for (const session of sessions) await session.dispose();
});

test("a session states the bytes of all that it has made, and of nothing else", async () => {
  const { program } = smallGpt();
  let made = 0;
  const device = altered(await nullDevice(), (key, value) => {
    if (key !== "createBuffer" || typeof value !== "function") return value;
    return (descriptor: { readonly size: number }): unknown => {
      made += descriptor.size;
      return value(descriptor);
    };
  });
  const session = await compile(program, { backend: gpu(device) });
  expect(session.bytes).toBe(made);
  await session.dispose();
});

describe("a small GPT", () => {
  test("takes one submit for a step, and creates nothing but an encoder", async () => {
    const { program, feeds } = smallGpt();
    const seen = new WatchedGpu(nullGpu);
    const session = await compile(program, { backend: gpu({ gpu: seen }) });
    expect(session.plan.steps.length).toBeGreaterThan(20);
    seen.reset();
    for (let step = 0; step < 3; step++) await session.run(feeds);
    expect(seen.count("submit")).toBe(3);
    expect(created(seen)).toEqual(["createCommandEncoder"]);
    expect(seen.count("createCommandEncoder")).toBe(3);
    await session.dispose();
  });

  test.each([
    ["iterables", <T>(batches: T[]) => batches],
    ["observables", <T>(batches: T[]) => from(batches)],
  ])("streams %s with the next step submitted before the results of one are there", async (_, source) => {
    const { program, feeds } = smallGpt();
    const seen = new WatchedGpu(nullGpu);
    const session = await compile(program, { backend: gpu({ gpu: seen }) });
    seen.reset();
    const { index } = await firstValueFrom(session.stream(source(Array.from({ length: 4 }, () => feeds))));
    expect([index, seen.count("submit")]).toEqual([0, 2]);
    await session.dispose();
  });

  test("has its pipelines compiled at a time, tells how far that is, and compiles none again", async () => {
    const { program } = smallGpt();
    let [pending, most, asked] = [0, 0, 0];
    const device = altered(await nullDevice(), (key, value) => {
      if (key !== "createComputePipelineAsync" || typeof value !== "function") return value;
      return async (descriptor: unknown): Promise<unknown> => {
        asked += 1;
        most = Math.max(most, ++pending);
        const pipeline: unknown = await value(descriptor);
        pending -= 1;
        return pipeline;
      };
    });
    const backend = gpu(device);
    const loads: SessionEvent[] = [];
    const onEvent = (event: SessionEvent): void => {
      if (event.type === "load") loads.push(event);
    };
    const session = await compile(program, { backend, onEvent });
    expect(asked).toBeGreaterThan(10);
    expect(most).toBeGreaterThan(4);
    expect(loads).toEqual(loads.map((_, k) => ({ type: "load", done: k + 1, total: loads.length })));
    expect(loads).toHaveLength(asked);
    const before = asked;
    const again = await compile(program, { backend });
    expect(asked).toBe(before);
    await session.dispose();
    await again.dispose();
  });
});
