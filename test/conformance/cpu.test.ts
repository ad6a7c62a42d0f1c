// The conformance suites on the CPU backend. Runs in Node and, through the browser project, in Chromium.

import { cpu } from "@adjoint/backend-cpu";
import { engineOptions } from "../backend-cpu/engine.js";
import { describeOps } from "./ops.js";
import { describeSessions } from "./sessions.js";

describeOps("cpu", {
  backend: () => cpu(engineOptions()),
  floats: ["float32", "float64"],
  tolerance: { float32: 2e-5, float64: 1e-10 },
  skipped: {},
});
describeSessions("cpu", () => cpu(engineOptions()));
