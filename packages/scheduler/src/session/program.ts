/** One runnable program of a session: feeds in, outputs out, one step at a time. */

import { NameError } from "@adjoint/core";
import type { Observable, ObservableInput } from "rxjs";
import type { HostArray } from "../backend/backend.js";
import type { Plan, TensorSlot } from "../plan/plan.js";
import { type Profile, profilePlan } from "../profile/profile.js";
import type { SessionEvent } from "./events.js";
import type { Queue } from "./queue.js";
import type { Residence } from "./residence.js";
import { type Gate, streamSteps } from "./stream.js";
import { type FeedData, hostArray, type Tensor, tensor } from "./tensor.js";

export type FeedRecord<Feeds extends string> = { readonly [Name in Feeds]: FeedData };
export type OutputRecord<Outputs extends string> = { readonly [Name in Outputs]: Tensor };

export interface RunOptions<Read extends string> {
  /** The outputs to read back, all unless given; the others stay on the device, where `output` finds them. */
  readonly outputs?: readonly Read[];
}

/** The arguments of `run`: feeds may be left out where there are no inputs. */
export type RunArguments<Feeds extends string, Read extends string = string> = [Feeds] extends [never]
  ? readonly [feeds?: FeedRecord<Feeds>, options?: RunOptions<Read>]
  : readonly [feeds: FeedRecord<Feeds>, options?: RunOptions<Read>];

/** One executed step of a stream. */
export interface Step<Outputs extends string> {
  /** How many steps of the program took place before; those that a recovered session has undone are none of them. */
  readonly index: number;
  readonly outputs: OutputRecord<Outputs>;
  readonly milliseconds: number;
}

export interface Program<Feeds extends string = string, Outputs extends string = string> {
  readonly plan: Plan;
  /**
   * Runs one step: updates take effect, outputs come back as fresh arrays. Steps take place in the order of the calls, never
   * interleaved.
   * @throws NameError for a missing or unknown feed, ShapeError or DTypeError for data that is not as declared.
   */
  run<Read extends Outputs = Outputs>(...feeds: RunArguments<Feeds, Read>): Promise<OutputRecord<Read>>;
  /**
   * An output of the last step, wherever that left it.
   * @throws NameError before the first step, and when a step of another program has run since.
   */
  output(name: Outputs): Promise<Tensor>;
  /**
   * How long each kernel of a step takes, with its operations and bytes. The parameters are as before afterwards: the step
   * is done in memory of its own, which has to be there meanwhile.
   */
  profile(...feeds: RunArguments<Feeds>): Promise<Profile>;
  /**
   * Runs a step per batch, as many in flight as the backend takes: one on the CPU; on a GPU the next is under way before
   * the results of one are there. An iterable or async iterable is pulled only when a step may begin; an observable cannot
   * be slowed down, so its waiting batches queue, checked and copied when they come. Where the source or a step fails, or
   * the session is disposed of, the results of earlier steps come first, no later batch is begun, and the source is left at
   * once. Unsubscribing stops between two steps.
   */
  stream<Read extends Outputs = Outputs>(
    batches: ObservableInput<FeedRecord<Feeds>>,
    options?: RunOptions<Read>,
  ): Observable<Step<Read>>;
}

type StepGate = Gate<Step<string>>;

/** What the programs of a session share. */
export interface Runtime {
  readonly residence: Residence;
  readonly queue: Queue;
  readonly report: (event: SessionEvent) => void;
}

/** Runs one plan; steps of all programs of a session share one queue. */
export class ProgramRunner implements Program {
  readonly plan: Plan;
  readonly #name: string;
  readonly #runtime: Runtime;
  readonly #inputNames: ReadonlySet<string>;

  constructor(name: string, plan: Plan, runtime: Runtime) {
    this.plan = plan;
    this.#name = name;
    this.#runtime = runtime;
    this.#inputNames = new Set(plan.inputs.map(({ name }) => name));
  }

