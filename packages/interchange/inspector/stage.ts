/** Shows a scene through Sigma: pan, zoom, choose, light up. It refuses to know what nodes mean. */

import Sigma from "sigma";
import { extremityArrow, layerFill, layerPlain, pathLine, sdfCircle, sdfSquare } from "sigma/rendering";
import { legibleColumns, type Scene } from "./scene.js";

/** How a node is lit; `plain` in its own color. */
export type Tone = "plain" | "dim" | "live" | "running" | "near" | "chosen";

const toneColors: Readonly<Record<Exclude<Tone, "plain">, string>> = {
  dim: "#d9d9d9",
  live: "#e0a800",
  running: "#d1211c",
  near: "#2a8a3e",
  chosen: "#000000",
};

/** Parts of the view that one key moves, and what one key zooms by. */
const keyStep = { pan: 0.15, zoom: 1.5 };

export class Stage {
  readonly #sigma: ReturnType<typeof show>;
  #scene: Scene;

  /** @throws Error where the browser cannot draw. */
  constructor(container: HTMLElement, scene: Scene, choose: (key: string | undefined) => void) {
    this.#scene = scene;
    this.#sigma = show(container, scene);
    this.#sigma.on("clickNode", ({ node }) => choose(node));
    this.#sigma.on("clickStage", () => choose(undefined));
  }

  /** Shows another scene, whole. */
  open(scene: Scene): void {
    this.#scene = scene;
    this.#sigma.setGraph(scene);
    this.#sigma.setSetting("hideEdgesOnMove", isLarge(scene));
    this.press("0");
  }

  /** Lights nodes; those left out are in the tone of the rest. */
  light(tones: ReadonlyMap<string, Tone>, rest: Tone): void {
    const groups = new Map<Tone, string[]>();
    this.#scene.forEachNode((key) => {
      const tone = tones.get(key) ?? rest;
      const group = groups.get(tone);
      if (group === undefined) groups.set(tone, [key]);
      else group.push(key);
    });
    for (const [tone, keys] of groups) this.#sigma.setNodesState(keys, { tone });
  }

  /** Moves a node into the middle. */
  center(key: string): void {
    const place = this.#sigma.getNodeDisplayData(key);
    if (place === undefined) return;
    const camera = this.#sigma.getCamera();
    const near = Math.min(0.5, legibleColumns / this.#scene.getAttribute("columns"));
    camera.setState({ x: place.x, y: place.y, ratio: Math.min(camera.ratio, near) });
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
}

/** Whether edges are left out while the view moves. */
function isLarge(scene: Scene): boolean {
  return scene.size > 5000;
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
        size: ({ size }, { tone }) => (tone === "plain" || tone === "dim" ? size : size * 1.6),
        shape: ({ shape }) => shape,
        color: ({ color }, { tone }) => (tone === "plain" ? color : toneColors[tone]),
        label: ({ label }) => label,
        labelVisibility: (_, { tone, isHovered }) =>
          isHovered || tone === "chosen" || tone === "running" ? "visible" : "auto",
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
      hideEdgesOnMove: isLarge(scene),
    },
  });
}
