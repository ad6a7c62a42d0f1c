// BA: bundle adjustment. Reprojection errors of points seen by cameras and the sparse Jacobian of them. Every residual
// depends on one camera, one point and one weight, so that two vector-Jacobian products over a batch of observations give
// all rows. Source: ADBench, "BA".

import {
  add,
  constant,
  cos,
  cross,
  div,
  expandDims,
  graph,
  input,
  mul,
  type Node,
  sin,
  sliceAxis,
  sqrt,
  square,
  sub,
  sum,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Json, type Numbers, type Problem, toJson } from "../problem.js";

interface Observations {
  /** Rotation 3, center 3, focal length 1, principal point 2, radial distortion 2: [p, 11]. */
  readonly cameras: Node;
  readonly points: Node;
  readonly weights: Node;
  readonly features: Node;
}

/** Rotates by an angle and axis in one vector, as Rodrigues' formula does. */
function rotated(rotation: Node, x: Node): Node {
  const angle = sqrt(sum(square(rotation), { axes: 1, keepDims: true }));
  const axis = div(rotation, angle);
  const along = mul(axis, mul(sum(mul(axis, x), { axes: 1, keepDims: true }), sub(1, cos(angle))));
  return add(add(mul(x, cos(angle)), mul(cross(axis, x), sin(angle))), along);
}

/** Weighted differences between where points appear and where they were seen: [p, 2]. */
function errors({ cameras, points, weights, features }: Observations): Node {
  const part = (from: number, to: number): Node => sliceAxis(cameras, 1, from, to);
  const seen = rotated(part(0, 3), sub(points, part(3, 6)));
  const flat = div(sliceAxis(seen, 1, 0, 2), sliceAxis(seen, 1, 2, 3));
  const radius = sum(square(flat), { axes: 1, keepDims: true });
  const stretch = add(add(mul(part(9, 10), radius), mul(part(10, 11), square(radius))), 1);
  const projected = add(mul(mul(flat, stretch), part(6, 7)), part(7, 9));
  return mul(expandDims(weights, 1), sub(projected, features));
}

interface Scene {
  readonly camera: Numbers;
  readonly point: Numbers;
  readonly feature: Numbers;
  readonly weight: number;
  readonly cameras: number;
  readonly points: number;
  readonly count: number;
}

/** GradBench repeats one camera, point, weight and feature. */
function sceneOf(given: Input): Scene {
  return {
    camera: given.numbers("cam"),
    point: given.numbers("x"),
    feature: given.numbers("feat"),
    weight: given.number("w"),
    cameras: given.number("n"),
    points: given.number("m"),
    count: given.number("p"),
  };
}

function repeated({ data, shape }: Numbers, count: number): Numbers {
  const all = new Float64Array(count * data.length);
  for (let k = 0; k < count; k++) all.set(data, k * data.length);
  return { shape: [count, ...shape], data: all };
}

function call(
  scene: Scene,
  name: string,
  outputs: (seen: Observations) => Readonly<Record<string, Node>>,
): Omit<Call, "output"> {
  const { camera, point, feature, weight, count } = scene;
  return {
    key: `${name} ${count}`,
    declare: () =>
      graph({
        outputs: outputs({
          cameras: input("cameras", [count, 11], "float64"),
          points: input("points", [count, 3], "float64"),
          weights: input("weights", [count], "float64"),
          features: input("features", [count, 2], "float64"),
        }),
      }),
    feeds: {
      cameras: repeated(camera, count),
      points: repeated(point, count),
      weights: repeated({ shape: [], data: Float64Array.of(weight) }, count),
      features: repeated(feature, count),
    },
  };
}

/** The residual that keeps weights near 1. */
function weightError(weights: Node): Node {
  return sub(1, square(weights));
}

function rowsOf(seen: Observations): Readonly<Record<string, Node>> {
  const found = errors(seen);
  const sides = [0, 1].map((side) => {
    const seed = constant(side === 0 ? [1, 0] : [0, 1], { dtype: "float64" });
    return gradient(sum(mul(found, seed)), [seen.cameras, seen.points, seen.weights]);
  });
  const [slope] = gradient(sum(weightError(seen.weights)), [seen.weights]);
  const named = sides.flatMap(([camera, point, weight], side): [string, Node][] => [
    [`camera${side}`, camera],
    [`point${side}`, point],
    [`weight${side}`, weight],
  ]);
  return { ...Object.fromEntries(named), weight: slope };
}

/** The first thirty entries and the last. */
function shortened(entries: readonly number[]): number[] {
  return [...entries.slice(0, 30), ...entries.slice(-1)];
}

/** Compressed sparse rows: two residuals per observation, then one per weight. */
function sparse({ cameras, points, count }: Scene, results: Parameters<Call["output"]>[0]): Json {
  const [rows, cols, vals]: [number[], number[], number[]] = [[0], [], []];
  const enter = (name: string, start: number, size: number, at: number): void => {
    for (let k = 0; k < size; k++) {
      cols.push(at + k);
      vals.push(results[name]?.data[start + k] ?? Number.NaN);
    }
  };
  const firstWeight = 11 * cameras + 3 * points;
  for (let i = 0; i < count; i++) {
    for (const side of [0, 1]) {
      enter(`camera${side}`, 11 * i, 11, 11 * (i % cameras));
      enter(`point${side}`, 3 * i, 3, 11 * cameras + 3 * (i % points));
      enter(`weight${side}`, i, 1, firstWeight + i);
      rows.push(cols.length);
    }
  }
  for (let i = 0; i < count; i++) {
    enter("weight", i, 1, firstWeight + i);
    rows.push(cols.length);
  }
  return { rows: shortened(rows), cols: shortened(cols), vals: shortened(vals) };
}

export const ba: Problem = {
  objective: (given) => {
    const scene = sceneOf(given);
    return {
      ...call(scene, "objective", (seen) => ({ error: errors(seen), weight: weightError(seen.weights) })),
      output: ({ error, weight }) => ({
        reproj_error: {
          elements: error === undefined ? [] : toJson({ shape: [2], data: error.data.slice(0, 2) }),
          repeated: scene.count,
        },
        w_err: { element: weight?.data[0] ?? Number.NaN, repeated: scene.count },
      }),
    };
  },
  jacobian: (given) => {
    const scene = sceneOf(given);
    return { ...call(scene, "jacobian", rowsOf), output: (results) => sparse(scene, results) };
  },
};
