/** The messages of a worker, in Node and in browsers. */

import { builtin } from "../src/engine/host.js";

/** Answers with something or nothing, giving away buffers of it. */
export type Answer = (answer?: unknown, transfer?: ArrayBuffer[]) => void;

interface NodePort {
  on(event: "message", listener: (message: never) => void): void;
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
}

function isNodePort(value: unknown): value is NodePort {
  return typeof value === "object" && value !== null && "on" in value && "postMessage" in value;
}

/** Calls `handle` for every message to this worker; the sender sends nothing but messages of its type. */
export function receive<Message>(handle: (message: Message, answer: Answer) => void): void {
  const port = builtin("node:worker_threads")?.["parentPort"];
  if (isNodePort(port)) {
    port.on("message", (message: Message) => handle(message, (...answer) => port.postMessage(...answer)));
  } else {
    addEventListener("message", ({ data }: MessageEvent<Message>) =>
      handle(data, (answer, transfer = []) => postMessage(answer, { transfer })),
    );
  }
}
