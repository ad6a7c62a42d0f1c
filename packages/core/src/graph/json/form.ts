/** The JSON form of a graph, as types. It refuses to hold code or anything that JSON does not keep. */

import type { DType } from "../../dtype.js";
import type { InitializerJson, NumberJson } from "../../json.js";
import type { AttributeKind } from "../attributes.js";

export const format = "adjoint.graph";
export const version = 1;

export interface AttributeJsonTypes {
  readonly integer: number;
  readonly integers: readonly number[];
  readonly number: NumberJson;
  readonly numbers: readonly NumberJson[];
  readonly boolean: boolean;
  readonly string: string;
  readonly dtype: DType;
  readonly initializer: InitializerJson;
}

export type AttributeJson = AttributeJsonTypes[AttributeKind];

export interface NodeJson {
  /** Unique in the graph. */
  readonly name: string;
  readonly op: string;
  /** Names of nodes that stand before this one. */
  readonly operands: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeJson>>;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly label?: string;
  /** Absent for 0. */
  readonly derivativeOrder?: number;
}

export interface UpdateJson {
  readonly parameter: string;
  readonly value: string;
}

/** Every node by name, operands before users. */
export interface GraphJson {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly nodes: readonly NodeJson[];
  /** Node names by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly updates: readonly UpdateJson[];
}
