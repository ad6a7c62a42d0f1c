// Times a kernel by itself: the fastest of the runs that fit a time.

import type { CompiledKernel } from "@adjoint/backend-cpu";

/** Seconds of the fastest run in so many milliseconds, over buffers of ordinary numbers. */
export async function fastest({ run, buffers }: CompiledKernel, milliseconds: number): Promise<number> {
  for (const buffer of buffers) {
    for (let i = 0; i < buffer.length; i++) buffer[i] = ((i * 37) % 101) / 101 - 0.5;
  }
  const start = performance.now();
  let best = Number.POSITIVE_INFINITY;
  while (performance.now() - start < milliseconds) {
    const before = performance.now();
    run();
    best = Math.min(best, performance.now() - before);
    // Lets the engine put optimized code in place.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return best / 1000;
}
