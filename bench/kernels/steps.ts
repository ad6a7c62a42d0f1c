// The kernels of a workload by themselves, those that take most of a step first: launches, milliseconds of all of them, the
// rate of one, and a kernel's text on request. `node bench/dist/kernels/steps.js W4 [plain|fused|wide] [milliseconds] [--text]`

import { type CpuOptions, compileKernel, cpu } from "@adjoint/backend-cpu";
import { flopsOf, type Kernel, printKernel } from "@adjoint/core/kernel";
import { plan } from "@adjoint/scheduler";
import { workloads } from "../workloads/all.js";
import { fastest } from "./fastest.js";

const variants: Readonly<Record<string, CpuOptions>> = {
  plain: { relaxedSimd: false },
  fused: {},
  wide: { wide: true },
};

const [family = "W4", variant = "wide", time = "30"] = process.argv.slice(2);
const options = variants[variant];
if (options === undefined)
  throw new RangeError(`There is no variant ${variant}: ${Object.keys(variants).join(", ")}.`);

interface Row {
  readonly kernel: Kernel;
  readonly launches: number;
  readonly milliseconds: number;
  readonly nodes: string;
}

for (const { make } of workloads.filter((workload) => workload.family === family)) {
  const workload = make();
  const planned = plan(workload.declare("float32"), { target: cpu(options).target });
  const rows: Row[] = [];
  for (const [index, kernel] of planned.kernels.entries()) {
    const steps = planned.steps.filter((step) => step.kernel === index);
    const seconds = await fastest(await compileKernel(kernel, [], options), Number(time));
    const nodes = steps[0]?.nodes.join(" ") ?? "";
    rows.push({ kernel, launches: steps.length, milliseconds: 1000 * seconds * steps.length, nodes });
  }
  rows.sort((a, b) => b.milliseconds - a.milliseconds);
  const total = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  console.log(`${workload.name}: ${total.toFixed(3)} ms in ${planned.steps.length} launches`);
  for (const { kernel, launches, milliseconds, nodes } of rows.slice(0, 30)) {
    const seconds = milliseconds / 1000 / launches;
    const bytes = kernel.buffers.reduce((sum, { size }) => sum + 4 * size, 0);
    const rates = `${(flopsOf(kernel) / seconds / 1e9).toFixed(1)} GFLOP/s ${(bytes / seconds / 1e9).toFixed(1)} GB/s`;
    console.log(
      `${milliseconds.toFixed(3).padStart(8)} ms ${String(launches).padStart(4)} × ${rates}  ${nodes.slice(0, 90)}`,
    );
    if (process.argv.includes("--text")) console.log(printKernel(kernel));
  }
}
