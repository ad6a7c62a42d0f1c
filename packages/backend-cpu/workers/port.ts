/** The messages of a worker, in Node and in browsers. */

import { builtin } from "../src/engine/host.js";

interface NodePort {
  on(event: "message", listener: (message: never) => void): void;
  postMessage(message: unknown): void;
}

function isNodePort(value: unknown): value is NodePort {
  return typeof value === "object" && value !== null && "on" in value && "postMessage" in value;
}

/** Calls `handle` for every message to this worker; the sender sends nothing but messages of its type. */
export function receive<Message>(handle: (message: Message, answer: () => void) => void): void {
  const port = builtin("node:worker_threads")?.["parentPort"];
  if (isNodePort(port))
    port.on("message", (message: Message) => handle(message, () => port.postMessage(null)));
  else {
    addEventListener("message", ({ data }: MessageEvent<Message>) => handle(data, () => postMessage(null)));
  }
}
