// The problems of GradBench that this tool knows, by module name.

import type { Problem } from "./problem.js";
import { ba } from "./problems/ba.js";
import { det } from "./problems/det.js";
import { gmm } from "./problems/gmm.js";
import { ht } from "./problems/ht.js";
import { kmeans } from "./problems/kmeans.js";
import { llsq } from "./problems/llsq.js";
import { lse } from "./problems/lse.js";
import { lstm } from "./problems/lstm.js";
import { ode } from "./problems/ode.js";

export const problems: Readonly<Record<string, Problem>> = { ba, det, gmm, ht, kmeans, llsq, lse, lstm, ode };
