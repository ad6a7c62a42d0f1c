// The conformance suites on the CPU backend, in every variant of its engine, on one thread and on two. Runs in Node and, through
// the browser project, in Chromium.

import { cpu } from "@adjoint/backend-cpu";
import { backends } from "../backend-cpu/engine.js";
import { describeFar } from "./far.js";
import { describeOps } from "./ops.js";
import type { Participant } from "./participant.js";
import { describeSessions } from "./sessions.js";

const participant: Participant = {
  backends: await backends(),
  floats: ["float32", "float64"],
  tolerance: { float32: 2e-5, float64: 1e-10 },
  skipped: {},
};

describeOps("cpu", participant);
describeFar("cpu", participant);
describeSessions("cpu", cpu);
