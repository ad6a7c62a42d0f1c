// Writes models in ONNX's file format: the few messages of onnx.proto3 that a forward pass needs, as protocol buffers.
// It refuses to read them.

/** Bytes on the wire: fields by number, as varints or with their length before them. */
type Bytes = readonly number[] | Uint8Array;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function join(parts: readonly Bytes[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function number(field: number, value: number): Bytes {
  return [...varint(8 * field), ...varint(value)];
}

function message(field: number, parts: readonly Bytes[]): Bytes {
  const content = join(parts);
  return join([varint(8 * field + 2), varint(content.length), content]);
}

function text(field: number, value: string): Bytes {
  return message(field, [new TextEncoder().encode(value)]);
}

const float = 1;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface OnnxModel {
  /** Shapes of float32 values: what is fed, and the result. */
  readonly input: readonly [name: string, shape: readonly number[]];
  readonly output: readonly [name: string, shape: readonly number[]];
  readonly constants: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >;
  readonly nodes: readonly OnnxNode[];
}

function valueInfo(field: number, [name, shape]: OnnxModel["input"]): Bytes {
  const dimensions = shape.map((size) => message(1, [number(1, size)]));
  return message(field, [
    text(1, name),
    message(2, [message(1, [number(1, float), message(2, dimensions)])]),
  ]);
}

function node({ op, inputs, output, attributes = {} }: OnnxNode): Bytes {
  const stringType = 3;
  return message(1, [
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, [text(1, name), text(4, value), number(20, stringType)]),
    ),
  ]);
}

/** A ModelProto of operator set 20. */
export function writeOnnx({ input, output, constants, nodes }: OnnxModel): Uint8Array {
  const initializers = Object.entries(constants).map(([name, { shape, data }]) =>
    message(5, [
      ...shape.map((size) => number(1, size)),
      number(2, float),
      text(8, name),
      message(9, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
    ]),
  );
  return join([
    number(1, 9),
    message(8, [text(1, ""), number(2, 20)]),
    message(7, [
      ...nodes.map(node),
      text(2, "bench"),
      ...initializers,
      valueInfo(11, input),
      valueInfo(12, output),
    ]),
  ]);
}
