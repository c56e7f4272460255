import {
  type Binding,
  contiguousView,
  DeviceError,
  DeviceLostError,
  type MapKernel,
  OutOfMemoryError,
  UnsupportedError,
} from "@gradloom/backend";
import { createWebGpuBackend } from "../src/index.ts";
import { Layouts, WebGpuProgram } from "../src/program.ts";
import { describeOn } from "./support/drivers.ts";

type WebGpuBackend = Awaited<ReturnType<typeof createWebGpuBackend>>;

/** y = x * factor + constant, over `n` elements. */
const scaled = (n: number, constant: number): MapKernel => ({
  kind: "map",
  shape: [n],
  inputs: [{ dtype: "float32", view: contiguousView([n]) }],
  scalars: ["float32"],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "scalar", type: "float32", slot: 0 },
    { op: "mul", type: "float32", args: [0, 1] },
    { op: "constant", type: "float32", value: constant },
    { op: "add", type: "float32", args: [2, 3] },
  ],
  outputs: [{ dtype: "float32", node: 4, strides: [1] }],
});

const place = (backend: WebGpuBackend, bytes: number): Binding => ({ buffer: backend.allocate(bytes), byteOffset: 0 });

const filled = (backend: WebGpuBackend, values: Float32Array): Binding => {
  const binding = place(backend, values.byteLength);
  backend.upload(binding, values);
  return binding;
};

const read = async (backend: WebGpuBackend, binding: Binding, n: number): Promise<Float32Array> =>
  new Float32Array(await backend.download(binding, 4 * n));

const counting = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i % 1000);

