// What jax-js expects of its platform and Node lacks, as far as it uses it.
import { resolveObjectURL } from "node:buffer";
import { Worker as Thread } from "node:worker_threads";

const prelude = `const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => self.onmessage({ data }));
`;

/** Iterator helpers, which Node has from version 22 on. */
export const provideIteratorHelpers = () => {
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  iterators.map ??= function* (fn) {
    for (const value of this) yield fn(value);
  };
  iterators.filter ??= function* (fn) {
    for (const value of this) if (fn(value)) yield value;
  };
};

/** Web workers over worker threads: makes `Worker` and the number of cores known to programs. */
export const provideWorkers = (threads) => {
  const inherited = globalThis.navigator;
  Object.defineProperty(globalThis, "navigator", {
    value: Object.create(inherited ?? null, { hardwareConcurrency: { value: threads } }),
    configurable: true,
  });
  globalThis.Worker = class {
    onmessage = () => {};
    onerror = () => {};
    #thread;

    constructor(url) {
      this.#thread = resolveObjectURL(url)
        .text()
        .then((source) => {
          const thread = new Thread(prelude + source, { eval: true });
          thread.on("message", (data) => this.onmessage({ data }));
          thread.on("error", (error) => this.onerror(error));
          return thread;
        });
    }

    postMessage(message) {
      this.#thread.then((thread) => thread.postMessage(message));
    }
  };
};
