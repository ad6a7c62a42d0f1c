/** Workers as Node and browsers have them, behind one face. */

import { builtin } from "./host.js";
import { crewSource } from "./sources.js";

export interface CrewWorker {
  send(message: unknown): void;
  /** Keeps the process alive while true. */
  hold(on: boolean): void;
  end(): void;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: string, listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
  terminate(): unknown;
}

type NodeWorkerClass = new (source: string, options: object) => NodeWorker;

function isNodeWorkerClass(value: unknown): value is NodeWorkerClass {
  return typeof value === "function";
}

/** Starts a worker; `answered` is called for each answer, `failed` when it cannot run. @throws where there are none. */
export function spawn(answered: () => void, failed: (reason: string) => void): CrewWorker {
  const nodeClass = builtin("node:worker_threads")?.["Worker"];
  return isNodeWorkerClass(nodeClass)
    ? spawnInNode(nodeClass, answered, failed)
    : spawnInBrowser(answered, failed);
}

function spawnInNode(
  Class: NodeWorkerClass,
  answered: () => void,
  failed: (reason: string) => void,
): CrewWorker {
  const worker = new Class(crewSource, { eval: true, execArgv: [] });
  worker.on("message", answered);
  worker.on("error", (error) => failed(String(error)));
  worker.on("exit", () => failed("a worker has ended"));
  worker.unref();
  return {
    send: (message) => worker.postMessage(message),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    end: () => {
      worker.terminate();
    },
  };
}

function spawnInBrowser(answered: () => void, failed: (reason: string) => void): CrewWorker {
  const url = URL.createObjectURL(new Blob([crewSource], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = answered;
  // Where a policy forbids the worker there is an event without a message.
  worker.onerror = ({ message }: { message?: string }) => failed(message ?? "the worker was refused");
  return {
    send: (message) => worker.postMessage(message),
    hold: () => undefined,
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