describeOn(["lavapipe", "SwiftShader"], (gpu) => {
  let backend: WebGpuBackend;
  beforeEach(async () => {
    backend = await createWebGpuBackend({ gpu });
  });
  afterEach(() => backend.dispose());

  test("a list of commands is one submission, however long", async () => {
    const x = filled(backend, new Float32Array([1, 2, 3, 4]));
    const y = place(backend, 16);
    const program = backend.prepare(scaled(4, 1));
    const before = { ...backend.counters };
    const chain = Array.from({ length: 20 }, (_, i) => ({
      program,
      buffers: i % 2 === 0 ? [x, y] : [y, x],
      scalars: [i % 3],
    }));
    backend.run(chain);
    await backend.synchronize();
    expect(backend.counters).toEqual({ dispatches: before.dispatches + 20, submits: before.submits + 1 });
  });

  test("more workgroups than one dimension of a grid takes", async () => {
    backend.dispose();
    backend = await createWebGpuBackend({ gpu, limits: { groups: 7 } });
    const x = filled(backend, counting(100003));
    const y = place(backend, 400012);
    backend.run([{ program: backend.prepare(scaled(100003, 1)), buffers: [x, y], scalars: [2] }]);
    const result = await read(backend, y, 100003);
    expect(result).toEqual(counting(100003).map((v) => 2 * v + 1));
  });

  test("buffers larger than a binding", async () => {
    backend.dispose();
    backend = await createWebGpuBackend({ gpu, limits: { bindingBytes: 1024 } });
    const n = 700;
    const x = filled(backend, counting(n));
    const y = place(backend, 4 * n);
    backend.run([{ program: backend.prepare(scaled(n, 1)), buffers: [x, y], scalars: [2] }]);
    expect(await read(backend, y, n)).toEqual(counting(n).map((v) => 2 * v + 1));
    const narrow: MapKernel = {
      ...scaled(n, 0),
      inputs: [{ dtype: "uint8", view: { shape: [n], strides: [3], offset: 0, valid: undefined } }],
      scalars: [],
      nodes: [{ op: "load", type: "int32", input: 0 }],
      outputs: [{ dtype: "uint8", node: 0, strides: [3] }],
    };
    const bytes = Uint8Array.from({ length: 3 * n }, (_, i) => i % 251);
    const a = place(backend, 3 * n);
    const b = place(backend, 3 * n);
    backend.upload(a, bytes);
    backend.upload(b, new Uint8Array(3 * n));
    backend.run([{ program: backend.prepare(narrow), buffers: [a, b], scalars: [] }]);
    const got = new Uint8Array(await backend.download(b, 3 * n));
    expect(got).toEqual(bytes.map((v, i) => (i % 3 === 0 ? v : 0)));
  });

  test("memory that was freed is used again", async () => {
    const first = Array.from({ length: 10 }, () => backend.allocate(1000));
    for (const buffer of first) backend.free(buffer);
    const { created } = backend.memory();
    const second = Array.from({ length: 10 }, () => backend.allocate(1001));
    const after = backend.memory();
    expect(after.created).toBe(created);
    expect(after.reused).toBe(10);
    expect(after.idleBytes).toBe(0);
    for (const buffer of second) backend.free(buffer);
    expect(backend.memory()).toMatchObject({ liveBytes: 0, buffers: 0, idleBytes: after.liveBytes });
    expect(() => backend.free(first[0] as Binding["buffer"])).toThrow("freed before");
  });

  test("a request beyond what a buffer holds says what is live", () => {
    backend.allocate(4096);
    expect(() => backend.allocate(2 ** 40)).toThrow(OutOfMemoryError);
    expect(() => backend.allocate(2 ** 40)).toThrow(/no room for 1099511627776 bytes beside 4096 live ones/);
    expect(backend.memory()).toMatchObject({ liveBytes: 4096, buffers: 1 });
  });

  test("kernels that do not compile are named", async () => {
    const shape = [3] as const;
    const program = backend.prepare({
      kind: "custom",
      name: "broken",
      shapes: [shape],
      inputs: [],
      outputs: [{ dtype: "float32", strides: [1] }],
      scalars: [],
      wgsl: { source: "@compute @workgroup_size(1) fn main() { oops }", workgroups: [1, 1, 1] },
    });
    backend.run([{ program, buffers: [place(backend, 12)], scalars: [] }]);
    await expect(backend.synchronize()).rejects.toThrow(/does not compile .*custom kernel broken/);
    // Later work is not harmed.
    const x = filled(backend, new Float32Array([1]));
    const y = place(backend, 4);
    backend.run([{ program: backend.prepare(scaled(1, 1)), buffers: [x, y], scalars: [5] }]);
    expect(await read(backend, y, 1)).toEqual(new Float32Array([6]));
  });

  test("kernels whose code does not load are named", async () => {
    const adapter = (await (gpu as GPU).requestAdapter()) as GPUAdapter;
    const device = await adapter.requestDevice();
    const offline = Promise.reject(new Error("offline"));
    const program = new WebGpuProgram(scaled(4, 1), offline, device, new Layouts(device));
    await program.ready;
    expect(program.fault).toEqual(new DeviceError("webgpu", "there is no code for map kernel [4]: offline"));
    device.destroy();
  });

  test("float64 is refused", () => {
    const kernel = scaled(3, 1);
    const wide: MapKernel = {
      ...kernel,
      inputs: [{ dtype: "float64", view: contiguousView([3]) }],
      nodes: [{ op: "load", type: "float64", input: 0 }],
      scalars: [],
      outputs: [{ dtype: "float64", node: 0, strides: [1] }],
    };
    expect(() => backend.prepare(wide)).toThrow(UnsupportedError);
    expect(() => backend.prepare(wide)).toThrow("[webgpu] it has no float64 memory");
  });

  test("a lost device says so within a second, in what waits and in what comes after", async () => {
    const x = filled(backend, counting(1000));
    const program = backend.prepare(scaled(1000, 1));
    const y = place(backend, 4000);
    backend.run([{ program, buffers: [x, y], scalars: [2] }]);
    const waiting = backend.download(y, 4000);
    const start = performance.now();
    backend.loseDevice();
    await expect(waiting).rejects.toThrow(DeviceLostError);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(backend.lost).toBe(true);
    expect(() => backend.allocate(4)).toThrow(DeviceLostError);
    expect(() => backend.run([{ program, buffers: [x, y], scalars: [2] }])).toThrow("call useDevice again");
    await expect(backend.synchronize()).rejects.toThrow(DeviceLostError);
  });

  test("a disposed device is no longer used", async () => {
    const other = await createWebGpuBackend({ gpu });
    other.dispose();
    expect(other.lost).toBe(true);
    expect(() => other.allocate(4)).toThrow(DeviceError);
  });

  test("times are taken on the device, and without time stamps by the clock", async () => {
    for (const features of [["timestamp-query"], []] as const) {
      const timed = await createWebGpuBackend({ gpu, features });
      const x = filled(timed, counting(100000));
      const y = place(timed, 400000);
      const command = { program: timed.prepare(scaled(100000, 1)), buffers: [x, y], scalars: [2] };
      const times = await timed.time([command, command, command]);
      expect(times).toHaveLength(3);
      for (const ms of times) expect(ms).toBeGreaterThan(0);
      timed.dispose();
    }
  });

  test("without an adapter the error says what to do", async () => {
    const none = { requestAdapter: async () => null };
    await expect(createWebGpuBackend({ gpu: none })).rejects.toThrow(/no GPU adapter; install/);
    await expect(createWebGpuBackend({ gpu, software: false })).rejects.toThrow(/the only GPU adapter is software/);
  });
});
