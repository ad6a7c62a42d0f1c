// The conformance suites on the emulator, which defines what every other backend must give.

import { reference } from "@adjoint/scheduler";
import { describeOps } from "./ops.js";
import { describeSessions } from "./sessions.js";

describeOps("reference", {
  backends: [["reference", reference()]],
  floats: ["float64"],
  tolerance: { float32: 0, float64: 1e-12 },
  skipped: {},
});
describeSessions("reference", reference);
