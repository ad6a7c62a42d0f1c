// The loss curve as a chart that follows the size of its place and the colors of the page.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { LossCurve } from "../curve.js";
import { element } from "./page.js";

/** Returns what draws the curve as it is now. */
export function lossChart(curve: LossCurve): () => void {
  const place = element("chart", HTMLElement);
  const color = (name: string) => () => getComputedStyle(place).getPropertyValue(name);
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  const size = () => ({ width: Math.max(200, place.clientWidth), height: Math.max(200, place.clientHeight) });
  const chart = new uPlot(
    {
      ...size(),
      scales: {
        x: { time: false },
        y: { distr: 3, range: (_, low, high) => [Math.min(0.9 * low, high / 4), 1.1 * high] },
      },
      axes: [
        { ...axis, size: 30 },
        { ...axis, size: 48, grid: { ...axis.grid, filter: rounded }, filter: rounded },
      ],
      series: [
        { label: "step" },
        { label: "loss", stroke: color("--faint"), width: 1, points: { show: false } },
        { label: "trend", stroke: color("--accent"), width: 2, points: { show: false } },
      ],
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
    },
    curve.columns,
    place,
  );
  new ResizeObserver(() => chart.setSize(size())).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());

  return () => {
    chart.setData(curve.columns);
    place.setAttribute("aria-label", summary(curve));
  };
}

/** Of the marks of a logarithmic axis those at 1, 2 and 5, and no others. */
function rounded(_: uPlot, marks: readonly number[]): (number | null)[] {
  return marks.map((mark) => (/^[125]e/.test(mark.toExponential(3).replace(/\.?0*e/, "e")) ? mark : null));
}

function summary({ columns: [, , trend], steps }: LossCurve): string {
  const [first] = trend;
  const last = trend.at(-1);
  if (first === undefined || last === undefined) return "No losses yet";
  return `The loss went from ${first.toFixed(2)} to ${last.toFixed(4)} in ${steps} steps.`;
}
