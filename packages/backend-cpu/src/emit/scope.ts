/**
 * The values that exist at a point of the code: which locals hold which node, scope by scope.
 * Leaving a scope gives its locals back. It refuses to know how a value is computed.
 */

import type { FunctionBody } from "../wasm/function.js";
import type { Vector } from "./code/register.js";

export interface Value {
  readonly scalar?: number;
  readonly vector?: Vector;
}

export class Scopes {
  readonly #body: FunctionBody;
  readonly #scopes: Map<string, Value>[] = [];

  constructor(body: FunctionBody) {
    this.#body = body;
  }

  /** Runs `inside` in a new scope. */
  within(inside: () => void): void {
    const scope = new Map<string, Value>();
    this.#scopes.push(scope);
    inside();
    this.#scopes.pop();
    for (const value of scope.values()) this.#release(value);
  }

  /** Gives back the locals of a value of the innermost scope that is not needed any more. */
  drop(key: string): void {
    const scope = this.#scopes.at(-1);
    const value = scope?.get(key);
    if (value === undefined) return;
    scope?.delete(key);
    this.#release(value);
  }

  find(key: string): Value | undefined {
    for (let depth = this.#scopes.length - 1; depth >= 0; depth--) {
      const value = this.#scopes[depth]?.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Adds a value to the innermost scope. */
  bind(key: string, value: Value): void {
    this.#scopes.at(-1)?.set(key, value);
  }

  #release({ scalar, vector }: Value): void {
    if (scalar !== undefined) this.#body.release(scalar);
    for (const register of new Set(vector?.registers)) this.#body.release(register);
  }
}
