/** Evaluates nodes at the current point, each once per scope, in the forms in which they are needed. */

import { VerificationError } from "@adjoint/core";
import type { Addresses } from "./address.js";
import { machineOf, type PrimitiveOp } from "./code/primitive.js";
import type { Vector } from "./code/register.js";
import { registersFor } from "./code/register.js";
import { isPrimitive, scalarCode } from "./code/scalar.js";
import { vectorCode } from "./code/vector.js";
import { takesSingle } from "./demand.js";
import type { Frame } from "./frame.js";
import { loadLanes, loadSingle } from "./load.js";
import type { CoordinateNode, Node, OperationNode } from "./nest/node.js";
import type { Value } from "./scope.js";

/** Makes a node's value available in the innermost scope, unless it is already; its inputs must be. */
export function evaluate(frame: Frame, addresses: Addresses, node: Node): void {
  if (frame.isBound(node)) return;
  if (frame.demand.varies(node.axes)) {
    const vector = vectorValue(frame, addresses, node);
    if (vector !== undefined) frame.bind(node, { vector });
    return;
  }
  const value = singleValue(frame, addresses, node);
  const { scalar } = value;
  const wanted = frame.demand.vector.has(node) && value.vector === undefined;
  if (wanted) {
    const push = (): void => (scalar === undefined ? frame.pushScalar(node) : frame.body.get(scalar));
    frame.bind(node, { ...value, vector: frame.splat(node.dtype, push) });
  } else if (scalar !== undefined || value.vector !== undefined) frame.bind(node, value);
}

/** Every node of a list, at every point of the current tile it depends on. */
export function evaluateAll(frame: Frame, addresses: Addresses, nodes: readonly Node[]): void {
  for (const node of nodes) {
    frame.points(frame.tiled(node.axes), () => evaluate(frame, addresses, node));
  }
}

function singleValue(frame: Frame, addresses: Addresses, node: Node): Value {
  const { body } = frame;
  switch (node.kind) {
    case "constant":
      return {};
    case "accumulator":
      throw new VerificationError("An accumulator is read before its stage has run.", `stage ${node.stage}`);
    case "load":
      return loadSingle(frame, addresses, node);
    case "coordinate":
      frame.pushPosition(node.axis);
      break;
    case "within":
    case "inside":
      addresses.pushGuard(node);
      break;
    case "operation":
      scalarCode[primitive(node)]({
        body,
        dtype: operandDType(node),
        result: node.dtype,
        push: (operand) => frame.pushScalar(inputOf(node, operand)),
        constant: (operand) => constantOf(node, operand),
        routine: frame.routine,
      });
      break;
  }
  const local = body.local(machineOf(node.dtype).type);
  body.set(local);
  return { scalar: local };
}

/** Guards that differ between lanes are evaluated by the accesses that they guard. */
function vectorValue(frame: Frame, addresses: Addresses, node: Node): Vector | undefined {
  const { body } = frame;
  switch (node.kind) {
    case "constant":
    case "within":
    case "inside":
      return undefined;
    case "accumulator":
      throw new VerificationError("An accumulator is read before its stage has run.", `stage ${node.stage}`);
    case "load":
      return loadLanes(frame, addresses, node);
    case "coordinate":
      return coordinates(frame, node);
    case "operation":
      return vectorCode[primitive(node)]({
        body,
        lanes: frame.laneCount,
        dtype: operandDType(node),
        result: node.dtype,
        inputs: node.inputs.map((input, position) =>
          takesSingle(node, position) && !frame.demand.varies(input.axes)
            ? { registers: [], bytes: 4 }
            : frame.vector(input),
        ),
        uniform: (operand) => {
          const input = inputOf(node, operand);
          return frame.demand.varies(input.axes) ? undefined : () => frame.pushScalar(input);
        },
        constant: (operand) => constantOf(node, operand),
        routine: frame.routine,
      });
  }
}

function coordinates(frame: Frame, { axis }: CoordinateNode): Vector {
  const { body } = frame;
  const registers = registersFor(body, frame.laneCount, 4);
  const [register = 0] = registers;
  frame.pushPosition(axis);
  body.op("i32x4.splat");
  body.v128(new Uint8Array(new Int32Array([0, 1, 2, 3]).buffer));
  body.op("i32x4.add");
  body.set(register);
  return { registers, bytes: 4 };
}

function primitive({ op }: OperationNode): PrimitiveOp {
  if (isPrimitive(op)) return op;
  throw new VerificationError(`The operation ${op} is expanded before anything is emitted.`, op);
}

function operandDType(node: OperationNode): Node["dtype"] {
  return node.inputs.at(-1)?.dtype ?? node.dtype;
}

function constantOf(node: OperationNode, position: number): number | undefined {
  const input = inputOf(node, position);
  return input.kind === "constant" ? input.value : undefined;
}

function inputOf(node: OperationNode, position: number): Node {
  const input = node.inputs[position];
  if (input === undefined) throw new VerificationError(`${node.op} lacks an operand.`, `node ${node.id}`);
  return input;
}
