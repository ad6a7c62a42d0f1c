/** Property tests draw the same cases in every run, so that a failure is never a surprise; SEED=n explores others. */

import process from "node:process";
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["SEED"] ?? 1) });
