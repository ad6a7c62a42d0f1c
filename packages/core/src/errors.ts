/** The typed errors of Adjoint: every one carries the address of what is wrong. It refuses to format values or recover. */

/** Base of every error Adjoint throws on purpose; `address` names the node, op, file offset or item concerned. */
export class AdjointError extends Error {
  readonly address: string | undefined;

  constructor(message: string, address?: string) {
    super(message);
    this.name = new.target.name;
    this.address = address;
  }
}

/** Operand shapes that an op cannot take, or data whose shape is not the declared one. */
export class ShapeError extends AdjointError {}

/** A dtype that an op cannot take, or that a backend does not support. */
export class DTypeError extends AdjointError {}

/** An attribute that is missing, unknown or outside its range. */
export class AttributeError extends AdjointError {}

/** An unknown, missing or duplicate name of an input, output, parameter or node. */
export class NameError extends AdjointError {}

/** A derivative that does not exist: an op without adjoint, or a non-scalar without a seed. */
export class GradientError extends AdjointError {}

/** Text or JSON that is not what it should be; the address is an offset into text or a path into JSON. */
export class ParseError extends AdjointError {
  /** Characters before what is wrong in text; undefined for JSON, whose entries have paths. */
  readonly offset: number | undefined;

  constructor(message: string, place: number | string) {
    const path = typeof place === "string";
    super(path ? `${place}: ${message}` : `${message} (at offset ${place})`, String(place));
    this.offset = path ? undefined : place;
  }
}

/** A graph, kernel or plan that breaks its own invariants: a defect of whoever built it. */
export class VerificationError extends AdjointError {}

/** Memory that an engine or a device refuses; the message says how many bytes are for what. */
export class MemoryError extends AdjointError {
  readonly bytes: number;

  constructor(message: string, bytes: number, cause?: unknown) {
    super(message, `${bytes} bytes`);
    this.bytes = bytes;
    if (cause !== undefined) this.cause = cause;
  }
}

/** Use of something that has been disposed of. */
export class DisposedError extends AdjointError {}
