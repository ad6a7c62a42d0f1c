/** What a backend and its workers tell each other: words of memory they share, and messages. */

/** Words of the memory that the crew shares, each on a cache line of its own. */
export const crewWords = {
  /** Counts up whenever there is something to do. */
  go: 0,
  /** The executable to run, or -1 where only a message has come. */
  executable: 16,
  program: 32,
  /** Messages sent so far. */
  messages: 48,
  /** For each thread 16 words further, the `go` it has finished. */
  done: 64,
} as const;

/** What workers need to run the programs of an executable. */
export interface Assignment {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Exported functions (number of the thread, whether it may sleep), by program. */
  readonly names: readonly string[];
  /** The word of the memory that says that a thread has failed. */
  readonly failed: number;
}

/** To every worker of the crew. */
export type CrewMessage =
  | { readonly kind: "begin"; readonly control: Int32Array; readonly thread: number }
  | {
      readonly kind: "load";
      readonly id: number;
      /** Of the module's memory. */
      readonly imported: { readonly module: string; readonly name: string };
      readonly assignment: Assignment;
    }
  | { readonly kind: "unload"; readonly id: number };
