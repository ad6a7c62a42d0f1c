/**
 * Multiplies matrices of small integers, whose products are exact whatever an engine fuses or pairs, as often as it takes the
 * engine to put its optimized code in place, and compares with plain arithmetic. It refuses to measure.
 */

import { emitMicroKernel, packedPanel } from "../emit/contraction/micro.js";
import { FunctionBody } from "../wasm/function.js";
import { ModuleBuilder, memoryImport } from "../wasm/module.js";
import type { Features } from "./features.js";

const points = 64;
const [leftAt, rightAt, sumsAt] = [0, 16384, 32768];
/** Runs before and after optimized code should be there, and the milliseconds given to the engine for it. */
const runs = 600;
const patience = 20;

/** Whether the engine multiplies right with these features, in its first code and in its optimized code. */
export async function multipliesRight(features: Features): Promise<boolean> {
  const { rows, columns } = features.tile;
  const { memory, multiply } = await compileTest(features);
  const floats = new Float32Array(memory.buffer);
  const [left, right, sums] = [leftAt / 4, rightAt / 4, sumsAt / 4];
  for (let i = 0; i < rows * points; i++) floats[left + i] = ((i * 7) % 13) - 6;
  for (let i = 0; i < columns * points; i++) floats[right + i] = ((i * 5) % 11) - 5;
  const expected = Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < points; k++)
      sum += (floats[left + k * rows + row] ?? 0) * (floats[right + k * columns + column] ?? 0);
    return sum;
  });
  const isRight = (): boolean => {
    for (let run = 0; run < runs; run++) multiply(0);
    multiply(1);
    return expected.every((sum, at) => floats[sums + at] === 2 * sum);
  };
  if (!isRight()) return false;
  await new Promise((resolve) => setTimeout(resolve, patience));
  return isRight();
}

interface Test {
  readonly memory: WebAssembly.Memory;
  /** sums := or, with 1, sums + the product. */
  readonly multiply: (continues: 0 | 1) => void;
}

async function compileTest(features: Features): Promise<Test> {
  const module = new ModuleBuilder();
  const index = module.add(emitMicroKernel(features.tile, packedPanel(features.tile)));
  const run = new FunctionBody({ params: ["i32"], results: [] });
  const bytesPerRow = 4 * features.tile.columns;
  for (const value of [leftAt, rightAt, sumsAt, points, bytesPerRow]) run.i32(value);
  run.get(0);
  run.i32(0);
  run.call(index);
  module.export("run", module.add(run));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const imports = { [memoryImport.module]: { [memoryImport.name]: memory } };
  const { instance } = await WebAssembly.instantiate(module.done({ pages: 1, shared: false }), imports);
  const multiply = instance.exports["run"];
  if (typeof multiply !== "function") throw new TypeError("The test exports no function.");
  return { memory, multiply: (continues) => multiply(continues) };
}
