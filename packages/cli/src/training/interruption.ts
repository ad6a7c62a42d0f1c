/** Ctrl-C and its like as a request: what runs sees it between two steps. It refuses to end the process. */

import { constants } from "node:os";
import process from "node:process";

const signals = ["SIGINT", "SIGTERM"] as const;

export interface Interruption extends Disposable {
  /** The exit status of the signal that came; undefined while none has. */
  readonly status: number | undefined;
}

/** Listens until disposed of. The first signal is a request, told to `onRequest`; the next one ends the process as ever. */
export function interruption(onRequest: () => void): Interruption {
  let status: number | undefined;
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      status = 128 + constants.signals[signal];
      stop();
      onRequest();
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  const stop = (): void => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
  return {
    get status() {
      return status;
    },
    [Symbol.dispose]: stop,
  };
}
