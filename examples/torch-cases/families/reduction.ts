// Reductions of PyTorch: sums, extremes, norms, moments, running ones.

import {
  add,
  argMax,
  argMin,
  cast,
  concat,
  cumMax,
  cumMin,
  cumProd,
  cumSum,
  div,
  equal,
  extentOf,
  iota,
  isNaN as isNotANumber,
  kthValue,
  logCumSumExp,
  logicalNot,
  logSumExp,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  type Node,
  prod,
  reshape,
  sizeOf,
  sliceAxis,
  std,
  sub,
  sum,
  sumTo,
  variance,
  where,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, ranked, rankedAll, sizes } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

type Options = { readonly axes?: readonly number[]; readonly keepDims: boolean };

/** dim and keepdim; no dim, or an empty list of them, means all. Scalars may be reduced along axis 0 or -1. */
export function reduceOver(a: Arguments, x: Node, f: (x: Node, options: Options) => Node): Node {
  if (a.has("dtype") && a.text("dtype") !== "torch.float64") throw new UnsupportedError("another dtype");
  const keepDims = a.flag("keepdim", false);
  const axes = a.numbers("dim") ?? [];
  if (axes.length === 0 || x.shape.length === 0) return f(x, { keepDims });
  return f(x, { axes, keepDims });
}

function reduction(f: (x: Node, options: Options) => Node): Mapping {
  return op("input dim keepdim dtype", (a) => reduceOver(a, a.tensor("input"), f));
}

function running(f: (x: Node, options: { readonly axis: number }) => Node): Mapping {
  return op("input dim dtype", (a) => {
    if (a.has("dtype") && a.text("dtype") !== "torch.float64") throw new UnsupportedError("another dtype");
    const axis = a.number("dim");
    return ranked(a.tensor("input"), (x) => f(x, { axis }));
  });
}

/** The running extreme and where it was last met. */
function runningExtreme(f: typeof cumMax): Mapping {
  return op("input dim", (a) => {
    const axis = a.number("dim");
    return rankedAll(a.tensor("input"), (x) => {
      const extreme = f(x, { axis });
      const position = where(equal(x, extreme), iota(x.shape, axis < 0 ? axis + x.shape.length : axis), 0);
      return [extreme, cumMax(position, { axis })];
    });
  });
}

/** max and min: of two tensors, over all elements, or over one axis with the position. */
function extreme(pair: (a: Node, b: Node) => Node, whole: typeof max, position: typeof argMax): Mapping {
  return op("input dim keepdim other", (a) => {
    const x = a.tensor("input");
    const second = a.raw("dim");
    if (a.has("other")) return pair(x, a.tensor("other"));
    if (second === undefined) return whole(x);
    if ("tensor" in second) return pair(x, a.tensor("dim"));
    const [axis, keepDims] = [a.number("dim"), a.flag("keepdim", false)];
    return rankedAll(x, (y) => [whole(y, { axes: axis, keepDims }), position(y, { axis, keepDims })]);
  });
}

/** The number taken off the count before dividing: PyTorch spells it `unbiased` or `correction`. */
function correction(a: Arguments): number {
  const first = a.raw("dim");
  if (first !== undefined && "value" in first && typeof first.value === "boolean") return Number(first.value);
  return a.has("correction") ? a.number("correction") : Number(a.flag("unbiased", true));
}

function moment(
  f: (x: Node, options: Options & { readonly correction: number }) => Node | readonly Node[],
): Mapping {
  return op("input dim unbiased keepdim correction", (a) => {
    const off = correction(a);
    const first = a.raw("dim");
    const whole = first !== undefined && "value" in first && typeof first.value === "boolean";
    const axes = whole ? [] : (a.numbers("dim") ?? []);
    const keepDims = a.flag("keepdim", false);
    return f(a.tensor("input"), { ...(axes.length === 0 ? {} : { axes }), keepDims, correction: off });
  });
}

