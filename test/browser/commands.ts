// What tests in the browser ask of Node: the same computation there, to compare with. Each is called through `commands`.

import { cpu } from "@adjoint/backend-cpu";
import { compile, planToJson } from "@adjoint/scheduler";
import { declareModel } from "examples/textbook-mlp/model.js";
import type { BrowserCommand } from "vitest/node";
import { settings, textbookLosses } from "../conformance/training.js";
import type { ModelName } from "../reference/torch-models.js";
import { folderOf, referenceOf } from "../reference/torch-train.js";

/** The losses of the textbook network on the CPU backend in Node. */
const lossesInNode: BrowserCommand<[], Promise<readonly number[]>> = () => textbookLosses(cpu());

/** The training program of the textbook network as a plan that Node saved. */
const planFromNode: BrowserCommand<[], Promise<string>> = async () => {
  const session = await compile(declareModel(settings).train, { backend: cpu() });
  await session.dispose();
  return planToJson(session.plan);
};

/** Ends the browser's GPU process, as a crash of the driver would: every device is lost. The browser starts another. */
const crashGpu: BrowserCommand<[], Promise<void>> = async ({ context }) => {
  const devtools = await context.browser()?.newBrowserCDPSession();
  await devtools?.send("Browser.crashGpuProcess");
  await devtools?.detach();
};

/** A training of the references, where they lie beside this checkout; JSON, since lists that long make commands slow. */
const torchReference: BrowserCommand<[model: ModelName, optimizer: string], Promise<string | undefined>> = (
  _,
  model,
  optimizer,
) =>
  Promise.resolve(
    folderOf(model) === undefined ? undefined : JSON.stringify(referenceOf(model, optimizer, 50)),
  );

export const nodeCommands = { lossesInNode, planFromNode, crashGpu, torchReference };

declare module "vitest/browser" {
  interface BrowserCommands {
    lossesInNode(): Promise<readonly number[]>;
    planFromNode(): Promise<string>;
    crashGpu(): Promise<void>;
    torchReference(model: ModelName, optimizer: string): Promise<string | undefined>;
  }
}
