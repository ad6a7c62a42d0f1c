// Evaluates calls: compiles the graph of each key once, runs it as often as asked, and times every run.

import { type Backend, compile, type Session } from "@adjoint/scheduler";
import { type Call, Input, InputError, type Json, type Problem } from "./problem.js";

/** Time spent in one part of an evaluation. */
export interface Timing {
  readonly name: string;
  readonly nanoseconds: number;
}

export interface Evaluation {
  readonly output: Json;
  readonly timings: readonly Timing[];
}

export class Tool {
  readonly #problems: Readonly<Record<string, Problem>>;
  readonly #backend: Backend;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(problems: Readonly<Record<string, Problem>>, backend: Backend) {
    this.#problems = problems;
    this.#backend = backend;
  }

  knows(module: string): boolean {
    return Object.hasOwn(this.#problems, module);
  }

  /**
   * Runs a function at least `min_runs` times and for at least `min_seconds`, both named in the input (once when not).
   * @throws InputError for an unknown function or an input that does not fit it.
   */
  async evaluate(module: string, name: string, json: unknown): Promise<Evaluation> {
    const problem = this.knows(module) ? this.#problems[module] : undefined;
    const prepare = problem !== undefined && Object.hasOwn(problem, name) ? problem[name] : undefined;
    if (prepare === undefined) throw new InputError(`there is no function ${module}.${name}`);
    const call = prepare(new Input(json));
    const started = performance.now();
    const session = await this.#session(module, call);
    const timings: Timing[] = [timing("compile", performance.now() - started)];
    const inputs = new Set(session.plan.inputs.map((slot) => slot.name));
    const feeds = Object.fromEntries(Object.entries(call.feeds).filter(([input]) => inputs.has(input)));
    const { runs, seconds } = repetitions(json);
    let total = 0;
    for (;;) {
      const start = performance.now();
      const results = await session.run(feeds);
      const elapsed = performance.now() - start;
      timings.push(timing("evaluate", elapsed));
      total += elapsed;
      if (timings.length > runs && total >= 1000 * seconds) return { output: call.output(results), timings };
    }
  }

  #session(module: string, { key, declare }: Call): Promise<Session> {
    const address = `${module} ${key}`;
    const known = this.#sessions.get(address);
    if (known !== undefined) return known;
    const session = compile(declare(), { backend: this.#backend });
    this.#sessions.set(address, session);
    return session;
  }
}

function timing(name: string, milliseconds: number): Timing {
  return { name, nanoseconds: Math.round(milliseconds * 1e6) };
}

function repetitions(json: unknown): { readonly runs: number; readonly seconds: number } {
  const fields =
    typeof json === "object" && json !== null ? new Map<string, unknown>(Object.entries(json)) : new Map();
  const positive = (name: string, fallback: number): number => {
    const given: unknown = fields.get(name);
    return typeof given === "number" && given > 0 ? given : fallback;
  };
  return { runs: positive("min_runs", 1), seconds: positive("min_seconds", 0) };
}
