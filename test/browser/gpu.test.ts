// The WebGPU backend in a browser beside the CPU backend: the same losses, the same saved plans, and what happens when the
// device is lost for real.

import { cpu } from "@adjoint/backend-cpu";
import { gpu } from "@adjoint/backend-gpu";
import {
  type CompileOptions,
  compile,
  type LoadPlanOptions,
  load,
  planFromJson,
  planToJson,
  type SessionEvent,
} from "@adjoint/scheduler";
import { batches } from "examples/textbook-mlp/batches.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { declareModel } from "examples/textbook-mlp/model.js";
import { filter, firstValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { commands } from "vitest/browser";
import { smallSettings, textbookLosses } from "../conformance/training.js";
import { expectClose } from "../ops/compare.js";
import { expectReference, type Reference } from "../reference/training.js";

/** Relative to the largest: float32 sums in another order, which up to 12 steps of training carry on. */
const tolerance = 1e-4;

const { batch } = smallSettings;
const { train } = declareModel(smallSettings);
const digits = drawDigits({ count: 6 * batch, seed: 1 });
const feeds = [...batches(digits, { batch, seed: 1, epoch: 1 })].map((feed) => ({ ...feed }));

/** A session of the training program that collects losses and events. */
async function trainer(options: CompileOptions) {
  const session = await compile(train, options);
  const events: SessionEvent[] = [];
  session.events$.subscribe((event) => events.push(event));
  const lost = firstValueFrom(session.events$.pipe(filter(({ type }) => type === "lost")));
  const losses = async (from: number, to: number): Promise<number[]> => {
    const found: number[] = [];
    for (const feed of feeds.slice(from, to)) found.push((await session.run(feed)).J.item());
    return found;
  };
  return { session, events, lost, losses };
}

/** Losses of a saved plan and the parameters they lead to. */
async function replay(saved: string, options: LoadPlanOptions) {
  const session = await load(planFromJson(saved), options);
  const losses: number[] = [];
  for (const feed of feeds) losses.push((await session.run(feed))["J"]?.item() ?? Number.NaN);
  const weights = (await session.read("W1")).data;
  await session.dispose();
  return { losses, weights };
}

it("trains the textbook network to the losses of the CPU", async () => {
  const losses = await textbookLosses(gpu(), 12, smallSettings);
  expect(losses).toHaveLength(12);
  expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  expectClose(losses, await textbookLosses(cpu(), 12, smallSettings), tolerance, "losses");
});

it("runs saved plans to the numbers of the CPU's", async () => {
  const [onGpu, onCpu] = [await compile(train, { backend: gpu() }), await compile(train, { backend: cpu() })];
  const fromGpu = await replay(planToJson(onGpu.plan), { backend: gpu() });
  const fromCpu = await replay(planToJson(onCpu.plan), { backend: cpu() });
  expectClose(fromGpu.losses, fromCpu.losses, tolerance, "losses");
  expectClose(fromGpu.weights, fromCpu.weights, tolerance, "weights", "list");
  const compiled: number[] = [];
  for (const feed of feeds) compiled.push((await onGpu.run(feed)).J.item());
  expect(compiled).toEqual(fromGpu.losses);
  await onGpu.dispose();
  await onCpu.dispose();
});

it("trains like PyTorch", async (context) => {
  const text = await commands.torchReference("mlp", "adamw");
  if (text === undefined) return context.skip("the references of PyTorch are not beside this checkout");
  const reference: Reference = JSON.parse(text);
  await expectReference(reference, gpu());
});

describe("when the GPU process crashes", () => {
  it("goes on with a new device from the last snapshot, no step applied twice or half", async () => {
    const expected = await (await trainer({ backend: cpu() })).losses(0, 5);
    const { session, events, lost, losses } = await trainer({
      backend: gpu(),
      recover: true,
      snapshotEvery: 2,
    });
    expectClose(await losses(0, 3), expected.slice(0, 3), tolerance, "losses before");
    await commands.crashGpu();
    expect(await lost).toMatchObject({ type: "lost" });
    // The third step came after the last snapshot: it has not happened, and is fed again.
    expectClose(await losses(2, 5), expected.slice(2), tolerance, "losses after");
    expect(events.filter(({ type }) => type === "recovered")).toEqual([
      { type: "recovered", kept: 2, undone: 1 },
    ]);
    await session.dispose();
  });

  it("reports the loss, refuses to run, and runs again when told to recover", async () => {
    const expected = await (await trainer({ backend: cpu() })).losses(0, 3);
    const abort = new AbortController();
    const { session, events, lost, losses } = await trainer({ backend: gpu(), signal: abort.signal });
    // It stops compiling; a session that has begun is past that.
    abort.abort();
    await losses(0, 2);
    await commands.crashGpu();
    await lost;
    await expect(losses(2, 3)).rejects.toThrow(/lost/i);
    await session.recover();
    expectClose(await losses(0, 3), expected, tolerance, "losses from the start");
    expect(events.filter(({ type }) => type === "recovered")).toEqual([
      { type: "recovered", kept: 0, undone: 2 },
    ]);
    await session.dispose();
  });
});
