import { Worker } from "node:worker_threads";

describe("binary data from Node has the constructors tests see", () => {
  test("structuredClone and literals", () => {
    expect(structuredClone(new Float32Array(2))).toBeInstanceOf(Float32Array);
    expect(structuredClone(new Float32Array([1, 2]))).toStrictEqual(new Float32Array([1, 2]));
    expect(new Float32Array([1, 2])).not.toEqual(new Float64Array([1, 2]));
  });

  test("WebAssembly memories", () => {
    expect(new WebAssembly.Memory({ initial: 1 }).buffer).toBeInstanceOf(ArrayBuffer);
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("messages from workers", async () => {
    const worker = new Worker("require('worker_threads').parentPort.postMessage(new Int8Array([1]))", { eval: true });
    const message = await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
    expect(message).toStrictEqual(new Int8Array([1]));
  });

  test("using declarations", () => {
    const freed: string[] = [];
    {
      using resource = { [Symbol.dispose]: () => void freed.push("resource") };
      expect(resource).toBeDefined();
    }
    expect(freed).toEqual(["resource"]);
  });
});
