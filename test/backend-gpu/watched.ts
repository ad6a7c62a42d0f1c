/** A GPU whose devices count what is asked of them, and keep the text of their shaders. */

import type { WebGpu } from "@adjoint/backend-gpu";

/** What tests need of a device beside what the backend does with it. */
export interface WatchedDevice {
  readonly features: Iterable<unknown>;
  destroy(): void;
}

export class WatchedGpu implements WebGpu {
  readonly devices: WatchedDevice[] = [];
  readonly counts = new Map<string, number>();
  readonly shaders: string[] = [];
  /** Of the last device. */
  features: ReadonlySet<unknown> = new Set();
  readonly #gpu: WebGpu;

  constructor(gpu: WebGpu) {
    this.#gpu = gpu;
  }

  /** How often a method of a device, its queue or an encoder was called since the last `reset`. */
  count(method: string): number {
    return this.counts.get(method) ?? 0;
  }

  reset(): void {
    this.counts.clear();
    this.shaders.length = 0;
  }

  async requestAdapter(...options: never[]): Promise<unknown> {
    const adapter = await this.#gpu.requestAdapter(...options);
    if (!isObject(adapter)) return adapter;
    return this.#wrap(adapter, async (method, result) => {
      const device = await result;
      if (method !== "requestDevice" || !isDevice(device)) return device;
      this.devices.push(device);
      this.features = new Set(device.features);
      return this.#watch(device);
    });
  }

  /** Everything goes to the object itself; calls are counted, and what they give is passed through `give`. */
  #wrap(target: object, give: (method: string, result: unknown) => unknown): unknown {
    return new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key, object);
        if (key === "queue" && isObject(value)) return this.#wrap(value, (_, result) => result);
        if (typeof value !== "function" || typeof key !== "string") return value;
        return (...list: unknown[]) => {
          this.counts.set(key, this.count(key) + 1);
          if (key === "createShaderModule") this.shaders.push(...list.flatMap(codeOf));
          return give(key, Reflect.apply(value, object, list));
        };
      },
    });
  }

  #watch(device: object): unknown {
    return this.#wrap(device, (_, result) => result);
  }
}

function codeOf(descriptor: unknown): string[] {
  return isObject(descriptor) && "code" in descriptor ? [String(descriptor.code)] : [];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isDevice(value: unknown): value is WatchedDevice & object {
  return isObject(value) && "destroy" in value && "features" in value && typeof value.destroy === "function";
}