/** Two moments at once. */
function moments(f: (x: Node, options: Options & { readonly correction: number }) => Node): Mapping {
  return moment((x, { correction: off, ...options }) => [
    f(x, { ...options, correction: off }),
    mean(x, options),
  ]);
}

/** The middle one of an axis in ascending order, the lower one of an even number, with its position. */
function middle(x: Node, axis: number, keepDims: boolean): readonly Node[] {
  const { values, indices } = kthValue(x, Math.ceil(extentOf(x.shape, normalized(axis, x)) / 2), {
    axis,
    keepDims,
  });
  return [values, indices];
}

function normalized(axis: number, x: Node): number {
  return axis < 0 ? axis + x.shape.length : axis;
}

/** Half the sum of neighbors times their distance. */
function trapezoids(a: Arguments, add_: (parts: Node, axis: number) => Node): Node {
  const y = a.tensor("input");
  const axis = normalized(a.number("dim", -1), y);
  const parts = mul(0.5, add(sliceAxis(y, axis, 1), sliceAxis(y, axis, 0, -1)));
  const x = a.optional("x");
  if (x === undefined || x.shape.length === 0) return add_(mul(parts, x ?? a.number("dx", 1)), axis);
  const own = x.shape.length === 1 ? 0 : axis - y.shape.length + x.shape.length;
  const steps = sub(sliceAxis(x, own, 1), sliceAxis(x, own, 0, -1));
  const aligned =
    x.shape.length === 1 ? reshape(steps, [...steps.shape, ...y.shape.slice(axis + 1).map(() => 1)]) : steps;
  return add_(mul(parts, aligned), axis);
}

const trapezoid = op("input x dx dim", (a) => trapezoids(a, (parts, axis) => sum(parts, { axes: axis })));

export const reductions: Mappings = {
  amax: reduction(max),
  amin: reduction(min),
  aminmax: op("input dim keepdim", (a) => [
    reduceOver(a, a.tensor("input"), min),
    reduceOver(a, a.tensor("input"), max),
  ]),
  cummax: runningExtreme(cumMax),
  cummin: runningExtreme(cumMin),
  cumprod: running(cumProd),
  cumsum: running(cumSum),
  diff: op("input n dim prepend append", (a) => {
    const axis = a.number("dim", -1);
    const parts = [a.optional("prepend"), a.tensor("input"), a.optional("append")].filter(
      (part) => part !== undefined,
    );
    if (a.number("n", 1) === 0) return a.tensor("input");
    let x = concat(parts, axis);
    for (let order = a.number("n", 1); order > 0; order--)
      x = sub(sliceAxis(x, axis, 1), sliceAxis(x, axis, 0, -1));
    return x;
  }),
  logcumsumexp: running(logCumSumExp),
  logsumexp: reduction(logSumExp),
  cumulative_trapezoid: op("input x dx dim", (a) => trapezoids(a, (parts, axis) => cumSum(parts, { axis }))),
  max: extreme(maximum, max, argMax),
  mean: reduction(mean),
  median: op("input dim keepdim", (a) => {
    const x = a.tensor("input");
    if (!a.has("dim")) return middle(reshape(x, [sizeOf(x.shape)]), 0, false)[0] ?? x;
    return rankedAll(x, (y) => middle(y, a.number("dim"), a.flag("keepdim", false)));
  }),
  min: extreme(minimum, min, argMin),
  nanmean: reduction((x, options) => {
    const known = logicalNot(isNotANumber(x));
    return div(sum(where(known, x, 0), options), sum(cast(known, x.dtype), options));
  }),
  nansum: reduction((x, options) => sum(where(isNotANumber(x), 0, x), options)),
  prod: reduction(prod),
  std: moment(std),
  std_mean: moments(std),
  sum: reduction(sum),
  sum_to_size: op("input *size", (a) => sumTo(a.tensor("input"), sizes(a))),
  trapezoid,
  trapz: trapezoid,
  var: moment(variance),
  var_mean: moments(variance),
};
