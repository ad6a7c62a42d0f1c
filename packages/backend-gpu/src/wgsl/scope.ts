/** Lines of WGSL in nested blocks, in which equal expressions get one name. It refuses to know what they mean. */

/** Names that no two declarations of a shader share. */
export class Names {
  #next = 0;

  fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }
}

export class Scope {
  readonly lines: string[] = [];
  readonly #names: Names;
  readonly #parent: Scope | undefined;
  readonly #known = new Map<string, string>();

  constructor(names: Names = new Names(), parent?: Scope) {
    this.#names = names;
    this.#parent = parent;
  }

  /** A block inside this one; its lines are added when it is closed with `nest`. */
  inner(): Scope {
    return new Scope(this.#names, this);
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** Adds a block: what stands before its brace, and its lines. */
  nest(head: string, block: Scope): void {
    this.lines.push(`${head} {`, ...block.lines.map((line) => `  ${line}`), "}");
  }

  /** The name of an expression's value; the same name for the same text where that is in sight. */
  bind(expression: string, prefix = "v"): string {
    const known = this.#lookUp(expression);
    if (known !== undefined) return known;
    const name = this.bindAnew(expression, prefix);
    this.#known.set(expression, name);
    return name;
  }

  /** A name of its own: for what may have another value each time it is evaluated. */
  bindAnew(expression: string, prefix = "v"): string {
    const name = this.#names.fresh(prefix);
    this.lines.push(`let ${name} = ${expression};`);
    return name;
  }

  #lookUp(expression: string): string | undefined {
    const own = this.#known.get(expression);
    return own === undefined && this.#parent !== undefined ? this.#parent.#lookUp(expression) : own;
  }
}
