/**
 * Every case by the exported name of its op or composition. The type demands an entry for each export of `@adjoint/core`
 * that carries an op, and for each other exported function that returns a node or a list of nodes.
 */

import type * as core from "@adjoint/core";
import type { Node, Op } from "@adjoint/core";
import { activation } from "./activation.js";
import { arithmetic } from "./arithmetic.js";
import { attention } from "./attention.js";
import type { Case } from "./case.js";
import { contraction } from "./contraction.js";
import { convolution } from "./convolution.js";
import { cumulative } from "./cumulative.js";
import { entropy } from "./entropy.js";
import { exponential } from "./exponential.js";
import { factorization } from "./factorization.js";
import { indexing } from "./indexing.js";
import { leaf } from "./leaf.js";
import { linalg } from "./linalg.js";
import { logic } from "./logic.js";
import { loss } from "./loss.js";
import { movement } from "./movement.js";
import { normalization } from "./normalization.js";
import { pooling } from "./pooling.js";
import { random } from "./random.js";
import { recurrent } from "./recurrent.js";
import { reduction } from "./reduction.js";
import { rounding } from "./rounding.js";
import { sorting } from "./sorting.js";
import { special } from "./special.js";
import { statistics } from "./statistics.js";
import { trigonometric } from "./trigonometric.js";
import { view } from "./view.js";

type Catalogue = typeof core;

/** Exports that carry `.op`. */
export type OpName = {
  [Name in keyof Catalogue]: Catalogue[Name] extends { readonly op: Op } ? Name : never;
}[keyof Catalogue];

/** Exports that handle nodes whatever their op: not compositions. */
type Machinery = "createNode" | "label" | "markDerivativeOrder" | "opFunction" | "reachable" | "withOperands";

/** Exported functions over ops. */
export type CompositionName = Exclude<
  {
    [Name in keyof Catalogue]: Catalogue[Name] extends (...operands: never[]) => Node | readonly Node[]
      ? Name
      : never;
  }[keyof Catalogue],
  OpName | Machinery
>;

export const table = {
  ...activation,
  ...arithmetic,
  ...attention,
  ...contraction,
  ...convolution,
  ...cumulative,
  ...entropy,
  ...exponential,
  ...factorization,
  ...indexing,
  ...leaf,
  ...linalg,
  ...logic,
  ...loss,
  ...movement,
  ...normalization,
  ...pooling,
  ...random,
  ...recurrent,
  ...reduction,
  ...rounding,
  ...sorting,
  ...special,
  ...statistics,
  ...trigonometric,
  ...view,
} as const satisfies Readonly<Record<OpName | CompositionName, readonly Case[]>>;
