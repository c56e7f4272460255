/** One turn of the event loop. Browsers make timers wait 4 ms, and let `scheduler.yield` go ahead of messages that came before. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

/** Lets timers, signals and the screen have their turn, but at most every 50 ms. */
export const breather = (): (() => Promise<void>) => {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await turn();
    last = performance.now();
  };
};
