/** Gradients, Hessian-vector products and whole trainings against PyTorch, for three networks and every optimizer. */

import { cpu } from "@adjoint/backend-cpu";
import { graph, input, type Node } from "@adjoint/core";
import { compile, gradient, hvp } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";
import { declareModel, modelNames } from "./torch-models.js";
import {
  batch,
  elements,
  expectTraining,
  feeds,
  folderOf,
  isIdle,
  nameOf,
  read,
  resultOf,
  stored,
  trainingsOf,
} from "./torch-train.js";

describe.each(modelNames)("%s", (model) => {
  const isMissing = folderOf(model) === undefined;

  it.skipIf(isMissing)("has the gradients and Hessian-vector products of the first step", async () => {
    const [data, step0] = [read(model, "data"), read(model, "step0")];
    const declared = declareModel(model, read(model, "init"), batch(data, 0), "float64");
    const names = declared.parameters.map(nameOf);
    const directions = declared.parameters.map((node) => input(`v.${nameOf(node)}`, node.shape, "float64"));
    const labeled = (prefix: string, nodes: readonly Node[]): [string, Node][] =>
      nodes.map((node, index) => [`${prefix}.${names[index] ?? ""}`, node]);
    const outputs: Readonly<Record<string, Node>> = {
      loss: declared.loss,
      ...Object.fromEntries(labeled("grad", gradient(declared.loss, declared.parameters))),
      ...Object.fromEntries(labeled("hvp", hvp(declared.loss, declared.parameters, directions))),
    };
    const session = await compile(graph({ outputs }), { backend: cpu() });
    const along = names.map((name) => [`v.${name}`, elements(stored(step0, `v.${name}`))] as const);
    const vectors = Object.fromEntries(along.map(([name, data]) => [name, Float64Array.from(data)]));
    const found = await session.run({ ...feeds(batch(data, 0)), ...vectors });
    expectClose(found["loss"]?.data, [resultOf(model).loss0], 1e-12, "loss");
    for (const name of names) {
      for (const kind of [`grad.${name}`, `hvp.${name}`]) {
        const wanted = elements(stored(step0, kind));
        if (isIdle(model, name))
          expect(Math.max(...(found[kind]?.data ?? [Number.NaN]).map(Math.abs)), kind).toBeLessThan(1e-12);
        else expectClose(found[kind]?.data, wanted, 1e-6, kind);
      }
    }
    await session.dispose();
  });

  it.skipIf(isMissing)("has the gradients of the first step in float32, too", async () => {
    const [data, step0] = [read(model, "data"), read(model, "step0")];
    const { loss, parameters } = declareModel(model, read(model, "init"), batch(data, 0), "float32");
    const slopes = gradient(loss, parameters).map((slope, index) => [`g${index}`, slope] as const);
    await using session = await compile(graph({ outputs: Object.fromEntries(slopes) }), { backend: cpu() });
    const found = await session.run(feeds(batch(data, 0)));
    for (const [index, parameter] of parameters.entries()) {
      const name = nameOf(parameter);
      if (isIdle(model, name)) continue;
      const wanted = elements(stored(step0, `grad.${name}`));
      const slope = found[`g${index}`]?.data ?? [];
      const difference = wanted.reduce((sum, value, i) => sum + ((slope[i] ?? Number.NaN) - value) ** 2, 0);
      const size = wanted.reduce((sum, value) => sum + value ** 2, 0);
      expect(Math.sqrt(difference / size), name).toBeLessThan(2e-6);
    }
  });

  it.skipIf(isMissing).each(trainingsOf(model))("trains like PyTorch with %s", async (name) => {
    await expectTraining(model, name, cpu(), 20);
  });
});
