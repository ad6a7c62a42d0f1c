/** The textbook network as the fixtures state it: Z = X W1ᵀ (+ b1), H = φ(Z), O = H W2ᵀ (+ b2), J = L + λ/2 (‖W1‖² + ‖W2‖²). */

import {
  add,
  constant,
  type DType,
  type Graph,
  graph,
  input,
  matmul,
  mean,
  mul,
  type Node,
  parameter,
  relu,
  sigmoid,
  softmaxCrossEntropy,
  softplus,
  square,
  sub,
  sum,
  tanh,
  transpose,
  values,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";

export type Matrix = readonly (readonly number[])[];
export type Values = number | readonly number[] | Matrix;

export interface Fixture {
  readonly phi: "tanh" | "sigmoid" | "relu" | "softplus";
  readonly loss: "squared" | "softmax_ce";
  readonly lambda: number;
  readonly bias: string;
  readonly n: number;
  readonly d: number;
  readonly h: number;
  readonly q: number;
  readonly X: Matrix;
  readonly y: Matrix | readonly number[];
  readonly params: Readonly<Record<string, Values>>;
  readonly z: Matrix;
  readonly hidden: Matrix;
  readonly o: Matrix;
  readonly L: number;
  readonly s: number;
  readonly J: number;
  readonly dJ_do: Matrix;
  readonly dJ_dhidden: Matrix;
  readonly dJ_dz: Matrix;
  readonly dJ_dX: Matrix;
  readonly grads: Readonly<Record<string, Values>>;
  readonly V: Readonly<Record<string, Values>>;
  readonly HV: Readonly<Record<string, Values>>;
  readonly hessian_order?: readonly string[];
  readonly hessian?: Matrix;
}

export function isFixtures(json: unknown): json is { readonly cases: readonly Fixture[] } {
  return typeof json === "object" && json !== null && "cases" in json && Array.isArray(json.cases);
}

const activations = { tanh, sigmoid, relu, softplus };

export function flat(data: Values): number[] {
  return typeof data === "number"
    ? [data]
    : data.flatMap((row) => (typeof row === "number" ? [row] : [...row]));
}

function shapeOf(data: Values): number[] {
  if (typeof data === "number") return [];
  const [first] = data;
  return first === undefined || typeof first === "number" ? [data.length] : [data.length, first.length];
}

/** Every quantity of a fixture as an output, the Hessian-vector product along inputs `V_<parameter>` among them. */
export function textbookGraph(fixture: Fixture, dtype: DType): Graph {
  const X = input("X", [fixture.n, fixture.d], dtype);
  const squared = fixture.loss === "squared";
  const y = input("y", squared ? [fixture.n, fixture.q] : [fixture.n], squared ? dtype : "int32");
  const names = Object.keys(fixture.params);
  const parameters = names.map((name) => {
    const data = fixture.params[name] ?? [];
    return parameter(name, shapeOf(data), values(flat(data)), { dtype });
  });
  const find = (name: string): Node | undefined => parameters[names.indexOf(name)];
  const [W1, W2] = [find("W1"), find("W2")];
  if (W1 === undefined || W2 === undefined) throw new Error("a fixture has W1 and W2");
  const biased = (product: Node, bias: Node | undefined): Node =>
    bias === undefined ? product : add(product, bias);
  const z = biased(matmul(X, transpose(W1)), find("b1"));
  const hidden = activations[fixture.phi](z);
  const o = biased(matmul(hidden, transpose(W2)), find("b2"));
  const L = squared ? mul(1 / (2 * fixture.n), sum(square(sub(o, y)))) : mean(softmaxCrossEntropy(o, y));
  const penalty = add(sum(square(W1)), sum(square(W2)));
  const s = mul(constant(fixture.lambda / 2, { dtype }), penalty);
  const J = add(L, s);
  const adjoints = gradient(J, [o, hidden, z, X]);
  const grads = gradient(J, parameters);
  const directional = grads
    .map((grad, index) => sum(mul(grad, input(`V_${names[index] ?? ""}`, grad.shape, dtype))))
    .reduce((total, term) => add(total, term));
  const products = gradient(directional, parameters);
  const [dJ_do, dJ_dhidden, dJ_dz, dJ_dX] = adjoints;
  const outputs: Record<string, Node> = { z, hidden, o, L, s, J, dJ_do, dJ_dhidden, dJ_dz, dJ_dX };
  for (const [index, name] of names.entries()) {
    const [grad, product] = [grads[index], products[index]];
    if (grad !== undefined && product !== undefined)
      Object.assign(outputs, { [`d_${name}`]: grad, [`HV_${name}`]: product });
  }
  return graph({ outputs });
}

/** What the outputs of `textbookGraph` must be. */
export function expectedOutputs(fixture: Fixture): Readonly<Record<string, Values>> {
  const { z, hidden, o, L, s, J, dJ_do, dJ_dhidden, dJ_dz, dJ_dX, grads, HV } = fixture;
  const renamed = (prefix: string, record: Readonly<Record<string, Values>>): [string, Values][] =>
    Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]);
  return {
    ...{ z, hidden, o, L, s, J, dJ_do, dJ_dhidden, dJ_dz, dJ_dX },
    ...Object.fromEntries([...renamed("d_", grads), ...renamed("HV_", HV)]),
  };
}

/** Inputs of a fixture; the direction is its V, or a unit vector over the parameters in Hessian order. */
export function textbookFeeds(fixture: Fixture, unit?: number): Readonly<Record<string, Float64Array>> {
  const order = fixture.hessian_order ?? Object.keys(fixture.params);
  let position = 0;
  const directions = order.map((name): [string, number[]] => {
    const direction = flat(fixture.V[name] ?? []);
    const start = position;
    position += direction.length;
    return [
      `V_${name}`,
      unit === undefined ? direction : direction.map((_, i) => (start + i === unit ? 1 : 0)),
    ];
  });
  const feeds = Object.entries({ X: flat(fixture.X), y: flat(fixture.y), ...Object.fromEntries(directions) });
  return Object.fromEntries(feeds.map(([name, data]) => [name, Float64Array.from(data)]));
}
