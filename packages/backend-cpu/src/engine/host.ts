/**
 * What the program around us offers, found by looking: built-in modules of Node, workers, processors. In a browser nothing of
 * Node is there and nothing of it is asked for.
 */

/** The part of `node:v8` that sets flags of the engine. */
interface FlagSetter {
  setFlagsFromString(flags: string): void;
}

interface NodeProcess {
  getBuiltinModule(name: string): unknown;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isProcess(value: unknown): value is NodeProcess {
  return isObject(value) && typeof value["getBuiltinModule"] === "function";
}

/** A built-in module of Node; undefined elsewhere. */
export function builtin(name: string): Readonly<Record<string, unknown>> | undefined {
  const process: unknown = Reflect.get(globalThis, "process");
  const found = isProcess(process) ? process.getBuiltinModule(name) : undefined;
  return isObject(found) ? found : undefined;
}

function isFlagSetter(value: unknown): value is FlagSetter {
  return isObject(value) && typeof value["setFlagsFromString"] === "function";
}

/** Sets a flag of V8 for the whole process; false where that is impossible. Unknown flags are ignored by V8. */
export function setEngineFlag(flag: string): boolean {
  const v8: unknown = builtin("node:v8");
  if (!isFlagSetter(v8)) return false;
  v8.setFlagsFromString(flag);
  return true;
}

/** How many threads can run at a time. */
export function processors(): number {
  const available: unknown = builtin("node:os")?.["availableParallelism"];
  if (typeof available === "function") {
    const count: unknown = available();
    if (typeof count === "number") return Math.max(1, count);
  }
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  const count = isObject(navigator) ? navigator["hardwareConcurrency"] : undefined;
  return typeof count === "number" ? Math.max(1, count) : 1;
}
