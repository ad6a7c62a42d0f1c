// Keeps an event loop alive under steps that never wait. It refuses to know what the items are.

/** Milliseconds of uninterrupted work: a frame. */
const slice = 16;

/** The items, pulled one at a time, with a turn of the event loop between two slices of work. */
export async function* paced<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  let begun = performance.now();
  for (const item of items) {
    if (performance.now() - begun > slice) {
      await turn();
      begun = performance.now();
    }
    yield item;
  }
}

/** The same items to whoever asks next: what stops asking does not end them, and the next goes on where it stopped. */
export function resumable<T>(items: Iterable<T>): Iterable<T> {
  const iterator = items[Symbol.iterator]();
  return { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
}

/** Resolves after other waiting events had their turn; a timer would wait four milliseconds more. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
