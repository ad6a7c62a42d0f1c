/** The curve of memory budget against recomputation as a picture. It refuses to plan. */

import type { BudgetPoint } from "../passes/curve.js";
import { formatBytes } from "./bytes.js";

const margin = { left: 64, right: 24, top: 40, bottom: 52 } as const;
const colors = { found: "#4e79a7", bound: "#e15759", ink: "#333", grid: "#ddd" } as const;

/** Pixels. */
export interface CurveDrawing {
  readonly width?: number;
  readonly height?: number;
}

/** A standalone SVG: budgets to the right, recomputed work upwards, beside it the least that any plan must recompute. */
export function drawBudgetCurve(
  points: readonly BudgetPoint[],
  { width = 640, height = 360 }: CurveDrawing = {},
): string {
  const found = points.flatMap(({ budgetBytes, overhead, leastOverhead }) =>
    overhead === undefined || leastOverhead === undefined ? [] : [{ budgetBytes, overhead, leastOverhead }],
  );
  const low = found[0]?.budgetBytes ?? 0;
  const high = Math.max(low + 1, found.at(-1)?.budgetBytes ?? 0);
  const most = niceAbove(Math.max(0.001, ...found.map(({ overhead }) => overhead)));
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const x = (bytes: number): number => margin.left + (inner.width * (bytes - low)) / (high - low);
  const y = (share: number): number => margin.top + inner.height * (1 - share / most);
  const path = (share: (point: (typeof found)[number]) => number): string =>
    found
      .map(
        (point, k) =>
          `${k === 0 ? "M" : "L"}${x(point.budgetBytes).toFixed(1)} ${y(share(point)).toFixed(1)}`,
      )
      .join("");
  const title = "Recomputed work by memory budget";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="18" font-size="14">${title}</text>`,
    ...shareAxis(most, width - margin.right, y),
    ...bytesAxis(low, high, x, y(0)),
    `<path d="${path(({ leastOverhead }) => leastOverhead)}" fill="none" stroke="${colors.bound}" stroke-width="1.5" stroke-dasharray="5 3"/>`,
    `<path d="${path(({ overhead }) => overhead)}" fill="none" stroke="${colors.found}" stroke-width="2"/>`,
    ...found.map(
      ({ budgetBytes, overhead }) =>
        `<circle cx="${x(budgetBytes).toFixed(1)}" cy="${y(overhead).toFixed(1)}" r="3" fill="${colors.found}"><title>${formatBytes(budgetBytes)}: ${percent(overhead)} recomputed</title></circle>`,
    ),
    ...legend(width),
    "</svg>",
  ].join("\n");
}

function shareAxis(most: number, right: number, y: (share: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * most);
    return `<line x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" stroke="${part === 0 ? colors.ink : colors.grid}"/><text x="${margin.left - 8}" y="${at + 4}" text-anchor="end">${percent(part * most)}</text>`;
  });
}

function bytesAxis(low: number, high: number, x: (bytes: number) => number, bottom: number): string[] {
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const bytes = low + part * (high - low);
    return `<text x="${x(bytes)}" y="${bottom + 16}" text-anchor="middle">${formatBytes(Math.round(bytes))}</text>`;
  });
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

function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} %`;
}
