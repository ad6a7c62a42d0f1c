/**
 * A scene painted whole, behind what Sigma draws: the picture of a large graph, of which Sigma has only what is near. While the view
 * moves, what is painted moves with it; it is painted anew when the view rests. It refuses to answer to the mouse.
 */

import { h } from "./dom.js";
import { type Projection, project } from "./projection.js";
import type { Scene, SceneNode } from "./scene.js";
import { isTold, type Light, type Tone, toneColor, toneSize } from "./tone.js";

/** How much of the view is painted beyond each of its sides, so that little moves do not show the end of the picture. */
const margin = 0.5;

export class Picture {
  readonly #container: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #ground = h("canvas");
  readonly #lights = h("canvas");
  #projection: Projection | undefined;

  constructor(container: HTMLElement) {
    this.#container = container;
    this.#frame = h("div", { class: "picture-behind" }, this.#ground, this.#lights);
    container.prepend(this.#frame);
  }

  /** Whether anything is painted. */
  get isPainted(): boolean {
    return this.#projection !== undefined;
  }

  clear(): void {
    this.#projection = undefined;
    this.#frame.hidden = true;
  }

  /** Moves what is painted to where it belongs now. */
  follow(now: Projection): void {
    const then = this.#projection;
    if (then === undefined) return;
    const scale = now.unitX / then.unitX;
    this.#frame.style.transform = `translate(${now.x - scale * then.x}px, ${now.y - scale * then.y}px) scale(${scale})`;
  }

  /** Paints all edges, and all nodes in the tone of the rest. */
  paint(scene: Scene, projection: Projection, rest: Tone): void {
    const paper = this.#blank(this.#ground);
    this.#projection = projection;
    this.#frame.hidden = false;
    this.#frame.style.transform = "";
    for (const { color, size, path } of lines(scene, projection)) {
      paper.strokeStyle = color;
      paper.lineWidth = Math.max(0.5, size * projection.marks);
      paper.stroke(path);
    }
    scene.forEachNode((_, node) => mark(paper, projection, node, rest));
  }

  /** Paints the nodes that are lit over it, some with their names if these are wanted. */
  light(scene: Scene, { tones, rest }: Light, isNamed: boolean): void {
    const projection = this.#projection;
    if (projection === undefined) return;
    const paper = this.#blank(this.#lights);
    paper.font = "14px Arial, sans-serif";
    paper.textBaseline = "middle";
    for (const [key, tone] of tones) {
      if (tone === rest || !scene.hasNode(key)) continue;
      const node = scene.getNodeAttributes(key);
      const side = mark(paper, projection, node, tone);
      if (!isNamed || !isTold(tone)) continue;
      const { x, y } = project(projection, node);
      paper.fillStyle = "#000";
      paper.fillText(node.label, x + side / 2 + 3, y);
    }
  }

  /** A canvas as large as the view with its margin, wiped, in pixels of the view. */
  #blank(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const { clientWidth: width, clientHeight: height } = this.#container;
    const density = window.devicePixelRatio;
    canvas.width = (1 + 2 * margin) * width * density;
    canvas.height = (1 + 2 * margin) * height * density;
    const paper = canvas.getContext("2d");
    if (paper === null) throw new Error("The browser has no canvas to paint on.");
    paper.setTransform(density, 0, 0, density, margin * width * density, margin * height * density);
    return paper;
  }
}

interface Lines {
  readonly color: string;
  readonly size: number;
  readonly path: Path2D;
}

/** Edges by how they look: to stroke one path is much faster than many. */
function lines(scene: Scene, projection: Projection): Iterable<Lines> {
  const alike = new Map<string, Lines>();
  scene.forEachEdge((_edge, { color, size }, _source, _target, from, to) => {
    const look = `${color} ${size}`;
    const { path } = alike.get(look) ?? { path: new Path2D() };
    if (!alike.has(look)) alike.set(look, { color, size, path });
    const [start, end] = [project(projection, from), project(projection, to)];
    path.moveTo(start.x, start.y);
    path.lineTo(end.x, end.y);
  });
  return alike.values();
}

/** Paints a node, and says how wide it is. */
function mark(paper: CanvasRenderingContext2D, projection: Projection, node: SceneNode, tone: Tone): number {
  const side = Math.max(1, 2 * node.size * projection.marks * toneSize(tone));
  const { x, y } = project(projection, node);
  paper.fillStyle = toneColor(tone, node.color);
  if (node.shape === "square" || side < 4) paper.fillRect(x - side / 2, y - side / 2, side, side);
  else {
    paper.beginPath();
    paper.arc(x, y, side / 2, 0, 2 * Math.PI);
    paper.fill();
  }
  return side;
}
