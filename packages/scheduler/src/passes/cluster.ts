/** Clusters: a stored node with all that its kernel evaluates. It refuses to choose what is stored. */

import { attributeKey, type Node, reachable } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import { buildKernel } from "../lower/build.js";
import { MustStore } from "../lower/must-store.js";
import type { Cluster } from "./stage.js";

/**
 * What the clusters of a form share: the kernel, and which of the nodes that they read is in each of its buffers; or which
 * of their nodes must be stored, because there is no such kernel.
 */
type Form = { readonly kernel: Kernel; readonly reads: readonly number[] } | { readonly mustStore: number };

/** Builds clusters; those of one form, the same ops in the same arrangement, share one kernel. */
export class ClusterBuilder {
  readonly #forms = new Map<string, Form>();
  readonly #ops = new Map<Node, string>();

  /** The cluster of a root, which may be in place of a parameter; or what must be stored before there can be one. */
  build(root: Node, stored: ReadonlySet<Node>, updates?: Node): Cluster | MustStore {
    const members = [...reachable(root.operands, stored), root];
    const { key, sources } = this.#formOf(members);
    const form = this.#forms.get(key) ?? newForm(root, stored, members, sources);
    this.#forms.set(key, form);
    if ("mustStore" in form) return new MustStore(members[form.mustStore] ?? root);
    const reads = form.reads.flatMap((source) => sources[source] ?? []);
    return { root, members, kernel: form.kernel, reads, ...(updates === undefined ? {} : { updates }) };
  }

  /** Equal keys are equal kernels; `sources` are the stored nodes that members have as operands. */
  #formOf(members: readonly Node[]): { key: string; sources: readonly Node[] } {
    const sources: Node[] = [];
    const names = new Map<Node, string>(members.map((node, index) => [node, `${index}`]));
    const parts: string[] = [];
    const nameOf = (operand: Node): string => {
      const known = names.get(operand);
      if (known !== undefined) return known;
      const name = `#${sources.push(operand) - 1}`;
      names.set(operand, name);
      parts.push(`${name}:${operand.dtype}[${operand.shape.join()}]`);
      return name;
    };
    for (const node of members) parts.push(`${this.#opOf(node)}(${node.operands.map(nameOf).join()})`);
    return { key: parts.join(";"), sources };
  }

  #opOf(node: Node): string {
    const known = this.#ops.get(node) ?? `${node.op.name}${attributeKey(node)}`;
    this.#ops.set(node, known);
    return known;
  }
}

function newForm(
  root: Node,
  stored: ReadonlySet<Node>,
  members: readonly Node[],
  sources: readonly Node[],
): Form {
  try {
    const { kernel, reads } = buildKernel(root, (node) => stored.has(node));
    return { kernel, reads: reads.map((node) => sources.indexOf(node)) };
  } catch (error) {
    if (error instanceof MustStore) return { mustStore: members.indexOf(error.node) };
    throw error;
  }
}
