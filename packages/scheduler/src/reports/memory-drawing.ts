/**
 * The memory timeline of a plan as a picture: time to the right, address upwards, one rectangle per value of the arena,
 * colored by the phase that writes it; below, the phase of every step; the peak marked. It refuses to depend on anything but
 * the plan.
 */

import { formatBytes } from "../plan/bytes.js";
import type { Phase, Plan } from "../plan/plan.js";
import { byteMarks, checkDrawing, escapeXml } from "./axis.js";
import { type StoredValue, storedValues, upperOf } from "./stored-values.js";

export interface MemoryDrawing {
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}

const colors: Readonly<Record<Phase, string>> = {
  forward: "#4e79a7",
  backward: "#e15759",
  recompute: "#b07aa1",
  update: "#59a14f",
};
const margin = { left: 84, right: 16, top: 48, bottom: 72 } as const;
/** Rectangles at least this large, in pixels, carry their name. */
const legible = { width: 44, height: 12 } as const;
/** Pixels: of the strip of steps, and of the peak at least. */
const strip = { gap: 3, height: 8 } as const;

/** Pixels from steps and bytes. */
interface Scale {
  readonly x: (step: number) => number;
  readonly y: (bytes: number) => number;
  /** Where the strip of steps ends. */
  readonly bottom: number;
}

/** A standalone SVG. @throws MemoryInputError for a size that leaves no room for axes and legend. */
export function drawMemory(plan: Plan, { width = 960, height = 480 }: MemoryDrawing = {}): string {
  checkDrawing({ width, height });
  const { arenaBytes, maxLiveBytes, peakStep } = plan.memory;
  const steps = plan.steps.length + 1;
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const top = Math.max(1, arenaBytes);
  const scale: Scale = {
    x: (step) => round(margin.left + (inner.width * Math.min(step, steps)) / steps),
    y: (bytes) => round(margin.top + inner.height * (1 - bytes / top)),
    bottom: margin.top + inner.height + strip.gap + strip.height,
  };
  const title = `Arena: ${formatBytes(arenaBytes)}; most alive: ${formatBytes(maxLiveBytes)} at step ${peakStep}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="20" font-size="14">${title}</text>`,
    ...addressAxis(top, width - margin.right, scale),
    ...storedValues(plan).map((value) => rectangle(plan, value, scale)),
    ...phaseStrip(plan, scale),
    ...peakMark(peakStep, scale),
    ...timeAxis(plan.steps.length, scale),
    ...legend(Math.min(110, inner.width / Object.keys(colors).length), height),
    "</svg>",
  ].join("\n");
}

/** A tenth of a pixel. */
function round(pixels: number): number {
  return Math.round(10 * pixels) / 10;
}

function rectangle(plan: Plan, value: StoredValue, { x, y }: Scale): string {
  const { offset = 0, bytes = 0 } = plan.buffers[value.buffer] ?? {};
  if (bytes === 0) return "";
  const phase = plan.steps[value.written]?.phase ?? "forward";
  const upper = upperOf(value);
  const size = { width: x(upper) - x(value.written), height: y(offset) - y(offset + bytes) };
  const box = `<rect x="${x(value.written)}" y="${y(offset + bytes)}" width="${round(size.width)}" height="${round(size.height)}" fill="${colors[phase]}" fill-opacity="0.75" stroke="#fff" stroke-width="0.5"><title>${escapeXml(value.name)}: ${formatBytes(bytes)}, ${phase}, steps ${value.written} to ${upper - 1}</title></rect>`;
  if (size.width < legible.width || size.height < legible.height) return box;
  const room = Math.floor((size.width - 6) / 6.5);
  const shown = value.name.length > room ? `${value.name.slice(0, room - 1)}…` : value.name;
  return `${box}\n<text x="${round(x(value.written) + 4)}" y="${round(y(offset + bytes / 2) + 4)}" fill="#fff">${escapeXml(shown)}</text>`;
}

/** Under the arena: what each step is for, also of those that store elsewhere, as updates do. */
function phaseStrip({ steps }: Plan, { x, bottom }: Scale): string[] {
  const runs: { phase: Phase; lower: number; upper: number }[] = [];
  for (const [step, { phase }] of steps.entries()) {
    const last = runs.at(-1);
    if (last?.phase === phase) last.upper = step + 1;
    else runs.push({ phase, lower: step, upper: step + 1 });
  }
  return runs.map(({ phase, lower, upper }) => {
    const which = upper - lower === 1 ? `step ${lower}` : `steps ${lower} to ${upper - 1}`;
    return `<rect x="${x(lower)}" y="${bottom - strip.height}" width="${round(Math.max(1, x(upper) - x(lower)))}" height="${strip.height}" fill="${colors[phase]}"><title>${phase}: ${which}</title></rect>`;
  });
}

/** The step at which most is alive, from the top of the arena down to its strip. */
function peakMark(peak: number, { x, bottom }: Scale): string[] {
  const left = x(peak);
  const breadth = round(Math.max(1.5, x(peak + 1) - left));
  const near = left < 200 ? "start" : "end";
  return [
    `<rect x="${left}" y="${margin.top - 4}" width="${breadth}" height="${bottom - margin.top + 4}" fill="none" stroke="#000" stroke-dasharray="4 3"><title>the peak, step ${peak}</title></rect>`,
    `<text x="${near === "start" ? left : round(left + breadth)}" y="${margin.top - 8}" text-anchor="${near}">peak, step ${peak}</text>`,
  ];
}

function addressAxis(top: number, right: number, { y }: Scale): string[] {
  return byteMarks(0, top).map(
    ({ value, label }) =>
      `<line x1="${margin.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${label}</text>`,
  );
}

function timeAxis(steps: number, { x, bottom }: Scale): string[] {
  const every = Math.max(1, Math.ceil(steps / 12));
  const marks = Array.from({ length: Math.ceil(steps / every) }, (_, k) => k * every);
  return [
    ...marks.map(
      (step) => `<text x="${round(x(step + 0.5))}" y="${bottom + 14}" text-anchor="middle">${step}</text>`,
    ),
    `<text x="${round((margin.left + x(steps + 1)) / 2)}" y="${bottom + 30}" text-anchor="middle">step</text>`,
  ];
}

function legend(spacing: number, height: number): string[] {
  return Object.entries(colors).flatMap(([phase, color], position) => [
    `<rect x="${margin.left + spacing * position}" y="${height - 16}" width="10" height="10" fill="${color}"/>`,
    `<text x="${margin.left + spacing * position + 15}" y="${height - 7}">${phase}</text>`,
  ]);
}
