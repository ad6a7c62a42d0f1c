/** Sessions: loaded programs over one copy of their parameters. */
/// <reference lib="esnext.disposable" preserve="true" />

import { NameError, type Node } from "@adjoint/core";
import { json } from "@adjoint/core/kernel";
import type { Observable } from "rxjs";
import { FolderCache } from "../cache/cache.js";
import type { Folder } from "../cache/folder.js";
import type { ParameterSlot, Plan } from "../plan/plan.js";
import { type BackendChoice, openBackend } from "./choose.js";
import { EventLog, type SessionEvent } from "./events.js";
import { initialValues } from "./initial.js";
import { ProgramRunner, type Runtime } from "./program.js";
import { Queue } from "./queue.js";
import { type RecoveryOptions, Residence } from "./residence.js";
import { type FeedData, hostArray, type Tensor, tensor } from "./tensor.js";

/** What every session has beside its programs. */
export interface ParameterStore {
  /** Bytes of device memory held, and those of them that kernels use beside what the plans state. */
  readonly bytes: number;
  readonly scratchBytes: number;
  /** Compile progress from the beginning, then steps as they happen. */
  readonly events$: Observable<SessionEvent>;
  /** The current value of a parameter, given as its node or its name. @throws NameError for an unknown one. */
  read(parameter: Node | string): Promise<Tensor>;
  /** Replaces the value of a parameter. @throws NameError, ShapeError or DTypeError. */
  write(parameter: Node | string, data: FeedData): Promise<void>;
  /**
   * Asks for another device when this one is lost, and continues with the parameters last kept (`snapshotEvery`), or the
   * initial ones; an event says how many steps have not happened. Does nothing while the device is there.
   */
  recover(): Promise<void>;
  /** Frees the device memory after the step in flight. Anything called afterwards throws. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LoadSessionOptions extends RecoveryOptions {
  readonly backend: BackendChoice;
  readonly signal?: AbortSignal;
  readonly cache?: Folder;
}

/** A session's parts before they get their public names. */
export interface LoadedSession {
  readonly store: ParameterStore;
  readonly programs: ReadonlyMap<string, ProgramRunner>;
}

/** Loads plans into a backend and gives their parameters their initial values. `report` receives progress as it happens. */
export async function loadSession(
  plans: ReadonlyMap<string, Plan>,
  { backend, signal, cache, recover, snapshotEvery }: LoadSessionOptions,
  events: EventLog = new EventLog(),
): Promise<LoadedSession> {
  const parameters = parametersOf(plans);
  // Stops this loading, and not that of another device long after.
  let stopping = signal;
  const residence = await Residence.load({
    open: () => openBackend(backend),
    load: (opened) =>
      opened.load(plans, {
        onProgress: (done, total) => events.report({ type: "load", done, total }),
        ...(cache === undefined ? {} : { cache: new FolderCache(cache, (event) => events.report(event)) }),
        ...(stopping === undefined ? {} : { signal: stopping }),
      }),
    names: [...parameters.keys()],
    initial: () => initialValues(parameters.values(), stopping),
    report: (event) => events.report(event),
    onLost: (reason) => events.report({ type: "lost", reason }),
    ...(recover === undefined ? {} : { recover }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
  });
  stopping = undefined;
  const queue = new Queue(residence.executable.inFlight);
  const store = new Store(parameters, residence, queue, events);
  const runtime: Runtime = {
    residence,
    queue,
    report: (event) => events.report(event),
  };
  const programs = new Map(
    [...plans].map(([name, plan]) => [name, new ProgramRunner(name, plan, runtime)] as const),
  );
  return { store, programs };
}

/** The union of the programs' parameters. @throws NameError where one name means two things. */
function parametersOf(plans: ReadonlyMap<string, Plan>): Map<string, ParameterSlot> {
  const parameters = new Map<string, ParameterSlot>();
  for (const { parameters: slots } of plans.values()) {
    for (const slot of slots) {
      const other = parameters.get(slot.name) ?? slot;
      if (declaration(other) !== declaration(slot)) {
        throw new NameError(
          `Programs share parameter "${slot.name}" but declare it with different types or initial values.`,
          slot.name,
        );
      }
      parameters.set(slot.name, other);
    }
  }
  return parameters;
}

function declaration({ dtype, shape, role, initializer }: ParameterSlot): string {
  return JSON.stringify([dtype, shape, role, json.writeInitializer(initializer)]);
}

class Store implements ParameterStore {
  readonly events$: Observable<SessionEvent>;
  readonly #parameters: ReadonlyMap<string, ParameterSlot>;
  readonly #residence: Residence;
  readonly #queue: Queue;
  readonly #events: EventLog;
  #disposal: Promise<void> | undefined;

  constructor(
    parameters: ReadonlyMap<string, ParameterSlot>,
    residence: Residence,
    queue: Queue,
    events: EventLog,
  ) {
    this.#parameters = parameters;
    this.#residence = residence;
    this.#queue = queue;
    this.#events = events;
    this.events$ = events.begin();
  }

  get bytes(): number {
    return this.#residence.held.bytes;
  }

  get scratchBytes(): number {
    return this.#residence.held.scratchBytes;
  }

  async read(parameter: Node | string): Promise<Tensor> {
    const slot = this.#slot(parameter);
    const task = async (): Promise<Tensor> => tensor(slot, await this.#residence.executable.read(slot.name));
    return this.#queue.enqueueAlone(task);
  }

  async write(parameter: Node | string, data: FeedData): Promise<void> {
    const slot = this.#slot(parameter);
    const array = hostArray(data, slot, slot.name);
    const kept = this.#queue.idle(true) ? array : array.slice();
    return this.#queue.enqueueAlone(() => this.#residence.write(slot.name, kept));
  }

  recover(): Promise<void> {
    return this.#queue.enqueueAlone(() => this.#residence.recover());
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    await this.#queue.close();
    await this.#residence.dispose();
    this.#events.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #slot(parameter: Node | string): ParameterSlot {
    const name = typeof parameter === "string" ? parameter : parameter.attributes["name"];
    const slot = typeof name === "string" ? this.#parameters.get(name) : undefined;
    if (slot === undefined) {
      const known = [...this.#parameters.keys()].join(", ") || "none";
      const what = typeof parameter === "string" ? `"${parameter}"` : String(parameter);
      throw new NameError(`${what} is no parameter of this session; it has ${known}.`, what);
    }
    return slot;
  }
}
