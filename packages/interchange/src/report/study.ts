/**
 * What a report studies of a program: its objective, what is differentiated by, the prediction, and the programs that follow
 * from them, each planned. It refuses to run any of them.
 */

import {
  dtypes,
  type Graph,
  graph,
  input,
  lowerNode,
  markDerivativeOrder,
  NameError,
  type Node,
  reachable,
  sizeOf,
} from "@adjoint/core";
import { gradient, hvp, type Plan, plan, runPasses } from "@adjoint/scheduler";
import type { Target } from "@adjoint/scheduler/plan";
import { derive } from "../equations/derive.js";
import { predictionOf } from "./prediction.js";

export interface StudyOptions {
  /** The output that is differentiated; the only scalar of the program when absent. */
  readonly of?: string;
  /** What it is differentiated by; all parameters that it depends on and that are no state when absent. */
  readonly wrt?: readonly string[];
  /** What inference gives: a node by its name; found by where the data that are only compared come in when absent. */
  readonly prediction?: string;
  readonly target: Target;
  readonly signal?: AbortSignal;
}

/** A program, what it computes in products, and its plan. */
export interface Measured {
  readonly name: string;
  readonly graph: Graph;
  /** After the rewrite rules. */
  readonly nodes: number;
  /** Of matrix products and convolutions, before fusion. */
  readonly multiplyAdds: number;
  readonly plan: Plan;
}

export interface Objective {
  readonly name: string;
  readonly node: Node;
  readonly wrt: readonly Node[];
  /** The program of the objective alone. */
  readonly graph: Graph;
}

export class Study {
  readonly program: Graph;
  readonly objective: Objective | undefined;
  readonly prediction: Node | undefined;
  readonly #options: StudyOptions;

  constructor(program: Graph, options: StudyOptions) {
    this.program = program;
    this.#options = options;
    this.objective = objectiveOf(program, options);
    this.prediction =
      options.prediction === undefined
        ? this.objective && predictionOf(this.objective.graph)
        : program.node(options.prediction);
  }

  nameOf(node: Node): string {
    return this.program.has(node) ? this.program.nameOf(node) : (node.label ?? node.op.name);
  }

  measure(name: string, studied: Graph): Measured {
    const stage = runPasses(studied, { target: this.target, until: "simplify" });
    const simplified = stage.kind === "graph" ? stage.graph : studied;
    return {
      name,
      graph: studied,
      nodes: simplified.nodes.length,
      multiplyAdds: simplified.nodes.reduce((total, node) => total + multiplyAdds(node), 0),
      plan: this.plan(studied),
    };
  }

  get target(): Target {
    return this.#options.target;
  }

  /** Elements of the arena with nothing rounded up, where all elements are of four bytes. */
  exactElements(studied: Graph): number | undefined {
    const bytes = 4;
    if (studied.nodes.some(({ dtype }) => dtypes[dtype].bytes > bytes)) return undefined;
    return plan(studied, { target: { ...this.target, alignment: bytes } }).memory.arenaBytes / bytes;
  }

  plan(studied: Graph): Plan {
    const { target, signal } = this.#options;
    return plan(studied, { target, ...(signal === undefined ? {} : { signal }) });
  }

  /** The plan of an objective with its gradient, over other nodes of the same names. */
  gradientOf(objective: Graph): Plan {
    const wrt = (this.objective?.wrt ?? []).map((x) => objective.node(this.nameOf(x)));
    const [[name, node] = []] = Object.entries<Node>(objective.outputs);
    const found = node === undefined ? [] : gradient(node, wrt);
    const outputs = {
      ...(name === undefined || node === undefined ? {} : { [name]: node }),
      ...derivatives("∂", wrt, found),
    };
    return this.plan(graph({ outputs }));
  }

  /** The objective with its gradient in which every derivative has the name of what it is by, so that layers can be told. */
  labeledGradient(): Measured | undefined {
    const { objective } = this;
    if (objective === undefined || objective.wrt.length === 0) return undefined;
    const names = objective.wrt.map((x) => this.nameOf(x));
    const lines = derive(objective.graph, { wrt: names }).filter(
      ({ kind, name }) => kind === "adjoint" && names.includes(name),
    );
    const found = markDerivativeOrder(
      lines.map(({ node }) => node),
      new Set(objective.graph.nodes),
      1,
    );
    const outputs = { [objective.name]: objective.node, ...derivatives("∂", objective.wrt, found) };
    return this.measure("gradient by layer", graph({ outputs }));
  }

  /** The prediction, the objective, then each order of derivative with what is below it. */
  orders(): Measured[] {
    const { objective, prediction } = this;
    if (objective === undefined) return [this.measure("program", this.program)];
    const outputs = { [objective.name]: objective.node };
    const forward = this.measure("objective", graph({ outputs }));
    const predict =
      prediction === undefined ? [] : [this.measure("prediction", graph({ outputs: { prediction } }))];
    if (objective.wrt.length === 0) return [...predict, forward];
    const first = { ...outputs, ...derivatives("∂", objective.wrt, gradient(objective.node, objective.wrt)) };
    const directions = objective.wrt.map((x) => input(`direction.${x.label ?? "x"}`, x.shape, x.dtype));
    const products = hvp(objective.node, [...objective.wrt], directions);
    return [
      ...predict,
      forward,
      this.measure("with its gradient", graph({ outputs: first })),
      this.measure(
        "with a Hessian-vector product",
        graph({ outputs: { ...first, ...derivatives("H", objective.wrt, products) } }),
      ),
    ];
  }
}

/** Numbers in tensors, all together for several. */
export function elements(nodes: readonly Node[]): number {
  return nodes.reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** Outputs under the names of what they are by. */
export function derivatives(
  prefix: string,
  wrt: readonly Node[],
  found: readonly Node[],
): Record<string, Node> {
  return Object.fromEntries(
    found.map((node, position) => [`${prefix} ${wrt[position]?.label ?? String(position)}`, node]),
  );
}

function multiplyAdds(node: Node): number {
  const lowering = lowerNode(node);
  if (lowering.kind !== "contract") return 0;
  return sizeOf(node.shape) * sizeOf(lowering.loops.reduced);
}

function objectiveOf(program: Graph, { of, wrt }: StudyOptions): Objective | undefined {
  const scalars = Object.entries<Node>(program.outputs).filter(
    ([name, { shape, dtype, derivativeOrder }]) =>
      (of === undefined || name === of) &&
      shape.length === 0 &&
      dtypes[dtype].kind === "float" &&
      derivativeOrder === 0,
  );
  const [only, ...others] = scalars;
  if (of !== undefined && only === undefined)
    throw new NameError(`The program has no output "${of}" that is a scalar to differentiate.`, of);
  if (only === undefined || others.length > 0) return undefined;
  const [name, node] = only;
  const members = new Set(reachable([node]));
  const by =
    wrt?.map((each) => program.node(each)) ??
    program.parameters.filter(
      (each) => members.has(each) && each.attributes["state"] !== true && dtypes[each.dtype].kind === "float",
    );
  return { name, node, wrt: by, graph: graph({ outputs: { [name]: node } }) };
}
