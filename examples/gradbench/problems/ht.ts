// HT: hand tracking. Distances between measured points and the hand's vertices, or points within its triangles at
// coordinates u, and the Jacobian. Source: ADBench, "Hand Tracking".

import {
  broadcastTo,
  concat,
  constant,
  expandDims,
  gather,
  graph,
  input,
  mul,
  type Node,
  reshape,
  sliceAxis,
  squeeze,
  stack,
  sub,
  sum,
  transpose,
} from "@adjoint/core";
import { type FeedData, gradient, jvp } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";
import { type HandModel, vertexPositions } from "./hand.js";

interface Hand {
  readonly key: string;
  readonly feeds: Readonly<Record<string, FeedData>>;
  readonly entries: number;
  declare(): Scene;
}

interface Scene {
  readonly model: HandModel;
  readonly theta: Node;
  readonly points: Node;
  readonly correspondences: Node;
  /** Coordinates within triangles [points, 2] and their corners, where points are not vertices. */
  readonly within: { readonly us: Node; readonly triangles: Node } | undefined;
}

/** Differences [B, 3, points] for poses [B, 26]. */
function differences(theta: Node, us: Node | undefined, scene: Scene): Node {
  const { model, points, correspondences, within } = scene;
  const target = transpose(points);
  if (within === undefined || us === undefined) {
    return sub(target, vertexPositions(theta, correspondences, model));
  }
  const corners = gather(within.triangles, correspondences, 0);
  const [count = 0] = correspondences.shape;
  const found = reshape(vertexPositions(theta, reshape(corners, [3 * count]), model), [-1, 3, count, 3]);
  const first = sliceAxis(us, 1, 0, 1);
  const second = sliceAxis(us, 1, 1, 2);
  const shares = concat([first, second, sub(sub(1, first), second)], 1);
  return sub(target, sum(mul(found, shares), { axes: 3 }));
}

/** All coordinates of a point together: [B, 3, points] → [B, 3 · points]. */
function flattened(x: Node): Node {
  return reshape(transpose(x, [0, 2, 1]), [x.shape[0] ?? 0, -1]);
}

function objective(scene: Scene): Node {
  const { theta, within } = scene;
  return squeeze(flattened(differences(expandDims(theta, 0), within?.us, scene)), 0);
}

/** One row per coordinate of a point: the derivatives by its own u, if any, then by theta. */
function jacobian(scene: Scene): Node {
  const { theta, within } = scene;
  const [entries = 0] = theta.shape;
  const batch = broadcastTo(expandDims(theta, 0), [entries, entries]);
  const directions = Array.from({ length: entries ** 2 }, (_, k) => Number(k % (entries + 1) === 0));
  const unit = constant(directions, { dtype: "float64", shape: [entries, entries] });
  const byTheta = transpose(jvp(flattened(differences(batch, within?.us, scene)), [batch], [unit]));
  if (within === undefined) return byTheta;
  const found = differences(expandDims(theta, 0), within.us, scene);
  const byAxis = [0, 1, 2].map((axis) => gradient(sum(sliceAxis(found, 1, axis, axis + 1)), [within.us])[0]);
  return concat([reshape(stack(byAxis, 1), [-1, 2]), byTheta], 1);
}

function handOf(given: Input): Hand {
  const data = given.part("data");
  const model = data.part("model");
  const [theta, us] = [given.numbers("theta"), given.numbers("us")];
  const [correspondences, points] = [data.numbers("correspondences"), data.numbers("points")];
  const relatives = model.numbers("base_relatives");
  const inverses = model.numbers("inverse_base_absolutes");
  const [positions, weights] = [model.numbers("base_positions"), model.numbers("weights")];
  const [triangles, parents] = [model.numbers("triangles"), [...model.numbers("parents").data]];
  const isMirrored = model.flag("is_mirrored");
  const isWithin = us.data.length > 0;
  const shapes = [theta, us, points, positions, triangles].map(({ shape }) => shape.join());
  return {
    key: `${shapes.join(" ")} ${parents.join()} ${isMirrored}`,
    entries: theta.data.length,
    feeds: {
      ...{ theta, correspondences, points, relatives, inverses, positions, weights },
      ...(isWithin ? { us, triangles } : {}),
    },
    declare: () => ({
      model: {
        parents,
        isMirrored,
        baseRelatives: input("relatives", relatives.shape, "float64"),
        inverseBaseAbsolutes: input("inverses", inverses.shape, "float64"),
        basePositions: input("positions", positions.shape, "float64"),
        weights: input("weights", weights.shape, "float64"),
      },
      theta: input("theta", theta.shape, "float64"),
      points: input("points", points.shape, "float64"),
      correspondences: input("correspondences", correspondences.shape, "int32"),
      within: isWithin
        ? { us: input("us", us.shape, "float64"), triangles: input("triangles", triangles.shape, "int32") }
        : undefined,
    }),
  };
}

function call(given: Input, name: string, result: (scene: Scene) => Node): Call {
  const { key, feeds, declare } = handOf(given);
  return {
    key: `${name} ${key}`,
    declare: () => graph({ outputs: { value: result(declare()) } }),
    feeds,
    output: value,
  };
}

export const ht: Problem = {
  objective: (given) => call(given, "objective", objective),
  jacobian: (given) => call(given, "jacobian", jacobian),
};
