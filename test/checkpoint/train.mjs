// Trains for as many steps as it is told and saves a checkpoint after each, going on from the last one in the folder: a
// program to be killed. Arguments: the folder, the steps in all.

import process from "node:process";
import { cpu } from "@adjoint/backend-cpu";
import { graph, input, mean, mul, normal, parameter, square, sub } from "@adjoint/core";
import { loadCheckpoint, resume, saveCheckpoint } from "@adjoint/interchange/checkpoint";
import { nodeFolder } from "@adjoint/interchange/node";
import { adam, compile, gradient } from "@adjoint/scheduler";

const size = 100_000;
const [path = "", steps = "0"] = process.argv.slice(2);
const folder = nodeFolder(path);
const backend = cpu();

function declared() {
  const x = input("x", [size]);
  const w = parameter("w", [size], normal({ std: 0.1, seed: 3 }));
  const J = mean(square(sub(mul(w, x), 1)));
  const [dw] = gradient(J, [w]);
  return graph({ outputs: { J }, updates: adam([[w, dw]], { learningRate: 0.01 }) });
}

const checkpoint = await loadCheckpoint(folder);
const program = checkpoint?.graph ?? declared();
const session =
  checkpoint === undefined ? await compile(program, { backend }) : await resume(checkpoint, { backend });
const x = new Float32Array(size);
for (let step = checkpoint?.step ?? 0; step < Number(steps); step++) {
  for (let k = 0; k < size; k++) x[k] = Math.sin(step + k);
  await session.run({ x });
  await saveCheckpoint(folder, { graph: program, plan: session.plan, session, step: step + 1 });
}
