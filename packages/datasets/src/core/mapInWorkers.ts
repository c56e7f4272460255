import { ArgumentError, GradloomError } from "@gradloom/backend";
import { nodeModule, runsInNode } from "../files/nodeModule.ts";
import type { DataSource, Dataset } from "./dataset.ts";
import { dataset } from "./dataset.ts";

export interface WorkerOptions {
  /** The module with the function, as `new URL("./decode.js", import.meta.url)`. */
  readonly module: string | URL;
  /** The function's name among the module's exports; `default` by default. */
  readonly name?: string;
  /** Worker threads; 2 by default. */
  readonly workers?: number;
}

/** A data set whose examples are made in worker threads. */
export interface WorkerDataset<U> extends Dataset<U> {
  /** Ends the threads. They do not keep the process alive either way. */
  close(): void;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Thread {
  post(message: unknown): void;
  close(): void;
}

const answer = `async ({ id, example, index }) => {
  try {
    return { id, result: await (await change)(example, index) };
  } catch (error) {
    return { id, error: String(error?.stack ?? error) };
  }
}`;

const find = (module: string, name: string): string => `import(${JSON.stringify(module)}).then((module) => {
  const found = module[${JSON.stringify(name)}];
  if (typeof found !== "function") throw new TypeError("the module exports no function named ${name}");
  return found;
})`;

const nodeSource = (module: string, name: string): string => `
const { parentPort } = require("node:worker_threads");
const change = ${find(module, name)};
change.catch(() => {});
const answer = ${answer};
parentPort.on("message", async (message) => parentPort.postMessage(await answer(message)));`;

const browserSource = (module: string, name: string): string => `
const change = ${find(module, name)};
change.catch(() => {});
const answer = ${answer};
self.onmessage = async ({ data }) => self.postMessage(await answer(data));`;

const startThread = async (
  module: string,
  name: string,
  reply: (message: Reply) => void,
  lost: (reason: string) => void,
): Promise<Thread> => {
  if (runsInNode()) {
    const { Worker } = await nodeModule("node:worker_threads");
    const worker = new Worker(nodeSource(module, name), { eval: true, name: "gradloom-data" });
    // The process stays alive for what is asked, not for a thread that waits.
    let asked = 0;
    worker.unref();
    worker.on("message", (message: Reply) => {
      if (--asked === 0) worker.unref();
      reply(message);
    });
    worker.on("error", (error) => lost(String(error)));
    worker.on("exit", () => lost("the worker has ended"));
    return {
      post: (message) => {
        worker.postMessage(message);
        if (asked++ === 0) worker.ref();
      },
      close: () => void worker.terminate(),
    };
  }
  const url = URL.createObjectURL(new Blob([browserSource(module, name)], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module", name: "gradloom-data" });
  worker.onmessage = ({ data }) => reply(data as Reply);
  worker.onerror = ({ message }) => lost(message);
  return {
    post: (message) => worker.postMessage(message),
    close: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};

/**
 * Applies an expensive function to each example in worker threads, several examples at a time. Examples and results are copied between
 * threads, so they hold numbers, strings, arrays and typed arrays, not tensors.
 *
 * @throws GradloomError, from the example concerned, when the function throws or the module cannot be loaded.
 * @example const decoded = mapInWorkers(files, { module: new URL("./decode.js", import.meta.url), workers: 4 })
 */
export const mapInWorkers = <T, U>(
  from: DataSource<T>,
  { module, name = "default", workers = 2 }: WorkerOptions,
): WorkerDataset<U> => {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new ArgumentError("mapInWorkers", `needs a whole number of workers >= 1, got ${workers}`);
  }
  const waiting = new Map<number, { thread: number; resolve: (value: U) => void; reject: (error: Error) => void }>();
  const threads: (Promise<Thread> | undefined)[] = new Array(workers).fill(undefined);
  let nextId = 0;
  let closed = false;

  const failed = (problem: string): GradloomError => new GradloomError("mapInWorkers", problem);
  const receive = ({ id, result, error }: Reply): void => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(result as U);
    else request?.reject(failed(error));
  };
  const lose = (thread: number, reason: string): void => {
    threads[thread] = undefined;
    for (const [id, request] of waiting) {
      if (request.thread !== thread) continue;
      waiting.delete(id);
      request.reject(failed(reason));
    }
  };
  const get = async (index: number): Promise<U> => {
    const example = await from.get(index);
    if (closed) throw failed("the workers are closed");
    const id = nextId++;
    const thread = id % workers;
    threads[thread] ??= startThread(String(module), name, receive, (reason) => lose(thread, reason));
    const { post } = await threads[thread];
    return new Promise<U>((resolve, reject) => {
      waiting.set(id, { thread, resolve, reject });
      try {
        post({ id, example, index });
      } catch (error) {
        waiting.delete(id);
        reject(failed(`the example cannot be copied to a worker: ${(error as Error).message}`));
      }
    });
  };
  const close = (): void => {
    closed = true;
    for (const [thread, started] of threads.entries()) {
      lose(thread, "the workers are closed");
      void started?.then((each) => each.close());
    }
  };
  return { ...dataset({ length: from.length, get }), close };
};
