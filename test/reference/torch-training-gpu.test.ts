/** Trainings against PyTorch on WebGPU. */

import { describe, it } from "vitest";
import { openGpu } from "../backend-gpu/device.js";
import { type ModelName, modelNames } from "./torch-models.js";
import { expectTraining, folderOf, trainingsOf } from "./torch-train.js";

const gpu = await openGpu();

/**
 * The optimizers tried: each with the smallest network, few with the others, which take a software driver ten seconds each; all
 * of all networks with `ADJOINT_TRAININGS=all`.
 */
const tried: Readonly<Record<ModelName, readonly string[]>> =
  process.env["ADJOINT_TRAININGS"] === "all"
    ? { mlp: trainingsOf("mlp"), lenet_bn: trainingsOf("lenet_bn"), gpt: trainingsOf("gpt") }
    : { mlp: trainingsOf("mlp"), lenet_bn: ["adamw", "rmsprop"], gpt: ["adamw"] };

describe.each(modelNames.filter((model) => tried[model].length > 0))("%s", (model) => {
  const isMissing = folderOf(model) === undefined;

  it.skipIf(isMissing || typeof gpu === "string").each(tried[model])(
    `trains like PyTorch on WebGPU with %s${typeof gpu === "string" ? `: ${gpu}` : ""}`,
    { timeout: 300_000 },
    async (name) => {
      if (typeof gpu !== "string") await expectTraining(model, name, gpu, 50);
    },
  );
});
