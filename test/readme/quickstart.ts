// The quick start of README.md as a program: the block exactly as written, between the data that its prose promises
// and a report of what came out. It refuses to alter the block.

import { readFileSync } from "node:fs";
import { expect } from "vitest";

const data = `
const images = Float32Array.from({ length: 32 * 784 }, (_, i) => (i * 7919) % 256 / 255);
const labels = Int32Array.from({ length: 32 }, (_, i) => i % 10);
`;

const report = `
console.log(JSON.stringify({ loss: loss.item(), memory: session.plan.memory }));
`;

/** The first \`\`\`ts block of README.md that compiles a step. */
export function quickstartBlock(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  const block = blocks.find((text) => text.includes("compile(step"));
  if (block === undefined) throw new Error("README.md has no ```ts block with `compile(step`");
  return block;
}

export function quickstartProgram(): string {
  return data + quickstartBlock() + report;
}

/** Checks what the program printed: a plausible loss, and the bytes of W1, W2, x and y to the byte. */
export function expectQuickstartOutput(stdout: string): void {
  const result: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(result).toEqual({
    loss: expect.closeTo(Math.log(10), 0),
    memory: expect.objectContaining({
      parameterBytes: 4 * (256 * 784 + 10 * 256),
      inputBytes: 4 * (32 * 784 + 32),
      arenaBytes: expect.any(Number),
      maxLiveBytes: expect.any(Number),
      retainedBytes: expect.any(Number),
    }),
  });
}
