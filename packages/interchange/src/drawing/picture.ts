/**
 * A graph as a picture in the textbook's style, before it is drawn: variables and operators, and what flows between them.
 * Source: Zhang et al., "Dive into Deep Learning", figure 5.3.1. It refuses to know any drawing language.
 */

import type { Graph, Node } from "@adjoint/core";
import type { Plan } from "@adjoint/scheduler";
import { type DeriveOptions, withAdjoints } from "../equations/derive.js";
import { evaluatedAgain } from "./again.js";
import { collapse } from "./collapse.js";
import type { Heading } from "./heading.js";
import { paint } from "./paint.js";
import { tidy } from "./tidy.js";

export interface DrawOptions {
  /** Draw the derivatives of an output as well, each under its name. */
  readonly derivatives?: boolean | Pick<DeriveOptions, "of" | "wrt" | "hessian">;
  /** Also what only moves elements, such as `reshape` and `broadcastTo`. */
  readonly movement?: boolean;
  /** Where forward values flow; right when absent. */
  readonly direction?: "right" | "up";
  /** Sizes beside what flows; true when absent. */
  readonly shapes?: boolean;
  /**
   * Draw scopes as one box each: those of these names, or those of a depth, 1 (as `true`) for the outermost. A scope is the
   * beginning of a name: `block0.attention.q` is in two.
   */
  readonly collapse?: boolean | number | readonly string[];
  /** Mark what this plan evaluates again instead of keeping it. */
  readonly plan?: Plan;
  /** What the plan is of, where that is not the graph that is drawn but one that shares its nodes. */
  readonly program?: Graph;
}

/** What happens to a value: it is kept for the derivatives that read it, or evaluated again wherever it is read. */
export type Keeping = "retained" | "recomputed";

export interface Mark {
  readonly id: string;
  readonly kind: "variable" | "operator" | "constant" | "block";
  readonly text: string;
  /** What a block holds, a line each. */
  readonly details?: readonly string[];
  /** 0 for what was declared, 1 for adjoints, and so on. */
  readonly order: number;
  /** Whether parameters are stored here: drawn filled. */
  readonly parameter?: boolean;
  /** Absent for what is read once, and for what is there anyway. */
  readonly keeping?: Keeping | undefined;
  /** The mark that this is the derivative by. */
  readonly beside?: string;
  /** Where it is; empty outside of all scopes. */
  readonly scope: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly order: number;
  /** From a value of a lower order of derivative: a retained value that is used again. */
  readonly reuse: boolean;
  /** 1 along the forward values, -1 against them, 0 for what turns around or is used again. */
  readonly heading: Heading | 0;
}

export interface Picture {
  readonly marks: readonly Mark[];
  readonly arrows: readonly Arrow[];
}

/** @throws VerificationError for a plan of another graph, NameError for a scope to collapse that there is not. */
export function pictureOf(graph: Graph, options: DrawOptions = {}): Picture {
  const { derivatives = false, collapse: closed = false, plan, program = graph } = options;
  const drawn = derivatives === false ? graph : withAdjoints(graph, derivatives === true ? {} : derivatives);
  const again = plan === undefined ? new Set<Node>() : evaluatedAgain(program, plan);
  const whole = paint(tidy(drawn), again, options);
  return closed === false ? whole : collapse(whole, closed === true ? 1 : closed);
}
