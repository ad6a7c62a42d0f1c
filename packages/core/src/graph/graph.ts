/**
 * A frozen computation: what is reachable from outputs and updates, with common subexpressions merged, unique names and a
 * stable topological order. It refuses to change afterwards.
 */

import type { MultiDirectedGraph } from "graphology";
import { NameError } from "../errors.js";
import { mapRecord } from "../record.js";
import { mergeCommon } from "./merge.js";
import { checkLeafNames, nameNodes } from "./names.js";
import { type FeedsOf, Node } from "./node.js";
import { reachable } from "./order.js";
import { type EdgeAttributes, type NodeAttributes, structureOf } from "./structure.js";
import { checkUpdate } from "./updates.js";

/** A parameter and the value it takes when a step ends; every value sees the parameters as they were before the step. */
export interface Update<Feeds extends string = string> {
  readonly parameter: Node<Feeds>;
  readonly value: Node<Feeds>;
}

export interface GraphDeclaration {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly updates?: readonly Update[];
}

type FeedsOfDeclaration<D extends GraphDeclaration> =
  | FeedsOf<D["outputs"][keyof D["outputs"]]>
  | (D extends { readonly updates: readonly Update<infer Feeds>[] } ? Feeds : never);

declare const feeds: unique symbol;

export class Graph<out Feeds extends string = string, Outputs extends string = string> {
  declare readonly [feeds]: Feeds;
  /** Every node once, operands before users. */
  readonly nodes: readonly Node[];
  readonly outputs: { readonly [Name in Outputs]: Node };
  readonly updates: readonly Update[];
  readonly inputs: readonly Node[];
  readonly parameters: readonly Node[];
  readonly #nameAll: () => ReadonlyMap<Node, string>;
  #names: ReadonlyMap<Node, string> | undefined;
  #byName: ReadonlyMap<string, Node> | undefined;
  #structure: MultiDirectedGraph<NodeAttributes, EdgeAttributes> | undefined;

  /** Use `graph()`: it checks and canonicalizes; this does not. */
  constructor(
    nodes: readonly Node[],
    outputs: { readonly [Name in Outputs]: Node },
    updates: readonly Update[],
    nameAll: () => ReadonlyMap<Node, string>,
  ) {
    this.nodes = nodes;
    this.outputs = outputs;
    this.updates = updates;
    this.inputs = nodes.filter((node) => node.op.name === "input");
    this.parameters = nodes.filter((node) => node.op.name === "parameter");
    this.#nameAll = nameAll;
  }

  /** Made when first asked for: passes build graphs that nobody prints. */
  get #given(): ReadonlyMap<Node, string> {
    this.#names ??= this.#nameAll();
    return this.#names;
  }

  /** The unique name under which a node of this graph prints. @throws NameError for a foreign node. */
  nameOf(node: Node): string {
    const name = this.#given.get(node);
    if (name === undefined) throw new NameError(`${String(node)} is not a node of this graph.`, String(node));
    return name;
  }

  has(node: Node): boolean {
    return this.#given.has(node);
  }

  /** The node that prints under a name. @throws NameError for an unknown name. */
  node(name: string): Node {
    this.#byName ??= new Map([...this.#given].map(([named, own]) => [own, named]));
    const node = this.#byName.get(name);
    if (node === undefined) throw new NameError(`The graph has no node "${name}".`, name);
    return node;
  }

  /** The graph as graphology sees it: a node per name, an edge per operand with its position. Built when first asked for. */
  get structure(): MultiDirectedGraph<NodeAttributes, EdgeAttributes> {
    this.#structure ??= structureOf(this.nodes, (node) => this.nameOf(node));
    return this.#structure;
  }
}

/**
 * Freezes a computation.
 * @throws NameError for two inputs or parameters that differ but share a name, two ops of one name, or an update of
 * something else than a parameter.
 * @throws ShapeError for an update whose value has another type than its parameter.
 */
export function graph<const D extends GraphDeclaration>(
  declaration: D,
): Graph<FeedsOfDeclaration<D>, keyof D["outputs"] & string> {
  for (const [name, node] of Object.entries(declaration.outputs)) {
    if (!(node instanceof Node))
      throw new NameError(`Output "${name}" is ${String(node)}, not a node.`, name);
  }
  return freeze<FeedsOfDeclaration<D>, keyof D["outputs"] & string>(
    declaration.outputs,
    declaration.updates ?? [],
    new Map(),
  );
}

/** The same, with unique names given to nodes; inputs and parameters keep their own. */
export function freeze<Feeds extends string, Outputs extends string>(
  declared: Readonly<Record<Outputs, Node>>,
  declaredUpdates: readonly Update[],
  given: ReadonlyMap<Node, string>,
): Graph<Feeds, Outputs> {
  const canonical = mergeCommon(reachable(rootsOf(declared, declaredUpdates)));
  const resolve = (node: Node): Node => canonical.get(node) ?? node;
  const outputs = mapRecord(declared, resolve);
  const updates = declaredUpdates.map(({ parameter, value }) => ({
    parameter: resolve(parameter),
    value: resolve(value),
  }));
  const updated = new Set<Node>();
  for (const update of updates) checkUpdate(update, updated);
  const nodes = reachable(rootsOf(outputs, updates));
  checkLeafNames(nodes);
  const names = new Map<Node, string>();
  for (const [node, name] of given) {
    const representative = canonical.get(node);
    if (representative !== undefined && !names.has(representative)) names.set(representative, name);
  }
  return new Graph<Feeds, Outputs>(nodes, outputs, updates, naming(nodes, outputs, names));
}

/** Made by a function of its own, so that what waits for names does not keep the nodes that were merged away. */
function naming(...graph: Parameters<typeof nameNodes>): () => ReadonlyMap<Node, string> {
  return () => nameNodes(...graph);
}

function rootsOf(outputs: Readonly<Record<string, Node>>, updates: readonly Update[]): Node[] {
  return [...Object.values(outputs), ...updates.flatMap(({ parameter, value }) => [value, parameter])];
}
