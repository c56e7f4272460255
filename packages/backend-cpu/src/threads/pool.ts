import { DeviceLostError } from "@gradloom/backend";
import { controlWords, gateOpen, insideMask, jobShift, word } from "./control.ts";
import { startWorker, type WorkerHandle } from "./startWorker.ts";

/** `(args, begin, end, address of the thread's own memory)` */
export type PhaseFunction = (args: number, begin: number, end: number, own: number) => void;

/** One phase of one program, as workers know it. */
export interface Job {
  /** Number of the program. */
  readonly program: number;
  /** Where the program's module lies in the memory. */
  readonly codeAddress: number;
  readonly codeBytes: number;
  /** Position of the phase's function among the module's exports. */
  readonly phase: number;
  readonly run: PhaseFunction;
  readonly units: number;
  readonly cost: number;
  readonly args: number;
  /** Thread `i` has `threadBytes` of its own at `threadAddress + i * threadBytes`; the main thread is 0. */
  readonly threadAddress: number;
  readonly threadBytes: number;
}

/** Chunks per thread, so that a thread that was slow or late leaves its share to others. */
const chunksPerThread = 8;
/** Chunks are not made shorter than this (nanoseconds), or taking them would cost more than it evens out. */
const leastChunk = 4000;
const jobNumbers = 2 ** 22;
/** Rounds that the main thread looks for the last worker to leave before it sleeps. */
const spins = 20000;
const napMilliseconds = 20;

const { load, store, add, and, wait, notify } = Atomics;

/** The worker threads of one backend and the main thread, working together on one phase at a time. */
export class ThreadPool {
  readonly threads: number;
  private readonly memory: WebAssembly.Memory;
  private readonly patience: number;
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * controlWords));
  private workers: (WorkerHandle | undefined)[] | undefined;
  private job = 0;
  private lost: string | undefined;
  private readonly mayWait: boolean;

  /** `patience`: milliseconds without any progress after which a worker that is inside a job counts as dead. */
  constructor(threads: number, memory: WebAssembly.Memory, patience: number) {
    this.threads = threads;
    this.memory = memory;
    this.patience = patience;
    this.mayWait = mayWait();
  }

  /** Refuses when a worker has died. */
  check(): void {
    if (this.lost === undefined) return;
    throw new DeviceLostError("cpu", this.lost, "make a new device; tensors on this one are gone");
  }

  /** Runs all units; returns when they are done. */
  run(job: Job): void {
    this.workers ??= this.start();
    const { control } = this;
    const { units } = job;
    const chunk = Math.ceil(
      Math.max(
        units / (this.threads * chunksPerThread),
        Math.min(units / this.threads, (units * leastChunk) / job.cost),
      ),
    );
    control[word.program] = job.program;
    control[word.codeAddress] = job.codeAddress;
    control[word.codeBytes] = job.codeBytes;
    control[word.phase] = job.phase;
    control[word.args] = job.args;
    control[word.units] = units;
    control[word.chunk] = chunk;
    control[word.threadAddress] = job.threadAddress;
    control[word.threadBytes] = job.threadBytes;
    this.job = (this.job + 1) % jobNumbers;
    store(control, word.next, 0);
    store(control, word.gate, (this.job << jobShift) | gateOpen);
    add(control, word.epoch, 1);
    if (load(control, word.sleepers) > 0) notify(control, word.epoch);
    try {
      for (;;) {
        const begin = add(control, word.next, chunk);
        if (begin < 0 || begin >= units) break;
        job.run(job.args, begin, Math.min(begin + chunk, units), job.threadAddress);
      }
    } catch (error) {
      store(control, word.next, units);
      throw error;
    } finally {
      this.close(job.cost);
    }
    if (load(control, word.failed) !== 0) {
      const characters = control.subarray(word.text + 1, word.text + 1 + (control[word.text] as number));
      this.lost ??= `a worker failed: ${String.fromCharCode(...characters)}`;
    }
    this.check();
  }

  dispose(): void {
    store(this.control, word.stop, 1);
    add(this.control, word.epoch, 1);
    notify(this.control, word.epoch);
    for (const worker of this.workers ?? []) worker?.terminate();
    this.workers = [];
  }

  private start(): (WorkerHandle | undefined)[] {
    const { control, memory } = this;
    return Array.from({ length: this.threads - 1 }, (_, i) =>
      startWorker({ control, memory, index: i + 1 }, (reason) => {
        this.lost ??= reason;
      }),
    );
  }

  /** Lets nobody in any more and waits for those inside. */
  private close(cost: number): void {
    const { control } = this;
    and(control, word.gate, ~gateOpen);
    for (let spin = 0; spin < spins; spin++) if ((load(control, word.gate) & insideMask) === 0) return;
    store(control, word.waiting, 1);
    try {
      this.waitForWorkers(this.patience + (20 * cost) / 1e6);
    } finally {
      store(control, word.waiting, 0);
    }
  }

  /** Counts short naps, not the clock, so that a process that was stopped for an hour does not lose its workers. */
  private waitForWorkers(patience: number): void {
    const { control } = this;
    let progress = -1;
    let idle = 0;
    for (;;) {
      const gate = load(control, word.gate);
      if ((gate & insideMask) === 0) return;
      this.nap(gate);
      const now = load(control, word.progress);
      idle = now === progress ? idle + napMilliseconds : 0;
      progress = now;
      if (idle > patience) {
        this.lost ??= `a worker has stopped in the middle of a kernel`;
        return;
      }
    }
  }

  private nap(gate: number): void {
    if (this.mayWait) {
      wait(this.control, word.gate, gate, napMilliseconds);
      return;
    }
    const end = performance.now() + napMilliseconds;
    while (load(this.control, word.gate) === gate && performance.now() < end);
  }
}

/** Not on a browser's main thread. */
const mayWait = (): boolean => {
  try {
    wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
};
