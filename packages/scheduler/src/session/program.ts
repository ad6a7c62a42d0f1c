/** One runnable program of a session: feeds in, outputs out, one step at a time. */

import { NameError } from "@adjoint/core";
import { concatMap, from, isObservable, type Observable, type ObservableInput } from "rxjs";
import type { Executable, HostArray } from "../backend/backend.js";
import type { Plan } from "../plan/plan.js";
import type { SessionEvent } from "./events.js";
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

/** Runs plans on an executable; steps of all programs of a session share one queue. */
export class ProgramRunner implements Program {
  readonly plan: Plan;
  readonly #name: string;
  readonly #executable: Executable;
  readonly #enqueue: <T>(task: () => Promise<T>) => Promise<T>;
  readonly #report: (event: SessionEvent) => void;
  #steps = 0;

  constructor(
    name: string,
    plan: Plan,
    executable: Executable,
    enqueue: <T>(task: () => Promise<T>) => Promise<T>,
    report: (event: SessionEvent) => void,
  ) {
    this.plan = plan;
    this.#name = name;
    this.#executable = executable;
    this.#enqueue = enqueue;
    this.#report = report;
  }

  async run(feeds: FeedRecord<string> = {}): Promise<OutputRecord<string>> {
    return (await this.#step(feeds)).outputs;
  }

  stream(batches: ObservableInput<FeedRecord<string>>): Observable<Step<string>> {
    if (isIterable(batches)) return from(this.#pull(batches));
    return from(batches).pipe(concatMap((feeds) => this.#step(feeds)));
  }

  async *#pull(
    batches: Iterable<FeedRecord<string>> | AsyncIterable<FeedRecord<string>>,
  ): AsyncGenerator<Step<string>> {
    for await (const feeds of batches) yield await this.#step(feeds);
  }

  #step(feeds: FeedRecord<string>): Promise<Step<string>> {
    const arrays = this.#checkFeeds(feeds);
    return this.#enqueue(async () => {
      const start = performance.now();
      const results = await this.#executable.run(this.#name, await arrays);
      const milliseconds = performance.now() - start;
      const index = this.#steps++;
      this.#report({ type: "step", program: this.#name, index, milliseconds });
      const outputs: { [name: string]: Tensor } = {};
      for (const slot of this.plan.outputs) {
        const data = results.get(slot.name);
        if (data === undefined)
          throw new NameError(`The backend returned no output ${slot.name}.`, slot.name);
        outputs[slot.name] = tensor(slot, data);
      }
      return { index, outputs, milliseconds };
    });
  }

  async #checkFeeds(feeds: FeedRecord<string>): Promise<ReadonlyMap<string, HostArray>> {
    const known = this.plan.inputs.map(({ name }) => name);
    for (const name of Object.keys(feeds)) {
      if (!known.includes(name)) {
        throw new NameError(
          `"${name}" is no input of this program; its inputs are ${known.join(", ") || "none"}.`,
          name,
        );
      }
    }
    const arrays = new Map<string, HostArray>();
    for (const slot of this.plan.inputs) {
      const data = feeds[slot.name];
      if (data === undefined) {
        throw new NameError(
          `Input "${slot.name}" is not fed; pass its ${slot.shape.join(" × ") || "scalar"} elements.`,
          slot.name,
        );
      }
      arrays.set(slot.name, hostArray(data, slot, slot.name));
    }
    return arrays;
  }
}

function isIterable<T>(batches: ObservableInput<T>): batches is Iterable<T> | AsyncIterable<T> {
  return !isObservable(batches) && (Symbol.iterator in batches || Symbol.asyncIterator in batches);
}
