/** The part of a scene that is near enough to be told apart. It refuses to be large: Sigma draws it anew in every frame. */

import type { Point } from "./projection.js";
import type { Scene } from "./scene.js";

/**
 * Marks that a page without a GPU draws some thirty times a second, at 25 μs for each. A node is two of them: one that is seen, and one
 * for the mouse to find.
 */
const limit = 1200;

/** Whether a scene is near wherever it is seen from. */
export function fits(scene: Scene): boolean {
  return 2 * scene.order + scene.size <= limit;
}

/** What lies between two corners of the view and around them, or only between them; nothing where that is too much. */
export function closeUp(scene: Scene, corners: readonly [Point, Point]): Scene {
  for (const around of [0.5, 0]) {
    const part = between(scene, corners, around);
    if (part !== undefined) return part;
  }
  return scene.nullCopy();
}

/** The nodes of the view widened to each side by a part of itself, with the edges between them; undefined where they do not fit. */
function between(scene: Scene, [a, b]: readonly [Point, Point], around: number): Scene | undefined {
  const isIn = (axis: "x" | "y", place: Point): boolean => {
    const [least, most] = [Math.min(a[axis], b[axis]), Math.max(a[axis], b[axis])];
    const more = around * (most - least);
    return least - more <= place[axis] && place[axis] <= most + more;
  };
  const keys = scene.filterNodes((_, place) => isIn("x", place) && isIn("y", place));
  if (2 * keys.length > limit) return undefined;
  const part: Scene = scene.nullCopy();
  for (const key of keys) part.addNode(key, scene.getNodeAttributes(key));
  for (const key of keys) {
    scene.forEachOutEdge(key, (edge, attributes, source, target) => {
      if (part.hasNode(target)) part.addEdgeWithKey(edge, source, target, attributes);
    });
  }
  return fits(part) ? part : undefined;
}
