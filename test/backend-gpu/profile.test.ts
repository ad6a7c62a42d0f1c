// Profiles have one structure on every backend, count what the plan counts, and train nothing.

import { cpu } from "@adjoint/backend-cpu";
import { graph, input, matmul, mean, normal, parameter, relu, square } from "@adjoint/core";
import { type BackendChoice, chromeTrace, compile, gradient, ratesOf, sgd } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { clearingByLoop, createDawn } from "./dawn.js";
import { requestGpu } from "./device.js";
import { WatchedGpu } from "./watched.js";

const seen = new WatchedGpu(await createDawn(clearingByLoop));
const available = await requestGpu({ gpu: seen });
const hasStamps = seen.features.has("timestamp-query");

function training() {
  const x = input("x", [16, 24]);
  const w = parameter("w", [24, 20], normal({ std: 0.3, seed: 1 }));
  const loss = mean(square(relu(matmul(x, w))));
  const [dw] = gradient(loss, [w]);
  return graph({ outputs: { loss }, updates: sgd([[w, dw]], { learningRate: 0.1 }) });
}

const backends: Readonly<Record<string, BackendChoice | string>> = { cpu: cpu(), gpu: available };

describe.each(Object.entries(backends))("a profile on %s", (title, backend) => {
  if (typeof backend === "string") {
    test.skip(backend, () => undefined);
    return;
  }
  test("has a time, operations and bytes for every kernel, and leaves the parameters alone", async () => {
    const session = await compile(training(), { backend });
    const feeds = { x: Float32Array.from({ length: 384 }, (_, k) => Math.sin(k)) };
    await session.run(feeds);
    const before = await session.read("w");
    const profile = await session.profile(feeds);
    expect((await session.read("w")).data).toEqual(before.data);
    expect(profile.target).toBe(title);
    expect(profile.clock).toBe(hasStamps && title === "gpu" ? "device" : "host");
    expect(profile.kernels.map(({ nodes, phase }) => [nodes, phase])).toEqual(
      session.plan.steps.map(({ nodes, phase }) => [nodes, phase]),
    );
    const flops = profile.kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
    expect(flops).toBe(session.plan.memory.flops);
    expect(profile.kernels.every(({ bytes, milliseconds }) => bytes > 0 && milliseconds >= 0)).toBe(true);
    expect(profile.milliseconds).toBeGreaterThan(0);
    for (const kernel of profile.kernels) expect(ratesOf(kernel).bytesPerSecond).toBeGreaterThan(0);
    const { traceEvents } = JSON.parse(chromeTrace(profile));
    expect(traceEvents).toHaveLength(session.plan.steps.length);
    expect(traceEvents[0]).toMatchObject({ ph: "X", ts: 0, pid: title });
    await session.dispose();
  });
});
