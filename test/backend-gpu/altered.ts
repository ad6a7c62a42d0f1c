/** A device that is another's in all but what a test changes. */

import type { WebGpuDevice } from "@adjoint/backend-gpu";

/** `change` gets every property, methods as functions of the device itself, and says what it is here. */
export function altered(
  device: WebGpuDevice,
  change: (key: PropertyKey, value: unknown) => unknown,
): WebGpuDevice {
  return new Proxy(device, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== "function") return change(key, value);
      return change(key, (...list: unknown[]): unknown => Reflect.apply(value, object, list));
    },
  });
}

/** The same device with other limits. */
export function limited(device: WebGpuDevice, limits: Readonly<Record<string, number>>): WebGpuDevice {
  return altered(device, (key, value) => {
    if (key !== "limits" || typeof value !== "object" || value === null) return value;
    return new Proxy(value, {
      get: (all, limit) =>
        (typeof limit === "string" ? limits[limit] : undefined) ?? Reflect.get(all, limit, all),
    });
  });
}
