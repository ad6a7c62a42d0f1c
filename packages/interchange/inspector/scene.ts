/** A graph or a plan as nodes and edges with places and colors. It refuses to draw them. */

import type { Graph, Node } from "@adjoint/core";
import type { Phase, Plan } from "@adjoint/scheduler";
import { MultiDirectedGraph } from "graphology";
import { type LayoutNode, layout, type Place } from "./layout.js";

export interface SceneNode {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly shape: "square" | "circle";
}

export interface SceneEdge {
  readonly size: number;
  readonly color: string;
}

export interface SceneFacts {
  /** Columns that the whole picture is wide. */
  columns: number;
}

export type Scene = MultiDirectedGraph<SceneNode, SceneEdge, SceneFacts>;

/** Columns that can be read side by side. */
export const legibleColumns = 24;

/** What a node of a scene is before it has a place. */
interface Draft extends LayoutNode {
  readonly label: string;
  readonly isNamed: boolean;
}

const colors = ["#1f4e8c", "#a33a00", "#5b2a86"] as const;
const edgeColors = ["#9db3cf", "#dfb39d", "#bfaacf"] as const;
const colorOf = (list: readonly string[], order: number): string =>
  list[Math.min(order, list.length - 1)] ?? "#000";

/** A node for each node of a graph, under its name. */
export function graphScene(graph: Graph): Scene {
  const outputs = new Set(Object.values<Node>(graph.outputs));
  return build(
    graph.nodes.map((node) => {
      const isNamed = node.label !== undefined || outputs.has(node);
      return {
        key: graph.nameOf(node),
        order: node.derivativeOrder,
        uses: node.operands.map((operand) => graph.nameOf(operand)),
        label: isNamed ? lastPart(graph.nameOf(node)) : node.op.name,
        isNamed,
      };
    }),
  );
}

/** The row of each phase: what is computed again serves the derivatives. */
const rows = { forward: 0, backward: 1, recompute: 1, update: 2 } as const satisfies Record<Phase, number>;

/** A node for each step of a plan, and for what is given to it. */
export function planScene(plan: Plan): Scene {
  const writers = new Map<number, string>();
  const drafts: Draft[] = [];
  const given = (index: number): string | undefined => {
    const buffer = plan.buffers[index];
    const name = buffer?.nodes[0];
    if (buffer === undefined || buffer.space === "arena" || name === undefined) return undefined;
    drafts.push({ key: name, order: 0, uses: [], label: name, isNamed: true });
    writers.set(index, name);
    return name;
  };
  for (const [step, { buffers, phase, nodes }] of plan.steps.entries()) {
    const uses = buffers.slice(0, -1).flatMap((buffer) => writers.get(buffer) ?? given(buffer) ?? []);
    const key = stepKey(step);
    drafts.push({
      key,
      order: rows[phase],
      uses: [...new Set(uses)],
      label: `${step}: ${nodes[0] ?? ""}`,
      isNamed: true,
    });
    const target = buffers.at(-1);
    if (target !== undefined) writers.set(target, key);
  }
  return build(drafts);
}

export function stepKey(step: number): string {
  return `step ${step}`;
}

function build(drafts: readonly Draft[]): Scene {
  const { places, columns } = stretched(layout(drafts));
  const scene: Scene = new MultiDirectedGraph();
  scene.setAttribute("columns", columns);
  // Marks grow with the root of the zoom: they are small where everything is shown.
  const scale = Math.sqrt(Math.min(1, legibleColumns / columns));
  for (const { key, order, label, isNamed } of drafts) {
    const { x, y } = places.get(key) ?? { x: 0, y: 0 };
    scene.addNode(key, {
      label,
      x,
      y,
      size: scale * (isNamed ? 7 : 4),
      color: colorOf(colors, order),
      shape: isNamed ? "square" : "circle",
    });
  }
  for (const { key, order, uses } of drafts) {
    for (const [position, used] of uses.entries()) {
      if (scene.hasNode(used))
        scene.addEdgeWithKey(`${key} ${position}`, used, key, {
          size: scale,
          color: colorOf(edgeColors, order),
        });
    }
  }
  return scene;
}

/** How far rows may stand apart, in columns, and columns in rows. */
const stretch = 4;

/** Fills a picture 1.6 times as wide as it is high, unless that would pull rows or columns far apart. */
function stretched(places: ReadonlyMap<string, Place>): { places: Map<string, Place>; columns: number } {
  const extent = (axis: "x" | "y"): number => {
    let [least, most] = [0, 0];
    for (const place of places.values())
      [least, most] = [Math.min(least, place[axis]), Math.max(most, place[axis])];
    return Math.max(1, most - least);
  };
  const fit = { x: 1.6 / extent("x"), y: 1 / extent("y") };
  const step = { x: Math.min(fit.x, stretch * fit.y), y: Math.min(fit.y, stretch * fit.x) };
  return {
    places: new Map([...places].map(([key, { x, y }]) => [key, { x: step.x * x, y: step.y * y }])),
    columns: Math.max(extent("x"), (extent("y") * step.y) / step.x),
  };
}

/** The name without its scope: the panel says that. */
function lastPart(name: string): string {
  return /^[\w.]+$/.test(name) ? name.slice(name.lastIndexOf(".") + 1) : name;
}
