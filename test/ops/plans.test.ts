/** The plan of every case, derivatives included, is what a replay finds: what is overwritten may be. */

import { type DType, dtypes } from "@adjoint/core";
import { plan, reference, verifyPlan } from "@adjoint/scheduler";
import { expect, test } from "vitest";
import { derivativesOf } from "./derivatives.js";
import { allCases, instantiate, isDifferentiated } from "./instance.js";

const isDType = (name: string): name is DType => name in dtypes;
const target = { ...reference().target, dtypes: Object.keys(dtypes).filter(isDType) };

test.each(allCases())("%s", (name, item) => {
  const instance = instantiate(name, item);
  const { graph } = derivativesOf(instance, isDifferentiated(instance) ? 2 : 0);
  const made = plan(graph, { target });
  expect(verifyPlan(made).arenaBytes).toBe(made.memory.arenaBytes);
});
