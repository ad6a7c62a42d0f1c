/** One cluster: a stored node with all that its kernel evaluates. It refuses to choose what is stored. */

import { type Node, reachable } from "@adjoint/core";
import { buildKernel } from "../lower/build.js";
import { MustStore } from "../lower/must-store.js";
import type { Cluster } from "./stage.js";

/** The cluster of a root, which may be in place of a parameter; or what must be stored before there can be one. */
export function clusterOf(root: Node, stored: ReadonlySet<Node>, updates?: Node): Cluster | MustStore {
  try {
    const { kernel, reads } = buildKernel(root, (node) => stored.has(node));
    const members = [...reachable(root.operands, stored), root];
    return { root, members, kernel, reads, ...(updates === undefined ? {} : { updates }) };
  } catch (error) {
    if (error instanceof MustStore) return error;
    throw error;
  }
}
