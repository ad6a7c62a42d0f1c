/** The colors of what was declared and of each order of derivative: told apart also in print and by the color-blind. */

import type { Keeping } from "./picture.js";

export interface Color {
  readonly line: string;
  readonly fill: string;
}

const colors: readonly Color[] = [
  { line: "#1f4e8c", fill: "#e3edf9" },
  { line: "#a33a00", fill: "#fdeadf" },
  { line: "#5b2a86", fill: "#f0e6f8" },
];

export function colorOf(order: number): Color {
  return colors[Math.min(order, colors.length - 1)] ?? { line: "#000000", fill: "#ffffff" };
}

/** Fills of values that derivatives read. */
export const keepingColors = {
  retained: "#fff3c4",
  recomputed: "#e6f4e1",
} as const satisfies Record<Keeping, string>;
