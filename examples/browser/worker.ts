// The worker: turns commands into trainings, one at a time, and posts their messages, while the page stays free to draw.

import { fromEvent, of, switchMap } from "rxjs";
import type { Command, Message } from "./messages.js";
import { training } from "./trainer.js";

const stopped: Message = { type: "stopped" };

fromEvent<MessageEvent<Command>>(self, "message")
  .pipe(switchMap(({ data }) => (data.type === "start" ? training(data) : of(stopped))))
  .subscribe((message) => self.postMessage(message));
