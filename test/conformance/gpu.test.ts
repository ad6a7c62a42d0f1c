// The conformance suites on WebGPU: in Node on any driver that Dawn finds, a software one in CI.

import { describe, test } from "vitest";
import { openGpu } from "../backend-gpu/device.js";
import { describeFar } from "./far.js";
import { describeOps } from "./ops.js";
import type { Participant } from "./participant.js";
import { describeSessions } from "./sessions.js";

/** Sums come together in subgroups in Node and through shared memory in browsers, so that both are held to the table. */
const backend = await openGpu("document" in globalThis ? { subgroups: false } : {});

if (typeof backend === "string") {
  describe("ops on gpu", () => {
    test.skip(backend, () => undefined);
  });
} else {
  const participant: Participant = {
    backends: [["gpu", backend]],
    floats: ["float32"],
    tolerance: { float32: 2e-5, float64: 0 },
    isConcurrent: true,
    skipped: {},
  };
  describeOps("gpu", participant);
  describeFar("gpu", participant);
  describeSessions("gpu", () => backend);
}
