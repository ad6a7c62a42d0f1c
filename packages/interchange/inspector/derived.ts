/** The equations of a graph's only objective, derived when they are first asked for. */

import { dtypes, type Graph, type Node } from "@adjoint/core";
import { derive, type Equation } from "@adjoint/interchange";

/** Nodes beyond which equations are not derived: it would take seconds. */
const derivable = 3000;

export class Derived {
  readonly #graph: Graph | undefined;
  #equations: readonly Equation[] | undefined;

  constructor(graph: Graph | undefined) {
    this.#graph = graph;
  }

  /** None where there are several objectives, none at all, or too many nodes. */
  get equations(): readonly Equation[] {
    this.#equations ??= this.#derive();
    return this.#equations;
  }

  #derive(): readonly Equation[] {
    const graph = this.#graph;
    if (graph === undefined || graph.nodes.length > derivable) return [];
    const objectives = Object.entries<Node>(graph.outputs).filter(
      ([, { shape, dtype, derivativeOrder }]) =>
        shape.length === 0 && dtypes[dtype].kind === "float" && derivativeOrder === 0,
    );
    const [only, ...others] = objectives;
    if (only === undefined || others.length > 0) return [];
    return derive(graph, { of: only[0] });
  }
}
