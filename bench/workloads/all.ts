// Every workload, in the order of the table.

import type { Workload } from "../workload.js";
import { fullHessian, hessianVectorProduct } from "./curvature.js";
import { deep } from "./deep.js";
import { gpt } from "./gpt.js";
import { lenet } from "./lenet.js";
import { map } from "./map.js";
import { product } from "./product.js";
import { textbook } from "./textbook.js";

/** Makers rather than workloads: data is drawn for those that run. */
export const workloads: readonly { readonly family: string; readonly make: () => Workload }[] = [
  ...[1, 32, 256].map((batch) => ({ family: "W1", make: () => textbook(batch) })),
  { family: "W2", make: deep },
  { family: "W3", make: lenet },
  { family: "W4", make: gpt },
  ...[256, 512, 1024, 2048].map((n) => ({ family: "W5", make: () => product(n) })),
  ...[1, 10].map((millions) => ({ family: "W6", make: () => map(millions) })),
  { family: "W7", make: hessianVectorProduct },
  { family: "W7", make: fullHessian },
];
