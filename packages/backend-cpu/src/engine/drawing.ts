/**
 * Draws initial values in a worker, while the calling thread does something else. The worker is there as long as something is to
 * be drawn; without one, or where it ends, the calling thread draws by itself. It refuses to know what the values are for.
 */

import { sizeOf } from "@adjoint/core";
import { type HostArray, initialValue, type ParameterSlot } from "@adjoint/scheduler/plan";
import { drawSource } from "./sources.js";
import { type CrewWorker, spawn } from "./spawn.js";

/** Elements from which on another thread is worth asking. */
const worthSending = 4096;

interface Request {
  readonly slot: ParameterSlot;
  readonly settle: (value: () => HostArray) => void;
}

export class Drawing {
  #worker: CrewWorker | undefined;
  /** In the order of the answers to come. */
  #requests: Request[] = [];

  async draw(slot: ParameterSlot): Promise<HostArray> {
    if (slot.initializer.kind === "constant" || sizeOf(slot.shape) < worthSending) return initialValue(slot);
    try {
      this.#worker ??= this.#start();
    } catch {
      return initialValue(slot);
    }
    this.#worker.send(slot);
    return new Promise((resolve, reject) => {
      const settle = (value: () => HostArray): void => {
        try {
          resolve(value());
        } catch (error) {
          reject(error);
        }
      };
      this.#requests.push({ slot, settle });
    });
  }

  #start(): CrewWorker {
    const worker: CrewWorker = spawn(
      drawSource,
      (answer) => this.#answered(answer),
      () => {
        if (worker === this.#worker) this.#drawHere();
      },
    );
    worker.hold(true);
    return worker;
  }

  #answered(answer: unknown): void {
    const request = this.#requests.shift();
    request?.settle(() => (isHostArray(answer) ? answer : initialValue(request.slot)));
    if (this.#requests.length === 0) this.#end();
  }

  #drawHere(): void {
    const requests = this.#requests;
    this.#end();
    for (const { slot, settle } of requests) settle(() => initialValue(slot));
  }

  #end(): void {
    this.#requests = [];
    this.#worker?.hold(false);
    this.#worker?.end();
    this.#worker = undefined;
  }
}

function isHostArray(value: unknown): value is HostArray {
  const kinds = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint16Array, Uint8Array];
  return kinds.some((kind) => value instanceof kind);
}
