// What the user asks for: settings, files and the two buttons, as a stream of commands.

import type { Settings } from "examples/textbook-mlp/model.js";
import { BehaviorSubject, fromEvent, map, merge, type Observable, tap } from "rxjs";
import { type Command, choices } from "../messages.js";
import { element, setText } from "./page.js";

const fixed = { activation: "relu", lambda: 1e-4, seed: 1 } as const;

/** Every command that the user gives. */
export function commands(): Observable<Command> {
  const form = element("settings", HTMLFormElement);
  const files = chosenFiles();
  const start = fromEvent(form, "submit").pipe(
    tap((event) => event.preventDefault()),
    map((): Command => {
      const data = new FormData(form);
      const choice = choices.find((known) => known === data.get("choice")) ?? "cpu";
      const epochs = Number(data.get("epochs"));
      return { type: "start", settings: settingsOf(data), choice, epochs, files: files.value };
    }),
  );
  const stop = fromEvent(element("stop", HTMLButtonElement), "click").pipe(
    map((): Command => ({ type: "stop" })),
  );
  return merge(start, stop);
}

function settingsOf(data: FormData): Settings {
  const number = (name: string): number => Number(data.get(name));
  return { ...fixed, batch: number("batch"), hidden: number("hidden"), learningRate: number("learningRate") };
}

/** The files that are chosen or dropped; none for drawn digits. */
function chosenFiles(): BehaviorSubject<readonly File[]> {
  const chosen = new BehaviorSubject<readonly File[]>([]);
  const picker = element("files", HTMLInputElement);
  const drawn = element("drawn", HTMLButtonElement);
  const drop = element("drop", HTMLElement);
  const about = element("data", HTMLElement);
  fromEvent(picker, "change").subscribe(() => chosen.next([...(picker.files ?? [])]));
  fromEvent(drawn, "click").subscribe(() => {
    picker.value = "";
    chosen.next([]);
  });
  fromEvent<DragEvent>(drop, "dragover").subscribe((event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  fromEvent(drop, "dragleave").subscribe(() => drop.classList.remove("over"));
  fromEvent<DragEvent>(drop, "drop").subscribe((event) => {
    event.preventDefault();
    drop.classList.remove("over");
    chosen.next([...(event.dataTransfer?.files ?? [])]);
  });
  chosen.subscribe((list) => {
    drawn.hidden = list.length === 0;
    const names = list.map(({ name }) => name).join(", ");
    setText(
      about,
      list.length === 0 ? "Trains on digits that the page draws itself." : `Trains on ${names}.`,
    );
  });
  return chosen;
}
