/** The curve of memory budget against recomputation as a picture. It refuses to plan. */

import { formatBytes } from "../plan/bytes.js";
import { byteMarks, checkDrawing, percent } from "./axis.js";
import type { BudgetPoint } from "./budget-curve.js";

const margin = { left: 64, right: 24, top: 40, bottom: 52 } as const;
const colors = { found: "#4e79a7", bound: "#e15759", ink: "#333", grid: "#ddd" } as const;

/** Pixels. */
export interface CurveDrawing {
  readonly width?: number;
  readonly height?: number;
}

/** A budget that a plan was found for. */
interface Found {
  readonly budgetBytes: number;
  readonly overhead: number;
  readonly leastOverhead: number;
}

/**
 * A standalone SVG: budgets to the right, recomputed work upwards, beside it the least that any plan must recompute. Both are
 * steps: a plan also fits every larger budget, up to the next point; what is needed is needed with every smaller one too.
 * @throws MemoryInputError for a size that leaves no room for axes and legend.
 */
export function drawBudgetCurve(
  points: readonly BudgetPoint[],
  { width = 640, height = 360 }: CurveDrawing = {},
): string {
  checkDrawing({ width, height });
  const found = points.flatMap(({ budgetBytes, overhead, leastOverhead }): Found[] =>
    overhead === undefined || leastOverhead === undefined ? [] : [{ budgetBytes, overhead, leastOverhead }],
  );
  found.sort((a, b) => a.budgetBytes - b.budgetBytes);
  const title = "Recomputed work by memory budget";
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const { low, high } = rangeOf(points);
  const most = niceAbove(Math.max(0.001, ...found.map(({ overhead }) => overhead)));
  const x = (bytes: number): number => round(margin.left + (inner.width * (bytes - low)) / (high - low));
  const y = (share: number): number => round(margin.top + inner.height * (1 - share / most));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="18" font-size="14">${title}</text>`,
    ...shareAxis(most, width - margin.right, y),
    ...bytesAxis(low, high, x, y(0)),
    ...lines(found, x, y),
    ...points.map((point) => mark(point, x, y)),
    ...(found.length === 0
      ? [`<text x="${width / 2}" y="${height / 2}" text-anchor="middle">no plan was found</text>`]
      : legend(width)),
    "</svg>",
  ].join("\n");
}

/** From the smallest budget to the largest; around a single one. */
function rangeOf(points: readonly BudgetPoint[]): { readonly low: number; readonly high: number } {
  const budgets = points.map(({ budgetBytes }) => budgetBytes);
  const [low, high] = budgets.length === 0 ? [0, 1] : [Math.min(...budgets), Math.max(...budgets)];
  return low < high ? { low, high } : { low: Math.floor(low / 2), high: Math.ceil(1.5 * high) + 1 };
}

function lines(
  found: readonly Found[],
  x: (bytes: number) => number,
  y: (share: number) => number,
): string[] {
  const [first, ...rest] = found;
  if (first === undefined || rest.length === 0) return [];
  const start = (share: number): string => `M${x(first.budgetBytes)} ${y(share)}`;
  const needed = rest.map((point) => `V${y(point.leastOverhead)}H${x(point.budgetBytes)}`).join("");
  const done = rest.map((point) => `H${x(point.budgetBytes)}V${y(point.overhead)}`).join("");
  return [
    `<path d="${start(first.leastOverhead)}${needed}" fill="none" stroke="${colors.bound}" stroke-width="1.5" stroke-dasharray="5 3"/>`,
    `<path d="${start(first.overhead)}${done}" fill="none" stroke="${colors.found}" stroke-width="2"/>`,
  ];
}

/** A dot where a plan was found, a cross on the axis where none was. */
function mark(
  { budgetBytes, overhead }: BudgetPoint,
  x: (bytes: number) => number,
  y: (share: number) => number,
): string {
  const at = x(budgetBytes);
  if (overhead === undefined) {
    const [left, right, top, bottom] = [at - 3, at + 3, y(0) - 3, y(0) + 3].map(round);
    return `<path d="M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}" stroke="${colors.bound}"><title>${formatBytes(budgetBytes)}: no plan was found</title></path>`;
  }
  return `<circle cx="${at}" cy="${y(overhead)}" r="3" fill="${colors.found}"><title>${formatBytes(budgetBytes)}: ${percent(overhead)} recomputed</title></circle>`;
}

/** A tenth of a pixel. */
function round(pixels: number): number {
  return Math.round(10 * pixels) / 10;
}

function shareAxis(most: number, right: number, y: (share: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * most);
    return `<line x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" stroke="${part === 0 ? colors.ink : colors.grid}"/><text x="${margin.left - 8}" y="${at + 4}" text-anchor="end">${percent(part * most)}</text>`;
  });
}

function bytesAxis(low: number, high: number, x: (bytes: number) => number, bottom: number): string[] {
  const marks = byteMarks(low, high).map(
    ({ value, label }) => `<text x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`,
  );
  return [
    ...marks,
    `<text x="${(x(low) + x(high)) / 2}" y="${bottom + 36}" text-anchor="middle">bytes the arena may take</text>`,
  ];
}

function legend(width: number): string[] {
  const entry = (row: number, color: string, dash: string, text: string): string =>
    `<line x1="${width - 200}" x2="${width - 176}" y1="${14 + 15 * row}" y2="${14 + 15 * row}" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${width - 170}" y="${18 + 15 * row}">${text}</text>`;
  return [
    entry(0, colors.found, "none", "plan found"),
    entry(1, colors.bound, "5 3", "no plan can do with less"),
  ];
}

/** The next of 1, 2, 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
