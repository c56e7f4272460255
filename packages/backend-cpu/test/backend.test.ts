import {
  ArgumentError,
  contiguousView,
  DeviceError,
  DeviceLostError,
  type MapKernel,
  UnsupportedError,
} from "@gradloom/backend";
import { createCpuBackend } from "../src/index.ts";

const doubled = (n: number): MapKernel => ({
  kind: "map",
  shape: [n],
  inputs: [{ dtype: "float32", view: contiguousView([n]) }],
  scalars: ["float32"],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "scalar", type: "float32", slot: 0 },
    { op: "mul", type: "float32", args: [0, 1] },
  ],
  outputs: [{ dtype: "float32", node: 2, strides: [1] }],
});

describe("CPU backend", () => {
  test("runs a kernel, on a fresh memory that grows, with scalars that change", () => {
    const backend = createCpuBackend({ threads: 2 });
    const n = 1 << 20;
    const buffers = [0, 1].map(() => ({ buffer: backend.allocate(4 * n), byteOffset: 0 }));
    const program = backend.prepare(doubled(n));
    const data = Float32Array.from({ length: n }, (_, i) => i);
    for (const factor of [2, 3]) {
      backend.upload(buffers[0] as (typeof buffers)[number], data);
      backend.run([{ program, buffers, scalars: [factor] }]);
      backend.allocate(1 << 24);
      const bytes = backend.downloadSync?.(buffers[1] as (typeof buffers)[number], 4 * n) as ArrayBuffer;
      expect(new Float32Array(bytes)[n - 1]).toBe(factor * (n - 1));
    }
    expect(backend.programs).toBe(1);
    expect(backend.prepare(doubled(n))).toBe(program);
    backend.dispose();
  });

  test("refuses what does not fit", () => {
    const backend = createCpuBackend({ threads: 1 });
    const other = createCpuBackend({ threads: 1 });
    const program = backend.prepare(doubled(100));
    const bind = (device = backend, bytes = 400, byteOffset = 0) => ({ buffer: device.allocate(bytes), byteOffset });
    const run = (...buffers: ReturnType<typeof bind>[]) => backend.run([{ program, buffers, scalars: [1] }]);
    run(bind(), bind());
    expect(() => run(bind(), bind(other))).toThrow("[cpu] the buffer belongs to another device");
    expect(() => run(bind(), bind(backend, 396))).toThrow("[cpu] bytes 0 to 400 lie outside a buffer of 396 bytes");
    expect(() => run(bind(), bind(backend, 400, 64))).toThrow(ArgumentError);
    expect(() => run(bind())).toThrow("[cpu] a map kernel takes 2 buffers and 1 scalars, got 1 and 1");
    const gone = bind();
    backend.free(gone.buffer);
    backend.free(gone.buffer);
    expect(() => run(gone, bind())).toThrow("[cpu] the buffer was freed before");
    expect(() => other.run([{ program, buffers: [bind(other), bind(other)], scalars: [1] }])).toThrow(
      "[cpu] the program was prepared by another device",
    );
    expect(() => backend.allocate(-1)).toThrow(ArgumentError);
    other.dispose();
    expect(() => other.allocate(4)).toThrow(DeviceError);
    expect(() => other.run([])).toThrow("[cpu] the device was disposed before; make a new one");
  });

  test("says why it cannot run a kernel", () => {
    const backend = createCpuBackend({ threads: 1 });
    const kernel = {
      kind: "custom",
      name: "mine",
      shapes: [[1]],
      inputs: [],
      scalars: [],
      outputs: [{ dtype: "float32", strides: [1] }],
    } as const;
    expect(backend.unsupported(kernel)).toBe("kernel mine has no host code");
    expect(() => backend.prepare(kernel)).toThrow(UnsupportedError);
  });

  test("a lost worker loses the device", async () => {
    const backend = createCpuBackend({ threads: 2, parallelFrom: 0 });
    const program = backend.prepare(doubled(1 << 16));
    const buffers = [0, 1].map(() => ({ buffer: backend.allocate(4 << 16), byteOffset: 0 }));
    const command = { program, buffers, scalars: [1] };
    backend.run([command]);
    const { pool } = backend as unknown as { pool: { workers: { worker: { terminate(): Promise<number> } }[] } };
    await pool.workers[0]?.worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => backend.run([command])).toThrow(DeviceLostError);
    await expect(backend.synchronize()).rejects.toThrow(DeviceLostError);
    backend.dispose();
  });

  test("scratch memory gives way to buffers", () => {
    const n = 512;
    const view = contiguousView([n, n]);
    const input = { dtype: "float32", view } as const;
    // 1 MiB each for two inputs, the result, and the packed right matrix; a fourth buffer takes the place of the last.
    const backend = createCpuBackend({ threads: 1, maxBytes: 9 << 19 });
    const program = backend.prepare({
      kind: "matmul",
      shape: [n, n],
      inputs: [input, input],
      scalars: [],
      nodes: [{ op: "accumulator", type: "float32" }],
      outputs: [{ dtype: "float32", node: 0, strides: [n, 1] }],
    });
    const buffers = [0, 1, 2].map(() => ({ buffer: backend.allocate(4 * n * n), byteOffset: 0 }));
    backend.run([{ program, buffers, scalars: [] }]);
    const fourth = backend.allocate(4 * n * n);
    expect(() => backend.run([{ program, buffers, scalars: [] }])).toThrow("[cpu] no room for");
    backend.free(fourth);
    backend.run([{ program, buffers, scalars: [] }]);
    expect(backend.memory()).toEqual({ liveBytes: 3 << 20, peakBytes: 4 << 20, buffers: 3 });
  });
});
