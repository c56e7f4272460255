import { workerSource } from "./workerSource.ts";

/** What a worker is given when it starts. */
export interface WorkerStart {
  readonly control: Int32Array;
  readonly memory: WebAssembly.Memory;
  readonly index: number;
}

/** A worker of either platform; `worker` is the platform's own. */
export interface WorkerHandle {
  readonly worker: object;
  terminate(): void;
}

interface NodeWorker {
  on(event: "error" | "exit", listener: (value: unknown) => void): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface NodeModules {
  "node:worker_threads": {
    Worker: new (
      source: string,
      options: { eval: boolean; workerData: WorkerStart; name: string; execArgv: string[] },
    ) => NodeWorker;
  };
  "node:os": { availableParallelism(): number };
}

/** One of Node's own modules, without an import that bundlers for browsers would follow; undefined elsewhere (and before Node 20.16). */
const nodeModule = <K extends keyof NodeModules>(name: K): NodeModules[K] | undefined => {
  const node = (globalThis as { process?: { getBuiltinModule?: (name: K) => NodeModules[K] } }).process;
  return node?.getBuiltinModule?.(name);
};

/** Threads that this machine can run at once. */
export const availableThreads = (): number =>
  nodeModule("node:os")?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;

/**
 * Starts a worker that does not keep the process alive; undefined where there are none. `lost` hears when it ends without being asked to.
 * A browser's worker that may not start (content security policy) just never takes part.
 */
export const startWorker = (start: WorkerStart, lost: (reason: string) => void): WorkerHandle | undefined => {
  const node = nodeModule("node:worker_threads");
  if (node !== undefined) return startNodeWorker(node, start, lost);
  if (typeof Worker !== "function" || typeof Blob !== "function") return undefined;
  try {
    const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    const worker = new Worker(url, { name: "gradloom-cpu" });
    worker.postMessage(start);
    return {
      worker,
      terminate: () => {
        worker.terminate();
        URL.revokeObjectURL(url);
      },
    };
  } catch {
    return undefined;
  }
};

const startNodeWorker = (
  { Worker: NodeWorker }: NodeModules["node:worker_threads"],
  workerData: WorkerStart,
  lost: (reason: string) => void,
): WorkerHandle => {
  // Without the parent's flags: a loader or --input-type would only slow down or break a script that needs none.
  const worker = new NodeWorker(workerSource, { eval: true, workerData, name: "gradloom-cpu", execArgv: [] });
  let ending = false;
  worker.on("error", (error) => lost(`worker ${workerData.index} failed: ${error}`));
  worker.on("exit", () => {
    if (!ending) lost(`worker ${workerData.index} has ended`);
  });
  worker.unref();
  return {
    worker,
    terminate: () => {
      ending = true;
      void worker.terminate();
    },
  };
};
