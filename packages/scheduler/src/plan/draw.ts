/**
 * The memory timeline of a plan as a picture: time to the right, address upwards, one rectangle per buffer of the arena,
 * colored by the phase that writes it, the peak marked. It refuses to depend on anything but the plan.
 */

import { formatBytes } from "./bytes.js";
import type { Phase, Plan, PlanBuffer } from "./plan.js";

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
const margin = { left: 84, right: 16, top: 34, bottom: 58 } as const;
/** Rectangles at least this large, in pixels, carry their name. */
const legible = { width: 44, height: 12 } as const;

/** A standalone SVG. */
export function drawMemory(plan: Plan, { width = 960, height = 480 }: MemoryDrawing = {}): string {
  const steps = plan.steps.length + 1;
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const top = Math.max(1, plan.memory.arenaBytes);
  const x = (step: number): number => margin.left + (inner.width * Math.min(step, steps)) / steps;
  const y = (bytes: number): number => margin.top + inner.height * (1 - bytes / top);
  const arena = plan.buffers.filter(({ space, bytes }) => space === "arena" && bytes > 0);
  const title = `Arena: ${formatBytes(plan.memory.arenaBytes)}, peak at step ${plan.memory.peakStep}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="20" font-size="14">${title}</text>`,
    ...arena.map((buffer) => rectangle(buffer, phaseOf(plan, buffer), x, y)),
    `<line x1="${x(plan.memory.peakStep)}" x2="${x(plan.memory.peakStep)}" y1="${margin.top}" y2="${y(0)}" stroke="#000" stroke-dasharray="4 3"/>`,
    ...addressAxis(top, y),
    ...timeAxis(plan.steps.length, x, y(0)),
    ...legend(Math.min(110, inner.width / Object.keys(colors).length), height),
    "</svg>",
  ].join("\n");
}

/** The phase of the step that first writes a buffer. */
function phaseOf(plan: Plan, { lower }: PlanBuffer): Phase {
  return plan.steps[lower]?.phase ?? "forward";
}

function rectangle(
  { lower, upper, offset, bytes, nodes }: PlanBuffer,
  phase: Phase,
  x: (step: number) => number,
  y: (bytes: number) => number,
): string {
  const size = { width: x(upper) - x(lower), height: y(offset) - y(offset + bytes) };
  const name = escapeXml(nodes.join(", "));
  const box = `<rect x="${x(lower)}" y="${y(offset + bytes)}" width="${size.width}" height="${size.height}" fill="${colors[phase]}" fill-opacity="0.75" stroke="#fff" stroke-width="0.5"><title>${name}: ${formatBytes(bytes)}, steps ${lower} to ${upper - 1}</title></rect>`;
  if (size.width < legible.width || size.height < legible.height) return box;
  const room = Math.floor(size.width / 6.5);
  const shown = nodes.join(", ");
  const text = escapeXml(shown.length > room ? `${shown.slice(0, room - 1)}…` : shown);
  return `${box}\n<text x="${x(lower) + 4}" y="${y(offset + bytes / 2) + 4}" fill="#fff">${text}</text>`;
}

function addressAxis(top: number, y: (bytes: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const bytes = top * share;
    return `<text x="${margin.left - 8}" y="${y(bytes) + 4}" text-anchor="end">${formatBytes(bytes)}</text>`;
  });
}

function timeAxis(steps: number, x: (step: number) => number, bottom: number): string[] {
  const every = Math.max(1, Math.ceil(steps / 12));
  const marks = Array.from({ length: Math.ceil(steps / every) }, (_, k) => k * every);
  return [
    `<line x1="${margin.left}" x2="${x(steps + 1)}" y1="${bottom}" y2="${bottom}" stroke="#000"/>`,
    ...marks.map(
      (step) => `<text x="${x(step + 0.5)}" y="${bottom + 16}" text-anchor="middle">${step}</text>`,
    ),
    `<text x="${(margin.left + x(steps + 1)) / 2}" y="${bottom + 32}" text-anchor="middle">step</text>`,
  ];
}

function legend(spacing: number, height: number): string[] {
  return Object.entries(colors).flatMap(([phase, color], position) => [
    `<rect x="${margin.left + spacing * position}" y="${height - 16}" width="10" height="10" fill="${color}"/>`,
    `<text x="${margin.left + spacing * position + 15}" y="${height - 7}">${phase}</text>`,
  ]);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
