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

/** What is live where a plan needs most memory. */
export interface MemoryWitness {
  readonly operation: { readonly label: string; readonly index: number };
  /** Largest first; the index is that of a value, undefined for workspace. */
  readonly live: readonly {
    readonly label: string;
    readonly index: number | undefined;
    readonly bytes: number;
  }[];
}

/** A memory budget that no plan was found for. */
export class MemoryBudgetError extends AdjointError {
  readonly budget: number;
  /** The smallest budget that a plan was found for. */
  readonly smallest: number;
  /** No plan fits below this. */
  readonly lowerBound: number;
  /** Where the plan for the smallest budget needs all of it. */
  readonly witness: MemoryWitness;

  constructor(budget: number, smallest: number, lowerBound: number, witness: MemoryWitness) {
    const { operation, live } = witness;
    const shown = live.slice(0, 8).map(({ label, bytes }) => `${label} (${bytes} bytes)`);
    if (live.length > shown.length) shown.push(`${live.length - shown.length} more`);
    const why = budget < lowerBound ? `nothing fits below ${lowerBound} bytes` : "no plan was found";
    super(
      `a memory budget of ${budget} bytes is too small: ${why}. Give at least ${smallest} bytes, the smallest found to do; ` +
        `${operation.label} needs all of it, with ${shown.join(", ")}`,
      operation.label,
    );
    this.budget = budget;
    this.smallest = smallest;
    this.lowerBound = lowerBound;
    this.witness = witness;
  }
}

/** Use of something that has been disposed of. */
export class DisposedError extends AdjointError {}

/** A backend that this machine does not offer; the message says what was tried and how to get one. */
export class UnavailableError extends AdjointError {}

/** A device that was lost while a session was using it. */
export class DeviceLostError extends AdjointError {}
