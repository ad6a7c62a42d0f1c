/** Marks along an axis of bytes, what a share reads as, and text in SVG, for the drawings, and the room that these need. It refuses to draw. */

import { MemoryInputError, shown } from "../memory-input.js";
import { units } from "../plan/bytes.js";

export interface Mark {
  readonly value: number;
  readonly label: string;
}

/** At most `most` + 1 multiples of a power of two within [low, high], each with its exact amount in one unit. */
export function byteMarks(low: number, high: number, most = 5): Mark[] {
  const power = Math.max(0, Math.ceil(Math.log2(Math.max(1, high - low) / most)));
  const unit = Math.min(units.length - 1, Math.floor(power / 10));
  const every = 2 ** power;
  const first = Math.ceil(low / every);
  const last = Math.floor(high / every);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
    const value = (first + k) * every;
    return { value, label: `${value / 1024 ** unit} ${units[unit] ?? "B"}` };
  });
}

/** A share with three digits. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

export function escapeXml(text: string): string {
  return text
    .replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}

/** Pixels that a drawing needs for its axes and its legend. */
const least = { width: 240, height: 120 } as const;

/** @throws MemoryInputError for a size that leaves no room. */
export function checkDrawing(size: { readonly width: number; readonly height: number }): void {
  for (const side of ["width", "height"] as const) {
    if (Number.isFinite(size[side]) && size[side] >= least[side]) continue;
    const problem = `is ${shown(size[side])}; give at least ${least[side]} pixels`;
    throw new MemoryInputError(undefined, side, problem);
  }
}
