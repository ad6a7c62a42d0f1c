/** The slider over the schedule: which step runs, what is live in memory then, and where. It refuses to light the graph itself. */

import { formatBytes } from "@adjoint/scheduler";
import { find, h } from "./dom.js";
import type { Lifetimes, Value } from "./lifetimes.js";

/** Live values that are listed, largest first. */
const listed = 12;

export class Timeline {
  readonly #root: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #text: HTMLElement;
  readonly #live: HTMLElement;
  readonly #choose: (name: string) => void;
  #lifetimes: Lifetimes | undefined;

  constructor(root: ParentNode, moved: (step: number) => void, choose: (name: string) => void) {
    this.#root = find(root, "#inspector-timeline", HTMLElement);
    this.#slider = find(root, "#inspector-step", HTMLInputElement);
    this.#text = find(root, "#inspector-now", HTMLElement);
    this.#live = find(root, "#inspector-live", HTMLElement);
    this.#choose = choose;
    this.#slider.addEventListener("input", () => {
      this.#describe();
      moved(this.step);
    });
  }

  get step(): number {
    return Number(this.#slider.value);
  }

  open(lifetimes: Lifetimes | undefined): void {
    this.#lifetimes = lifetimes;
    this.#root.hidden = lifetimes === undefined || lifetimes.plan.steps.length === 0;
    this.#slider.max = String(Math.max(0, (lifetimes?.plan.steps.length ?? 1) - 1));
    this.#slider.value = "0";
    this.#describe();
  }

  #describe(): void {
    const lifetimes = this.#lifetimes;
    if (lifetimes === undefined) return;
    const { step } = this;
    const { steps, memory } = lifetimes.plan;
    const live = lifetimes
      .liveAt(step)
      .map((value) => ({ value, bytes: lifetimes.buffer(value.buffer)?.bytes ?? 0 }));
    // What overwrites a value in place shares its buffer.
    const buffers = new Map(live.map(({ value, bytes }) => [value.buffer, bytes]));
    const bytes = [...buffers.values()].reduce((total, each) => total + each, 0);
    const text = `Step ${step} (0 to ${steps.length - 1}), ${steps[step]?.phase ?? ""}: ${steps[step]?.nodes[0] ?? ""}. ${live.length} ${live.length === 1 ? "value" : "values"} live, ${formatBytes(bytes)} of ${formatBytes(memory.arenaBytes)}${step === memory.peakStep ? " (the peak)" : ""}.`;
    this.#text.textContent = text;
    this.#slider.setAttribute("aria-valuetext", text);
    const largest = [...live].sort((a, b) => b.bytes - a.bytes);
    this.#live.replaceChildren(
      this.#arena(live.map(({ value }) => value)),
      h(
        "ul",
        {},
        ...largest
          .slice(0, listed)
          .map(({ value: { name, written, last }, bytes: size }) =>
            h(
              "li",
              {},
              h("button", { type: "button", class: "link", click: () => this.#choose(name) }, name),
              ` ${formatBytes(size)}, steps ${written} to ${last}`,
            ),
          ),
        ...(largest.length > listed ? [h("li", {}, `and ${largest.length - listed} smaller ones`)] : []),
      ),
    );
  }

  /** The arena from its first byte to its last. */
  #arena(live: readonly Value[]): HTMLElement {
    const total = Math.max(1, this.#lifetimes?.plan.memory.arenaBytes ?? 1);
    const percent = (bytes: number): string => `${((100 * bytes) / total).toFixed(3)}%`;
    return h(
      "div",
      { class: "arena", "aria-hidden": "true" },
      ...live.flatMap(({ buffer, name }) => {
        const at = this.#lifetimes?.buffer(buffer);
        if (at === undefined) return [];
        const style = `left: ${percent(at.offset)}; width: ${percent(at.bytes)}`;
        return [h("span", { style, title: `${name}: ${formatBytes(at.bytes)} at byte ${at.offset}` })];
      }),
    );
  }
}
