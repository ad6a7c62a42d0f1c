// The model of a hand: a batch of pose vectors [B, 26] moves the vertices of a mesh through its bones. The batch is what
// makes Jacobians one graph: a row per direction. Source: ADBench, "Hand Tracking".

import {
  add,
  constant,
  cos,
  div,
  expandDims,
  gather,
  greater,
  matmul,
  mul,
  type Node,
  neg,
  pad,
  reshape,
  sin,
  sliceAxis,
  sqrt,
  square,
  squeeze,
  stack,
  sub,
  sum,
  transpose,
  where,
} from "@adjoint/core";

export interface HandModel {
  /** The bone that each hangs on; -1 for the root. */
  readonly parents: readonly number[];
  readonly isMirrored: boolean;
  /** [bones, 4, 4] */
  readonly baseRelatives: Node;
  /** [bones, 4, 4] */
  readonly inverseBaseAbsolutes: Node;
  /** Homogeneous, [vertices, 4]. */
  readonly basePositions: Node;
  /** How much each bone moves each vertex, [vertices, bones]. */
  readonly weights: Node;
}

/** A matrix of scalars, each [B, …], as [B, …, rows, columns]. */
function matrix(rows: readonly (readonly Node[])[]): Node {
  return stack(
    rows.map((row) => stack(row, -1)),
    -2,
  );
}

/** One entry of the last axis. */
function component(x: Node, k: number): Node {
  return squeeze(sliceAxis(x, -1, k, k + 1), -1);
}

/** Rotations by an angle and axis in one vector [B, 3]; by nothing where the angle is nearly 0. */
function rotations(vector: Node): Node {
  const squared = sum(square(vector), { axes: 1, keepDims: true });
  const isTurned = greater(squared, 1e-8);
  const angle = sqrt(where(isTurned, squared, 1));
  const axis = div(vector, angle);
  const [x, y, z] = [component(axis, 0), component(axis, 1), component(axis, 2)];
  const [c, s] = [squeeze(cos(angle), 1), squeeze(sin(angle), 1)];
  const rest = sub(1, c);
  const diagonal = (a: Node): Node => add(square(a), mul(sub(1, square(a)), c));
  const off = (a: Node, b: Node, other: Node): Node => add(mul(mul(a, b), rest), mul(other, s));
  const turned = matrix([
    [diagonal(x), off(x, y, neg(z)), off(x, z, y)],
    [off(x, y, z), diagonal(y), off(y, z, neg(x))],
    [off(x, z, neg(y)), off(y, z, x), diagonal(z)],
  ]);
  const identity = constant(
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    { dtype: "float64" },
  );
  return where(expandDims(isTurned, 2), turned, identity);
}

/** Rz Rx for angles [B, bones, 2] about x and z, as 4 × 4 matrices without translation. */
function jointRotations(angles: Node): Node {
  const [flexion, spread] = [component(angles, 0), component(angles, 1)];
  const [cx, sx, cz, sz] = [cos(flexion), sin(flexion), cos(spread), sin(spread)];
  const turned = matrix([
    [cz, neg(mul(sz, cx)), mul(sz, sx)],
    [sz, mul(cz, cx), neg(mul(cz, sx))],
    [mul(sx, 0), sx, cx],
  ]);
  const corner = constant([0, 0, 0, 1], { dtype: "float64" });
  const padded = pad(turned, [
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 1],
  ]);
  return add(padded, mul(expandDims(corner, 1), corner));
}

/**
 * Which of theta's entries is each bone's angle about x and z; 26 where there is none. Three joints of each of five
 * fingers bend about x, the first one also about z.
 */
function angleEntries(bones: number): number[] {
  const none = 26;
  const entries = new Array<number>(2 * bones).fill(none);
  let entry = 6;
  for (let finger = 0; finger < 5; finger++) {
    for (const joint of [0, 1, 2]) {
      const bone = 2 + 4 * finger + joint;
      entries[2 * bone] = entry++;
      if (joint === 0) entries[2 * bone + 1] = entry++;
    }
  }
  return entries;
}

/** Where vertices are: theta [B, 26], vertices [V] → [B, 3, V]. */
export function vertexPositions(theta: Node, vertices: Node, model: HandModel): Node {
  const { parents, isMirrored, baseRelatives, inverseBaseAbsolutes, basePositions, weights } = model;
  const bones = parents.length;
  const entries = constant(angleEntries(bones), { dtype: "int32" });
  const angles = reshape(
    gather(
      pad(theta, [
        [0, 0],
        [0, 1],
      ]),
      entries,
      1,
    ),
    [-1, bones, 2],
  );
  const relatives = matmul(baseRelatives, jointRotations(angles));
  const absolutes: Node[] = [];
  for (const [bone, parent] of parents.entries()) {
    const relative = squeeze(sliceAxis(relatives, 1, bone, bone + 1), 1);
    const before = absolutes[parent];
    absolutes.push(before === undefined ? relative : matmul(before, relative));
  }
  const transforms = matmul(stack(absolutes, 1), inverseBaseAbsolutes);
  // Σ over bones and coordinates, with the weights on the side that no pose changes.
  const weighted = mul(
    expandDims(gather(weights, vertices, 0), 2),
    expandDims(gather(basePositions, vertices, 0), 1),
  );
  const [count = 0] = vertices.shape;
  const flat = reshape(weighted, [count, 4 * bones]);
  const rows = reshape(transpose(sliceAxis(transforms, 2, 0, 3), [0, 2, 1, 3]), [-1, 3, 4 * bones]);
  const skinned = matmul(rows, transpose(flat));
  const mirrored = isMirrored ? mul(skinned, constant([[-1], [1], [1]], { dtype: "float64" })) : skinned;
  const moved = matmul(rotations(sliceAxis(theta, 1, 0, 3)), mirrored);
  return add(moved, expandDims(sliceAxis(theta, 1, 3, 6), 2));
}
