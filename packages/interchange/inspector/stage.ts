/**
 * Shows a scene: pan, zoom, choose, light up. Sigma draws what is near; where that is not all, the rest is painted behind it. It refuses
 * to know what nodes mean.
 */

import Sigma from "sigma";
import { extremityArrow, layerFill, layerPlain, pathLine, sdfCircle, sdfSquare } from "sigma/rendering";
import { closeUp, fits } from "./closeup.js";
import { Picture } from "./picture.js";
import { extent, nearest, type Point, type Projection } from "./projection.js";
import { legibleColumns, type Scene } from "./scene.js";
import { daylight, isTold, type Light, type Tone, toneColor, toneOf, toneSize } from "./tone.js";

/** Parts of the view that one key moves, and what one key zooms by. */
const keyStep = { pan: 0.15, zoom: 1.5 };

/** Milliseconds without a move after which the view rests. */
const rest = 120;

/** Pixels beside a painted node that choose it. */
const reach = 6;

export class Stage {
  readonly #sigma: ReturnType<typeof show>;
  readonly #picture: Picture;
  #scene: Scene;
  /** What Sigma draws of the scene. */
  #near: Scene;
  #light = daylight;
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** @throws Error where the browser cannot draw. */
  constructor(container: HTMLElement, scene: Scene, choose: (key: string | undefined) => void) {
    this.#scene = scene;
    this.#near = scene.nullCopy();
    this.#sigma = show(container, this.#near);
    this.#picture = new Picture(container);
    this.#sigma.on("clickNode", ({ node }) => choose(node));
    // Nodes that are only painted Sigma knows nothing of.
    this.#sigma.on("clickStage", ({ event }) => choose(this.#nodeAt(event)));
    this.#sigma.getCamera().on("updated", () => this.#move());
    this.#sigma.on("resize", () => this.#move());
    this.open(scene);
  }

  /** Shows another scene, whole. */
  open(scene: Scene): void {
    this.#scene = scene;
    this.#light = daylight;
    const isWhole = fits(scene);
    this.#sigma.setCustomBBox(isWhole ? null : extent(scene));
    this.#sigma.setSetting("hideEdgesOnMove", !isWhole);
    this.#picture.clear();
    this.#draw(isWhole ? scene : scene.nullCopy());
    this.press("0");
    this.#settle();
  }

  /** Lights nodes. */
  light(light: Light): void {
    const then = this.#light;
    this.#light = light;
    this.#tint();
    if (!this.#picture.isPainted) return;
    if (then.rest !== light.rest) this.#picture.paint(this.#scene, this.#projection(), light.rest);
    this.#picture.light(this.#scene, light, this.#near.order === 0);
  }

  /** Moves a node into the middle. */
  center(key: string): void {
    if (!this.#scene.hasNode(key)) return;
    const { x, y } = this.#sigma.graphToFramedGraph(this.#scene.getNodeAttributes(key));
    const camera = this.#sigma.getCamera();
    const near = Math.min(0.5, legibleColumns / this.#scene.getAttribute("columns"));
    camera.setState({ x, y, ratio: Math.min(camera.ratio, near) });
  }

  /** What a key does to the view; false for keys that do nothing. */
  press(key: string): boolean {
    const camera = this.#sigma.getCamera();
    const move = keyStep.pan * camera.ratio;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => camera.setState({ x: camera.x - move }),
      ArrowRight: () => camera.setState({ x: camera.x + move }),
      ArrowUp: () => camera.setState({ y: camera.y + move }),
      ArrowDown: () => camera.setState({ y: camera.y - move }),
      "+": () => camera.setState({ ratio: camera.ratio / keyStep.zoom }),
      "=": () => camera.setState({ ratio: camera.ratio / keyStep.zoom }),
      "-": () => camera.setState({ ratio: camera.ratio * keyStep.zoom }),
      "0": () => camera.setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }),
    };
    const action = actions[key];
    action?.();
    return action !== undefined;
  }

  /** The view moves: what is painted follows at once, and is painted anew when the view rests. */
  #move(): void {
    if (fits(this.#scene)) return;
    this.#picture.follow(this.#projection());
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#settle(), rest);
  }

  /** Draws a large scene for where the view rests. */
  #settle(): void {
    clearTimeout(this.#resting);
    const { width, height } = this.#sigma.getDimensions();
    if (fits(this.#scene) || width === 0 || height === 0) return;
    const corner = this.#sigma.viewportToGraph({ x: 0, y: 0 });
    this.#draw(closeUp(this.#scene, [corner, this.#sigma.viewportToGraph({ x: width, y: height })]));
    this.#picture.paint(this.#scene, this.#projection(), this.#light.rest);
    this.#picture.light(this.#scene, this.#light, this.#near.order === 0);
  }

  /** Gives Sigma a scene, or a part of one. */
  #draw(near: Scene): void {
    this.#near = near;
    this.#sigma.setGraph(near);
    this.#tint();
  }

  /** Gives the nodes that Sigma draws their tones; it passes over those that have them. */
  #tint(): void {
    const groups = new Map<Tone, string[]>();
    this.#near.forEachNode((key) => {
      const tone = toneOf(this.#light, key);
      const group = groups.get(tone);
      if (group === undefined) groups.set(tone, [key]);
      else group.push(key);
    });
    for (const [tone, keys] of groups) this.#sigma.setNodesState(keys, { tone });
  }

  #projection(): Projection {
    const origin = this.#sigma.graphToViewport({ x: 0, y: 0 });
    const unit = this.#sigma.graphToViewport({ x: 1, y: 1 });
    return {
      ...origin,
      unitX: unit.x - origin.x,
      unitY: unit.y - origin.y,
      marks: this.#sigma.scaleSize(1),
    };
  }

  /** The painted node at a place of the view. */
  #nodeAt(place: Point): string | undefined {
    return this.#picture.isPainted ? nearest(this.#scene, this.#projection(), place, reach) : undefined;
  }
}

function show(container: HTMLElement, scene: Scene) {
  const plain: { tone: Tone } = { tone: "plain" };
  return new Sigma(scene, container, {
    customNodeState: plain,
    primitives: {
      nodes: { shapes: [sdfCircle(), sdfSquare()], layers: [layerFill()] },
      edges: { paths: [pathLine()], extremities: [extremityArrow()], layers: [layerPlain()] },
    },
    styles: {
      nodes: {
        x: { attribute: "x" },
        y: { attribute: "y" },
        size: ({ size }, { tone }) => size * toneSize(tone),
        shape: ({ shape }) => shape,
        color: ({ color }, { tone }) => toneColor(tone, color),
        label: ({ label }) => label,
        labelVisibility: (_, { tone, isHovered }) => (isHovered || isTold(tone) ? "visible" : "auto"),
        depth: (_, { isHovered }) => (isHovered ? "topNodes" : "nodes"),
      },
      edges: { color: ({ color }) => color, size: ({ size }) => size, head: "arrow" },
    },
    settings: {
      itemSizesReference: "screen",
      labelRenderedSizeThreshold: 3,
      enableCameraRotation: false,
      // On paper the inspector is hidden, and has no height.
      allowInvalidContainer: true,
      gestureTarget: "shared",
    },
  });
}
