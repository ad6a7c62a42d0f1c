// What tests in the browser ask of Node: the same computation there, to compare with. Each is called through `commands`.

import { cpu } from "@adjoint/backend-cpu";
import { compile, planToJson } from "@adjoint/scheduler";
import { declareModel } from "examples/textbook-mlp/model.js";
import type { BrowserCommand } from "vitest/node";
import { settings, textbookLosses } from "../conformance/training.js";

/** The losses of the textbook network on the CPU backend in Node. */
const lossesInNode: BrowserCommand<[], Promise<readonly number[]>> = () => textbookLosses(cpu());

/** The training program of the textbook network as a plan that Node saved. */
const planFromNode: BrowserCommand<[], Promise<string>> = async () => {
  const session = await compile(declareModel(settings).train, { backend: cpu() });
  await session.dispose();
  return planToJson(session.plan);
};

export const nodeCommands = { lossesInNode, planFromNode };

declare module "vitest/browser" {
  interface BrowserCommands {
    lossesInNode(): Promise<readonly number[]>;
    planFromNode(): Promise<string>;
  }
}
