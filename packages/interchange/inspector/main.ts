/** The inspector of a report's page: opens its program, or files that are dropped, and keeps graph, panel and slider together. */

import { Derived } from "./derived.js";
import { find, h } from "./dom.js";
import { Lifetimes } from "./lifetimes.js";
import { Panel } from "./panel.js";
import { fitMath } from "./paper.js";
import { graphScene, planScene, type Scene, stepKey } from "./scene.js";
import { connectSearch } from "./search.js";
import { Stage } from "./stage.js";
import { join, type Named, type Opened, readSubject, type Subject, withPlan } from "./subject.js";
import { Timeline } from "./timeline.js";
import type { Tone } from "./tone.js";

const views = {
  planned: "the graph as it is planned",
  declared: "the graph as it was declared",
  steps: "the steps of the plan",
} as const;
type View = keyof typeof views;

class Inspector {
  readonly #root: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #details: HTMLElement;
  readonly #message: HTMLElement;
  readonly #view: HTMLSelectElement;
  readonly #timeline: Timeline;
  #subject: Subject = {};
  #scene: Scene | undefined;
  #stage: Stage | undefined;
  #panel: Panel | undefined;
  #lifetimes: Lifetimes | undefined;
  #derived = new Derived(undefined);
  #chosen: string | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#canvas = find(root, "#inspector-canvas", HTMLElement);
    this.#details = find(root, "#inspector-details", HTMLElement);
    this.#message = find(root, "#inspector-message", HTMLElement);
    this.#view = find(root, "#inspector-view", HTMLSelectElement);
    this.#timeline = new Timeline(
      root,
      () => this.#light(true),
      (name) => this.#find(name),
    );
    this.#view.addEventListener("change", () => this.#show());
    this.#canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (this.#stage?.press(event.key) === true) event.preventDefault();
    });
    for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-key]"))
      button.addEventListener("click", () => this.#stage?.press(button.dataset["key"] ?? ""));
    connectSearch(
      root,
      () => this.#scene?.nodes() ?? [],
      (key) => this.#choose(key, true),
    );
    this.#connectFiles();
  }

  open({ subject, omitted }: Opened): void {
    this.#subject = subject;
    const { graph, planned, plan } = subject;
    const possible: View[] = [
      ...(planned === undefined ? [] : ["planned" as const]),
      ...(graph === undefined ? [] : ["declared" as const]),
      ...(plan === undefined ? [] : ["steps" as const]),
    ];
    this.#view.replaceChildren(...possible.map((view) => h("option", { value: view }, views[view])));
    this.#lifetimes = plan === undefined ? undefined : new Lifetimes(plan);
    this.#derived = new Derived(graph);
    this.#timeline.open(this.#lifetimes);
    this.#show();
    if (omitted.length > 0) this.#say([this.#message.textContent, ...omitted].join(" "));
  }

  #show(): void {
    const { graph, planned, plan } = this.#subject;
    const view = this.#view.value;
    const shown = view === "planned" ? planned : view === "declared" ? graph : undefined;
    this.#scene = shown !== undefined ? graphScene(shown) : plan !== undefined ? planScene(plan) : undefined;
    this.#panel = new Panel(shown, this.#derived, this.#lifetimes, (name) => this.#choose(name, true));
    if (this.#scene === undefined) return;
    const { order, size } = this.#scene;
    this.#say(`${order.toLocaleString("en-US")} nodes and ${size.toLocaleString("en-US")} edges.`);
    this.#canvas.setAttribute(
      "aria-label",
      `${order} nodes; arrow keys move the view, plus and minus zoom, 0 shows everything`,
    );
    try {
      if (this.#stage === undefined)
        this.#stage = new Stage(this.#canvas, this.#scene, (key) => this.#choose(key, false));
      else this.#stage.open(this.#scene);
    } catch (error) {
      this.#say(`The graph cannot be drawn here (${String(error)}); search and the panel work without.`);
    }
    this.#choose(undefined, false);
  }

  #choose(key: string | undefined, center: boolean): void {
    this.#chosen = key !== undefined && this.#scene?.hasNode(key) === true ? key : undefined;
    const step = /^step (\d+)$/.exec(this.#chosen ?? "")?.[1];
    const isStep = this.#view.value === "steps";
    const contents =
      this.#chosen === undefined
        ? [h("p", {}, "Choose a node: click it, or search for its name."), ...this.#planButton()]
        : isStep
          ? (this.#panel?.step(Number(step ?? 0)) ?? [])
          : (this.#panel?.node(this.#chosen) ?? []);
    this.#details.replaceChildren(...contents);
    if (center && this.#chosen !== undefined) this.#stage?.center(this.#chosen);
    this.#light(false);
  }

  /** A value of the slider's list: in the graph, or the step that writes it. */
  #find(name: string): void {
    const written = this.#lifetimes?.of(name)[0]?.written;
    this.#choose(this.#view.value === "steps" && written !== undefined ? stepKey(written) : name, true);
  }

  /** Lights what is live at the slider's step, or the chosen node and its neighbors. */
  #light(stepping: boolean): void {
    const tones = new Map<string, Tone>();
    const { step } = this.#timeline;
    const plan = this.#lifetimes;
    const isStep = this.#view.value === "steps";
    if (stepping && plan !== undefined) {
      for (const { name, written } of plan.liveAt(step)) tones.set(isStep ? stepKey(written) : name, "live");
      for (const name of isStep ? [stepKey(step)] : (plan.plan.steps[step]?.nodes ?? []))
        tones.set(name, "running");
    } else if (this.#chosen !== undefined) {
      for (const near of this.#scene?.neighbors(this.#chosen) ?? []) tones.set(near, "near");
    }
    if (this.#chosen !== undefined) tones.set(this.#chosen, "chosen");
    this.#stage?.light({ tones, rest: stepping && tones.size > 0 ? "dim" : "plain" });
  }

  #planButton(): HTMLElement[] {
    const { graph, plan } = this.#subject;
    if (graph === undefined || plan !== undefined) return [];
    const make = (): void => this.#try(() => withPlan(this.#subject));
    return [
      h("button", { type: "button", click: make }, "Plan this graph"),
      h("p", {}, "for the reference target, to see buffers and lifetimes"),
    ];
  }

  #connectFiles(): void {
    const picker = find(this.#root, "#inspector-file", HTMLInputElement);
    picker.addEventListener("change", () => void this.#read(picker.files));
    // A file that misses the inspector would be opened in place of the report.
    for (const kind of ["dragover", "drop"] as const)
      document.addEventListener(kind, (event) => event.preventDefault());
    this.#root.addEventListener("dragover", () => this.#root.classList.add("dropping"));
    this.#root.addEventListener("dragleave", () => this.#root.classList.remove("dropping"));
    this.#root.addEventListener("drop", (event) => {
      this.#root.classList.remove("dropping");
      void this.#read(event.dataTransfer?.files ?? null);
    });
  }

  /** Opens files together: a graph and its plan may be dropped at once. */
  async #read(files: FileList | null): Promise<void> {
    const texts = await Promise.all(
      [...(files ?? [])].map(async (file) => ({ name: file.name, text: await file.text() })),
    );
    if (texts.length === 0) return;
    this.#try(() => join(this.#subject, texts.map(readNamed)));
  }

  #try(make: () => Opened): void {
    try {
      this.open(make());
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  #say(text: string): void {
    this.#message.textContent = text;
  }
}

/** @throws Error that names the file. */
function readNamed({ name, text }: { readonly name: string; readonly text: string }): Named {
  try {
    return { name, ...readSubject(text) };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function embedded(id: string): Named[] {
  const text = document.getElementById(`data-${id}`)?.textContent ?? "";
  return text === "" ? [] : [{ name: `the ${id} of the report`, ...readSubject(text) }];
}

const root = find(document, "section.inspector", HTMLElement);
root.hidden = false;
new Inspector(root).open(join({}, [...embedded("graph"), ...embedded("plan")]));
// Paper shows what is folded on a screen.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  fitMath(document);
});
