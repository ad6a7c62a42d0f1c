/**
 * Long work that pauses: carried out at once, or with turns for everybody else in between, so that timers fire and signals are
 * heard. It refuses to run anything beside it.
 */

/** Work that may be left at every `yield`. */
export type Pausing<T> = Generator<undefined, T>;

/** Milliseconds that work may take before it lets others have a turn. */
const longest = 20;

export function atOnce<T>(work: Pausing<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

export async function inTurns<T>(work: Pausing<T>): Promise<T> {
  for (let since = performance.now(); ; ) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - since < longest) continue;
    await new Promise<void>((resolve) => {
      setTimeout(resolve);
    });
    since = performance.now();
  }
}
