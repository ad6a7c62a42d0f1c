// The CPU backend in a browser beside itself in Node: the page is isolated, training goes the same way, plans travel.

import { cpu } from "@adjoint/backend-cpu";
import { compile, load, planFromJson } from "@adjoint/scheduler";
import { batches } from "examples/textbook-mlp/batches.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { declareModel } from "examples/textbook-mlp/model.js";
import { expect, it } from "vitest";
import { commands } from "vitest/browser";
import { settings, textbookLosses } from "../conformance/training.js";
import { expectClose } from "../ops/compare.js";

/** Engines may fuse multiply and add or not: float32 rounding that 50 steps of training carry on. */
const tolerance = 1e-5;

it("runs in a page that is isolated from others, where memory can be shared", () => {
  expect(crossOriginIsolated).toBe(true);
  expect(new SharedArrayBuffer(8).byteLength).toBe(8);
});

it("trains the textbook network to the losses it reaches in Node", async () => {
  const losses = await textbookLosses(cpu());
  expect(losses).toHaveLength(50);
  expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] ?? 0));
  expectClose(losses, await commands.lossesInNode(), tolerance, "losses");
});

it("trains to the same bits with two threads as with one", async () => {
  const one = await textbookLosses(cpu({ threads: 1 }), 10);
  const two = cpu({ threads: 2, divideFrom: 10_000 });
  expect(two.target.threads).toBe(2);
  expect(await textbookLosses(two, 10)).toEqual(one);
});

it("runs a plan that was saved in Node as one that it planned itself", async () => {
  const saved = planFromJson(await commands.planFromNode());
  const loaded = await load(saved, { backend: cpu() });
  const compiled = await compile(declareModel(settings).train, { backend: cpu() });
  expect(compiled.plan).toEqual(saved);
  const digits = drawDigits({ count: settings.batch, seed: 2 });
  for (const feeds of batches(digits, { batch: settings.batch, seed: 1, epoch: 1 })) {
    const expected = await compiled.run({ ...feeds });
    const actual = await loaded.run({ ...feeds });
    expect(actual["J"]?.data).toEqual(expected.J.data);
  }
  expect((await loaded.read("W1")).data).toEqual((await compiled.read("W1")).data);
  await loaded.dispose();
  await compiled.dispose();
});
