/** What is known of the chosen node: definition, equations, neighbors, buffer and lifetime. It refuses to draw. */

import { formatType, type Graph, printGraph } from "@adjoint/core";
import { latexToMathml, Scopes } from "@adjoint/interchange";
import { formatBytes } from "@adjoint/scheduler";
import type { Derived } from "./derived.js";
import { h, mathElement } from "./dom.js";
import type { Lifetimes } from "./lifetimes.js";

/** Neighbors that are listed. */
const listed = 40;

export class Panel {
  readonly #graph: Graph | undefined;
  readonly #derived: Derived;
  readonly #lifetimes: Lifetimes | undefined;
  readonly #choose: (key: string) => void;
  readonly #users = new Map<string, string[]>();
  readonly #lines = new Map<string, string>();
  #scopes: Scopes | undefined;

  constructor(
    graph: Graph | undefined,
    derived: Derived,
    lifetimes: Lifetimes | undefined,
    choose: (key: string) => void,
  ) {
    this.#graph = graph;
    this.#derived = derived;
    this.#lifetimes = lifetimes;
    this.#choose = choose;
    if (graph === undefined) return;
    const lines = printGraph(graph).split("\n");
    for (const [position, node] of graph.nodes.entries()) {
      const name = graph.nameOf(node);
      this.#lines.set(name, lines[position + 1]?.trim() ?? name);
      for (const operand of new Set(node.operands)) {
        const used = graph.nameOf(operand);
        this.#users.set(used, [...(this.#users.get(used) ?? []), name]);
      }
    }
  }

  /** The contents for a node of the graph. */
  node(name: string): HTMLElement[] {
    const graph = this.#graph;
    if (graph === undefined) return [];
    const node = graph.node(name);
    this.#scopes ??= new Scopes(graph);
    const scope = this.#scopes.of(node);
    const rows: [string, (HTMLElement | string)[]][] = [
      ["definition", [h("code", {}, this.#lines.get(name) ?? name)]],
      ["type", [formatType(node)]],
      ["meaning", [node.op.doc]],
      ...(scope === "" ? [] : [["scope", [scope]] satisfies [string, string[]]]),
      ["order of derivative", [String(node.derivativeOrder)]],
      ...this.#equationRows(name),
      ...this.#memoryRows(name),
      ["uses", this.#links([...new Set(node.operands)].map((operand) => graph.nameOf(operand)))],
      ["used by", this.#links(this.#users.get(name) ?? [])],
    ];
    return [h("h3", {}, name), list(rows)];
  }

  /** The contents for a step of the plan. */
  step(step: number): HTMLElement[] {
    const lifetimes = this.#lifetimes;
    const { nodes, phase, buffers } = lifetimes?.plan.steps[step] ?? { nodes: [], phase: "", buffers: [] };
    const named = (index: number): string => {
      const buffer = lifetimes?.buffer(index);
      return buffer === undefined
        ? ""
        : `${buffer.nodes.join(", ")} (${buffer.space}, ${formatBytes(buffer.bytes)})`;
    };
    return [
      h("h3", {}, `Step ${step}: ${nodes[0] ?? ""}`),
      list([
        ["phase", [phase]],
        ["evaluates", [nodes.join(", ")]],
        ["reads", buffers.slice(0, -1).map((index) => h("div", {}, named(index)))],
        ["writes", [named(buffers.at(-1) ?? -1)]],
      ]),
    ];
  }

  #equationRows(name: string): [string, HTMLElement[]][] {
    const kinds = { definition: "equation", adjoint: "adjoint", given: "", local: "", slope: "" } as const;
    return this.#derived.equations.flatMap((line): [string, HTMLElement[]][] => {
      const title = kinds[line.kind];
      if (line.name !== name || title === "" || line.right === undefined) return [];
      return [[title, [mathElement(latexToMathml(`${line.left} = ${line.right}`))]]];
    });
  }

  #memoryRows(name: string): [string, (HTMLElement | string)[]][] {
    const lifetimes = this.#lifetimes;
    if (lifetimes === undefined) return [["memory", ["no plan is open"]]];
    const given = lifetimes.given(name);
    if (given !== undefined)
      return [["buffer", [`${given.space}, ${formatBytes(given.bytes)}, always there`]]];
    const stored = lifetimes.of(name);
    const steps = lifetimes.stepsOf(name);
    const evaluated = steps.length === 0 ? "in no step of this plan" : `in step ${steps.join(", ")}`;
    return [
      ["evaluated", [evaluated]],
      [
        "buffer",
        stored.length === 0
          ? ["none: it is evaluated where it is used"]
          : stored.map(({ buffer: index }) => {
              const buffer = lifetimes.buffer(index);
              const { offset = 0, bytes = 0, nodes = [] } = buffer ?? {};
              const others = nodes.filter((other) => other !== name);
              const shared = others.length === 0 ? "" : `, shared in turn with ${others.join(", ")}`;
              return h("div", {}, `${formatBytes(bytes)} at byte ${offset} of the arena${shared}`);
            }),
      ],
      ...(stored.length === 0
        ? []
        : [
            [
              "lifetime",
              stored.map(({ written, last }) =>
                h(
                  "div",
                  {},
                  `from step ${written} to ${last >= lifetimes.plan.steps.length ? "the end, as an output" : `step ${last}`}`,
                ),
              ),
            ] satisfies [string, HTMLElement[]],
          ]),
    ];
  }

  #links(names: readonly string[]): (HTMLElement | string)[] {
    if (names.length === 0) return ["nothing"];
    const more = names.length > listed ? [` and ${names.length - listed} more`] : [];
    return [
      ...names
        .slice(0, listed)
        .map((name) => h("button", { type: "button", class: "link", click: () => this.#choose(name) }, name)),
      ...more,
    ];
  }
}

function list(rows: readonly (readonly [string, readonly (HTMLElement | string)[]])[]): HTMLElement {
  return h("dl", {}, ...rows.flatMap(([term, content]) => [h("dt", {}, term), h("dd", {}, ...content)]));
}
