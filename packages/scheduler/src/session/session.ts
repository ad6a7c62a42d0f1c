/** Sessions: loaded programs over one copy of their parameters. */
/// <reference lib="esnext.disposable" preserve="true" />

import { DisposedError, initialize, NameError, type Node } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";
import { concat, from, type Observable, Subject } from "rxjs";
import type { Backend, Executable } from "../backend/backend.js";
import type { ParameterSlot, Plan } from "../plan/plan.js";
import type { SessionEvent } from "./events.js";
import { ProgramRunner } from "./program.js";
import { type FeedData, hostArray, type Tensor, tensor } from "./tensor.js";

/** What every session has beside its programs. */
export interface ParameterStore {
  /** Compile progress from the beginning, then steps as they happen. */
  readonly events$: Observable<SessionEvent>;
  /** The current value of a parameter, given as its node or its name. @throws NameError for an unknown one. */
  read(parameter: Node | string): Promise<Tensor>;
  /** Replaces the value of a parameter. @throws NameError, ShapeError or DTypeError. */
  write(parameter: Node | string, data: FeedData): Promise<void>;
  /** Frees the device memory after the step in flight. Anything called afterwards throws. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LoadSessionOptions {
  readonly backend: Backend;
  readonly signal?: AbortSignal;
}

/** A session's parts before they get their public names. */
export interface LoadedSession {
  readonly store: ParameterStore;
  readonly programs: ReadonlyMap<string, ProgramRunner>;
}

/** Loads plans into a backend and gives their parameters their initial values. */
export async function loadSession(
  plans: ReadonlyMap<string, Plan>,
  { backend, signal }: LoadSessionOptions,
  history: SessionEvent[] = [],
): Promise<LoadedSession> {
  const parameters = parametersOf(plans);
  const executable = await backend.load(plans, {
    onProgress: (done, total) => history.push({ type: "load", done, total }),
    ...(signal === undefined ? {} : { signal }),
  });
  for (const slot of parameters.values()) {
    await executable.write(
      slot.name,
      hostArray({ shape: slot.shape, data: initialValue(slot) }, slot, slot.name),
    );
  }
  const store = new Store(parameters, executable, history);
  const programs = new Map(
    [...plans].map(([name, plan]) => {
      return [name, new ProgramRunner(name, plan, executable, store.enqueue, store.report)] as const;
    }),
  );
  return { store, programs };
}

function initialValue({ initializer, shape, dtype }: ParameterSlot): Float64Array {
  return initialize(initializer, shape).map((element) => convertScalar(element, dtype));
}

/** The union of the programs' parameters. @throws NameError where one name means two things. */
function parametersOf(plans: ReadonlyMap<string, Plan>): Map<string, ParameterSlot> {
  const parameters = new Map<string, ParameterSlot>();
  for (const { parameters: slots } of plans.values()) {
    for (const slot of slots) {
      const other = parameters.get(slot.name) ?? slot;
      if (other.dtype !== slot.dtype || other.shape.join() !== slot.shape.join()) {
        throw new NameError(
          `Programs share parameter "${slot.name}" but declare it with different types.`,
          slot.name,
        );
      }
      parameters.set(slot.name, other);
    }
  }
  return parameters;
}

class Store implements ParameterStore {
  readonly events$: Observable<SessionEvent>;
  readonly #parameters: ReadonlyMap<string, ParameterSlot>;
  readonly #executable: Executable;
  readonly #live = new Subject<SessionEvent>();
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    parameters: ReadonlyMap<string, ParameterSlot>,
    executable: Executable,
    history: readonly SessionEvent[],
  ) {
    this.#parameters = parameters;
    this.#executable = executable;
    this.events$ = concat(from(history), this.#live);
    executable.lost.then(
      (reason) => this.report({ type: "lost", reason }),
      () => undefined,
    );
  }

  readonly report = (event: SessionEvent): void => this.#live.next(event);

  /** Runs a task after all earlier ones. */
  readonly enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    if (this.#disposed)
      return Promise.reject(new DisposedError("The session is disposed; compile the program again."));
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  };

  async read(parameter: Node | string): Promise<Tensor> {
    const slot = this.#slot(parameter);
    return this.enqueue(async () => tensor(slot, await this.#executable.read(slot.name)));
  }

  async write(parameter: Node | string, data: FeedData): Promise<void> {
    const slot = this.#slot(parameter);
    const array = hostArray(data, slot, slot.name);
    return this.enqueue(() => this.#executable.write(slot.name, array));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#queue;
    await this.#executable.dispose();
    this.#live.complete();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #slot(parameter: Node | string): ParameterSlot {
    const name = typeof parameter === "string" ? parameter : String(parameter.attributes["name"]);
    const slot = this.#parameters.get(name);
    if (slot === undefined) {
      const known = [...this.#parameters.keys()].join(", ") || "none";
      throw new NameError(`"${name}" is no parameter of this session; it has ${known}.`, name);
    }
    return slot;
  }
}