  async run(feeds: FeedRecord<string> = {}, options: RunOptions<string> = {}): Promise<OutputRecord<string>> {
    return (await this.#step(feeds, options, (step) => step())).outputs;
  }

  async output(name: string): Promise<Tensor> {
    const slot = this.#slot(name);
    const { queue, residence } = this.#runtime;
    return queue.enqueueAlone(async () => {
      const { executable } = residence;
      if (!residence.holds(this.#name)) {
        throw new NameError(
          `Output "${name}" is not there: no step of this program has run yet, or not since one of another program. Run it first.`,
          name,
        );
      }
      return tensor(slot, await executable.output(this.#name, name));
    });
  }

  profile(feeds: FeedRecord<string> = {}): Promise<Profile> {
    const { queue, residence } = this.#runtime;
    const arrays = this.#checkFeeds(feeds, queue.idle(true));
    const task = async (): Promise<Profile> => {
      const parameters = new Map<string, HostArray>();
      for (const { name } of this.plan.parameters)
        parameters.set(name, await residence.executable.read(name));
      return profilePlan(this.plan, await residence.openBackend(), parameters, arrays);
    };
    return queue.enqueueAlone(task);
  }

  stream(
    batches: ObservableInput<FeedRecord<string>>,
    options: RunOptions<string> = {},
  ): Observable<Step<string>> {
    return streamSteps(batches, {
      begin: (feeds, gate) => this.#step(feeds, options, gate),
      hold: (feeds) => this.#hold(feeds, options),
      inFlight: this.#runtime.queue.atOnce,
      stopped: this.#runtime.queue.closed$,
    });
  }

  /** Feeds are checked before this returns, and copied where the step has to wait. */
  #step(feeds: FeedRecord<string>, options: RunOptions<string>, gate: StepGate): Promise<Step<string>> {
    const { queue, residence } = this.#runtime;
    const now = queue.idle(residence.nextIsAlone) && !residence.mustRecover;
    return this.#enqueue(this.#checkFeeds(feeds, now), options, gate);
  }

  /** Checks and copies feeds for a step that begins when what this returns is called. */
  #hold(feeds: FeedRecord<string>, options: RunOptions<string>): (gate: StepGate) => Promise<Step<string>> {
    const arrays = this.#checkFeeds(feeds, false);
    return (gate) => this.#enqueue(arrays, options, gate);
  }

  #enqueue(
    feeds: ReadonlyMap<string, HostArray>,
    { outputs }: RunOptions<string>,
    gate: StepGate,
  ): Promise<Step<string>> {
    const { queue, residence } = this.#runtime;
    for (const name of outputs ?? []) this.#slot(name);
    const step = (): Promise<Step<string>> => residence.take(() => this.#execute(feeds, outputs));
    return queue.enqueue(
      () => gate(step),
      () => residence.nextIsAlone,
    );
  }

  async #execute(
    feeds: ReadonlyMap<string, HostArray>,
    outputs: readonly string[] | undefined,
  ): Promise<Step<string>> {
    const { residence, report } = this.#runtime;
    const start = performance.now();
    const { index, results } = await residence.step(this.#name, feeds, outputs);
    const milliseconds = performance.now() - start;
    report({ type: "step", program: this.#name, index, milliseconds });
    return { index, outputs: this.#outputs(results), milliseconds };
  }

  #outputs(results: ReadonlyMap<string, HostArray>): OutputRecord<string> {
    return Object.fromEntries(
      [...results].map(([name, data]): [string, Tensor] => [name, tensor(this.#slot(name), data)]),
    );
  }

  #slot(name: string): TensorSlot {
    const slot = this.plan.outputs.find((output) => output.name === name);
    if (slot !== undefined) return slot;
    const known = this.plan.outputs.map((output) => output.name);
    throw new NameError(`"${name}" is no output of this program; its outputs are ${listed(known)}.`, name);
  }

  #checkFeeds(feeds: FeedRecord<string>, now: boolean): ReadonlyMap<string, HostArray> {
    const known = this.#inputNames;
    if (typeof feeds !== "object" || feeds === null) {
      throw new NameError(`Feeds are given as a record by input name; the inputs are ${listed(known)}.`);
    }
    const unknown = Object.keys(feeds).find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new NameError(
        `"${unknown}" is no input of this program; its inputs are ${listed(known)}.`,
        unknown,
      );
    }
    const arrays = new Map<string, HostArray>();
    for (const slot of this.plan.inputs) arrays.set(slot.name, feedFor(slot, feeds, now));
    return arrays;
  }
}

function listed(names: Iterable<string>): string {
  return [...names].join(", ") || "none";
}

/** What the caller does to an array after `run` returns must change nothing: it is read now, or copied. */
function feedFor(slot: TensorSlot, feeds: FeedRecord<string>, now: boolean): HostArray {
  const data = Object.hasOwn(feeds, slot.name) ? feeds[slot.name] : undefined;
  if (data === undefined) {
    const size = slot.shape.join(" × ") || "scalar";
    throw new NameError(`Input "${slot.name}" is not fed; pass its ${size} elements.`, slot.name);
  }
  const array = hostArray(data, slot, slot.name);
  return now ? array : array.slice();
}
