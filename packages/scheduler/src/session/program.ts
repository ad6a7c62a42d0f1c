/** One runnable program of a session: feeds in, outputs out, one step at a time. */

import { NameError } from "@adjoint/core";
import { concatMap, defer, from, isObservable, type Observable, type ObservableInput } from "rxjs";
import type { Executable, HostArray } from "../backend/backend.js";
import type { Plan, TensorSlot } from "../plan/plan.js";
import type { SessionEvent } from "./events.js";
import type { Queue } from "./queue.js";
import { type FeedData, hostArray, type Tensor, tensor } from "./tensor.js";

export type FeedRecord<Feeds extends string> = { readonly [Name in Feeds]: FeedData };
export type OutputRecord<Outputs extends string> = { readonly [Name in Outputs]: Tensor };

/** The arguments of `run`: feeds may be left out where there are no inputs. */
export type RunArguments<Feeds extends string> = [Feeds] extends [never]
  ? readonly [feeds?: FeedRecord<Feeds>]
  : readonly [feeds: FeedRecord<Feeds>];

/** One executed step of a stream. */
export interface Step<Outputs extends string> {
  readonly index: number;
  readonly outputs: OutputRecord<Outputs>;
  readonly milliseconds: number;
}

export interface Program<Feeds extends string = string, Outputs extends string = string> {
  readonly plan: Plan;
  /**
   * Runs one step: updates take effect, outputs come back as fresh arrays. Calls are queued, never interleaved.
   * @throws NameError for a missing or unknown feed, ShapeError or DTypeError for data that is not as declared.
   */
  run(...feeds: RunArguments<Feeds>): Promise<OutputRecord<Outputs>>;
  /**
   * Runs a step per batch, one in flight. An iterable or async iterable is pulled only when the step before is done; an
   * observable cannot be slowed down, so its waiting batches queue. Unsubscribing stops between two steps.
   */
  stream(batches: ObservableInput<FeedRecord<Feeds>>): Observable<Step<Outputs>>;
}

/** What the programs of a session share. */
export interface Runtime {
  readonly executable: Executable;
  readonly queue: Queue;
  report(event: SessionEvent): void;
}

/** Runs one plan; steps of all programs of a session share one queue. */
export class ProgramRunner implements Program {
  readonly plan: Plan;
  readonly #name: string;
  readonly #runtime: Runtime;
  #steps = 0;

  constructor(name: string, plan: Plan, runtime: Runtime) {
    this.plan = plan;
    this.#name = name;
    this.#runtime = runtime;
  }

  async run(feeds: FeedRecord<string> = {}): Promise<OutputRecord<string>> {
    return (await this.#step(feeds)).outputs;
  }

  stream(batches: ObservableInput<FeedRecord<string>>): Observable<Step<string>> {
    if (isIterable(batches)) return defer(() => from(this.#pull(batches)));
    return from(batches).pipe(concatMap((feeds) => this.#step(feeds)));
  }

  async *#pull(
    batches: Iterable<FeedRecord<string>> | AsyncIterable<FeedRecord<string>>,
  ): AsyncGenerator<Step<string>> {
    for await (const feeds of batches) yield await this.#step(feeds);
  }

  /** Feeds are checked at once, and copied where the step has to wait. */
  async #step(feeds: FeedRecord<string>): Promise<Step<string>> {
    const { queue } = this.#runtime;
    const arrays = this.#checkFeeds(feeds, queue.idle);
    return queue.enqueue(async () => {
      const start = performance.now();
      const results = await this.#runtime.executable.run(this.#name, arrays);
      const milliseconds = performance.now() - start;
      const index = this.#steps++;
      this.#runtime.report({ type: "step", program: this.#name, index, milliseconds });
      return { index, outputs: this.#outputs(results), milliseconds };
    });
  }

  #outputs(results: ReadonlyMap<string, HostArray>): OutputRecord<string> {
    return Object.fromEntries(
      this.plan.outputs.map((slot): [string, Tensor] => {
        const data = results.get(slot.name);
        if (data === undefined) {
          throw new NameError(`The backend returned no output ${slot.name}.`, slot.name);
        }
        return [slot.name, tensor(slot, data)];
      }),
    );
  }

  #checkFeeds(feeds: FeedRecord<string>, now: boolean): ReadonlyMap<string, HostArray> {
    const known = this.plan.inputs.map(({ name }) => name);
    const inputs = known.join(", ") || "none";
    if (typeof feeds !== "object" || feeds === null) {
      throw new NameError(`Feeds are given as a record by input name; the inputs are ${inputs}.`);
    }
    const unknown = Object.keys(feeds).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new NameError(`"${unknown}" is no input of this program; its inputs are ${inputs}.`, unknown);
    }
    return new Map(this.plan.inputs.map((slot) => [slot.name, feedFor(slot, feeds, now)] as const));
  }
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

function isIterable<T>(batches: ObservableInput<T>): batches is Iterable<T> | AsyncIterable<T> {
  return !isObservable(batches) && (Symbol.iterator in batches || Symbol.asyncIterator in batches);
}
