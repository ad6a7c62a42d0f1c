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
  const turn = turns();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    const others = turn();
    if (others !== undefined) await others;
  }
}

/** To be called now and then: where work has taken long since others had their turn, resolves when they have had another. */
export function turns(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < longest) return undefined;
    return new Promise<void>((resolve) => {
      setTimeout(resolve);
    }).then(() => {
      since = performance.now();
    });
  };
}
