/** Where a scene is in the view. The view is never turned. */

import type { Scene } from "./scene.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The pixels of a scene's origin and of its units, and what sizes of marks are multiplied by. */
export interface Projection extends Point {
  readonly unitX: number;
  readonly unitY: number;
  readonly marks: number;
}

export function project({ x, y, unitX, unitY }: Projection, place: Point): Point {
  return { x: x + unitX * place.x, y: y + unitY * place.y };
}

/** The node whose middle is within `reach` pixels of a point of the view, and nearest to it. */
export function nearest(
  scene: Scene,
  projection: Projection,
  point: Point,
  reach: number,
): string | undefined {
  let [found, least]: [string | undefined, number] = [undefined, reach];
  scene.forEachNode((key, place) => {
    const { x, y } = project(projection, place);
    const distance = Math.hypot(x - point.x, y - point.y);
    if (distance <= least) [found, least] = [key, distance];
  });
  return found;
}

/** The least and the greatest coordinates of a scene's nodes. */
export function extent(scene: Scene): { x: [number, number]; y: [number, number] } {
  const range = (axis: "x" | "y"): [number, number] =>
    scene.reduceNodes(
      ([least, most]: [number, number], _, place): [number, number] => [
        Math.min(least, place[axis]),
        Math.max(most, place[axis]),
      ],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  return { x: range("x"), y: range("y") };
}
