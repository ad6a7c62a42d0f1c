/**
 * The values that exist at a point of the code: which locals hold which node, scope by scope.
 * Leaving a scope gives its locals back. It refuses to know how a value is computed.
 */

import type { FunctionBody } from "../wasm/function.js";

/** Lanes of one group, in 128-bit locals; `bytes` is the width of one lane (of masks: of what was compared). */
export interface Vector {
  readonly registers: readonly number[];
  readonly bytes: 4 | 8;
}

export interface Value {
  readonly scalar?: number;
  readonly vector?: Vector;
}

export type Scope = Map<string, Value>;

export class Scopes {
  readonly #body: FunctionBody;
  readonly #scopes: Scope[] = [];

  constructor(body: FunctionBody) {
    this.#body = body;
  }

  /** Runs `inside` in a new scope. */
  within(inside: (scope: Scope) => void): void {
    const scope: Scope = new Map();
    this.#scopes.push(scope);
    inside(scope);
    this.#scopes.pop();
    for (const { scalar, vector } of scope.values()) {
      if (scalar !== undefined) this.#body.release(scalar);
      for (const register of new Set(vector?.registers)) this.#body.release(register);
    }
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
}
