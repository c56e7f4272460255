import { execFileSync } from "node:child_process";
import { DeviceLostError } from "@gradloom/backend";
import type { PhaseFunction } from "../src/threads/pool.ts";
import { type Job, ThreadPool } from "../src/threads/pool.ts";
import { workerSource } from "../src/threads/workerSource.ts";
import { ModuleBuilder } from "../src/wasm/module.ts";
import { i32 } from "../src/wasm/numeric.ts";

const units = 4000;
const base = 4096;
const codeAddress = 1 << 18;
const threadAddress = 1 << 17;

/** A memory and a job that adds 1 to one word per unit, and counts units in the thread's own memory; `trap` fails instead. */
const makeJob = (trap = false) => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  const module = new ModuleBuilder({ shared: true, maxPages: 16 });
  module.add("phase", ["i32", "i32", "i32", "i32"], [], (f, args, begin, end, own) => {
    const unit = f.local("i32", begin);
    f.while(
      () => i32.ltS(unit, end),
      () => {
        const address = f.local("i32", i32.add(args, i32.shl(unit, 2)));
        if (trap) f.set(address, i32.const(-4));
        f.store(address, i32.add(i32.load(address), i32.const(1)));
        f.store(own, i32.add(i32.load(own), i32.const(1)));
        f.increment(unit, 1);
        // Enough to do that others get a share.
        const busy = f.local("i32");
        f.loop(busy, 0, 2000, 1, () => {});
      },
    );
  });
  const code = module.toBytes();
  new Uint8Array(memory.buffer).set(code, codeAddress);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const job: Job = {
    program: 0,
    codeAddress,
    codeBytes: code.length,
    phase: 0,
    run: instance.exports.phase as PhaseFunction,
    units,
    cost: 1e7,
    args: base,
    threadAddress,
    threadBytes: 64,
  };
  return { memory, job, words: new Int32Array(memory.buffer) };
};

describe("thread pool", () => {
  test.each([2, 3, 8])("%d threads do every unit once, again and again", async (threads) => {
    const { memory, job, words } = makeJob();
    const pool = new ThreadPool(threads, memory, 30000);
    const rounds = 200;
    for (let i = 0; i < rounds; i++) {
      pool.run(job);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(words.subarray(base / 4, base / 4 + units).every((count) => count === rounds)).toBe(true);
    const shares = Array.from({ length: threads }, (_, i) => words[(threadAddress + 64 * i) / 4] as number);
    expect(shares.reduce((a, b) => a + b)).toBe(rounds * units);
    expect(shares.slice(1).some((share) => share > 0)).toBe(true);
    pool.dispose();
  });

  test("another program with another phase", () => {
    const { memory, job } = makeJob();
    const pool = new ThreadPool(2, memory, 30000);
    for (let program = 0; program < 20; program++) pool.run({ ...job, program });
    expect(() => pool.check()).not.toThrow();
    pool.dispose();
  });

  test("code in memory that has just grown", () => {
    const { job } = makeJob();
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 2000, shared: true });
    const module = new ModuleBuilder({ shared: true, maxPages: 2000 });
    module.add("phase", ["i32", "i32", "i32", "i32"], [], (f, args, begin) => {
      f.store(args, begin);
      const busy = f.local("i32");
      f.loop(busy, 0, 20000, 1, () => {});
    });
    const code = module.toBytes();
    const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
    const pool = new ThreadPool(2, memory, 30000);
    for (let program = 0; program < 300; program++) {
      const codeAddress = memory.buffer.byteLength + 4096;
      memory.grow(5);
      new Uint8Array(memory.buffer).set(code, codeAddress);
      const run = instance.exports.phase as PhaseFunction;
      pool.run({ ...job, program, codeAddress, codeBytes: code.length, run, units: 40 });
    }
    expect(() => pool.check()).not.toThrow();
    pool.dispose();
  });

  test("a kernel that traps is an error, and the next job is refused when a worker was hit", () => {
    const { memory, job } = makeJob(true);
    const pool = new ThreadPool(2, memory, 30000);
    expect(() => pool.run(job)).toThrow();
    pool.dispose();
  });

  test("a worker that dies is a DeviceLostError at the next job", async () => {
    const { memory, job } = makeJob();
    const pool = new ThreadPool(3, memory, 30000);
    pool.run(job);
    const [worker] = (pool as unknown as { workers: { worker: { terminate(): Promise<number> } }[] }).workers;
    await worker?.worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => pool.run(job)).toThrow(DeviceLostError);
    expect(() => pool.run(job)).toThrow("[cpu] worker 1 has ended; make a new device");
    pool.dispose();
  });

  test("a worker that stops in the middle of a kernel does not hang the rest", () => {
    const { memory, job } = makeJob();
    const pool = new ThreadPool(2, memory, 200);
    const { control } = pool as unknown as { control: Int32Array };
    // As if a worker had entered and never left.
    const run: PhaseFunction = (...args) => {
      job.run(...args);
      if (args[1] === 0) Atomics.add(control, 32, 1);
    };
    expect(() => pool.run({ ...job, run, cost: 1000 })).toThrow("a worker has stopped in the middle of a kernel");
    expect(() => pool.check()).toThrow(DeviceLostError);
    pool.dispose();
  });

  test("a process that used all threads ends by itself", () => {
    const script = `
      const { createCpuBackend } = require("./packages/backend-cpu/src/index.ts");
      const backend = createCpuBackend({ threads: 3, parallelFrom: 0 });
      const view = { shape: [300, 300], strides: [300, 1], offset: 0, valid: undefined };
      const input = { dtype: "float32", view };
      const nodes = [{ op: "accumulator", type: "float32" }];
      const outputs = [{ dtype: "float32", node: 0, strides: [300, 1] }];
      const program = backend.prepare({ kind: "matmul", shape: [300, 300], inputs: [input, input], scalars: [], nodes, outputs });
      const buffers = [0, 1, 2].map(() => ({ buffer: backend.allocate(360000), byteOffset: 0 }));
      for (let i = 0; i < 20; i++) backend.run([{ program, buffers, scalars: [] }]);
      console.log("done");`;
    const options = { encoding: "utf8", timeout: 25000 } as const;
    expect(execFileSync(process.execPath, ["--import", "tsx", "-e", script], options)).toBe("done\n");
  });

  test("workers never keep a process alive", () => {
    const script = `
      const { Worker } = require("node:worker_threads");
      const control = new Int32Array(new SharedArrayBuffer(2048));
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const worker = new Worker(${JSON.stringify(workerSource)}, { eval: true, workerData: { control, memory, index: 1 } });
      worker.unref();
      setTimeout(() => console.log("asleep", Atomics.load(control, 16)), 400);`;
    expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8", timeout: 20000 })).toBe("asleep 1\n");
  });
});
