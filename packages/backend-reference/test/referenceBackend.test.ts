import type { Binding, Kernel, MapKernel } from "@gradloom/backend";
import {
  ArgumentError,
  contiguousView,
  DeviceError,
  GradloomError,
  OutOfMemoryError,
  UnsupportedError,
} from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";

type Device = ReturnType<typeof createReferenceBackend>;

/** y = -x over `size` elements. */
const negate = (size: number, over?: number): MapKernel => ({
  kind: "map",
  shape: [size],
  inputs: [{ dtype: "float32", view: contiguousView([size]) }],
  scalars: [],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "neg", type: "float32", args: [0] },
  ],
  outputs: [{ dtype: "float32", node: 1, strides: [1], ...(over === undefined ? {} : { over }) }],
});

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "accepted";
};

const place = (device: Device, bytes: number, byteOffset = 0): Binding => ({
  buffer: device.allocate(bytes),
  byteOffset,
});

test("freed memory is not used again", async () => {
  const device = createReferenceBackend();
  const [x, y] = [place(device, 16), place(device, 16)];
  const program = device.prepare(negate(4));
  device.free(x.buffer);
  const text = "ArgumentError: [reference] this buffer was freed before, or is of another device";
  expect(refusal(() => device.run([{ program, buffers: [x, y], scalars: [] }]))).toBe(text);
  expect(refusal(() => device.upload(x, new Float32Array(4)))).toBe(text);
  expect(refusal(() => device.downloadSync(x, 4))).toBe(text);
  expect(refusal(() => device.free(x.buffer))).toBe(text);
  await expect(device.download(x, 4)).rejects.toThrow(ArgumentError);
  expect(refusal(() => createReferenceBackend().free(y.buffer))).toBe(text);
});

test("bindings that do not fit are refused", () => {
  const device = createReferenceBackend();
  const [x, y] = [place(device, 256), place(device, 16)];
  const run = (kernel: Kernel, buffers: Binding[], scalars: number[] = []) =>
    refusal(() => device.run([{ program: device.prepare(kernel), buffers, scalars }]));
  expect(run(negate(5), [x, y])).toBe("ArgumentError: [reference] bytes 0 to 20 lie outside a buffer of 16 bytes");
  expect(run(negate(4), [{ ...x, byteOffset: 256 }, y])).toBe(
    "ArgumentError: [reference] bytes 256 to 272 lie outside a buffer of 256 bytes",
  );
  expect(run(negate(4), [{ ...x, byteOffset: 4 }, y])).toBe(
    "ArgumentError: [reference] a binding starts at a multiple of 64 bytes, got 4",
  );
  const backwards = {
    ...negate(4),
    inputs: [{ dtype: "float32", view: { ...contiguousView([4]), strides: [-1] } }],
  } as const;
  expect(run(backwards, [x, y])).toBe("ArgumentError: [reference] input 0 of a map kernel starts before its binding");
  expect(run(negate(4), [x])).toBe("ArgumentError: [reference] a map kernel binds 2 buffers, got 1");
  expect(run(negate(4), [x, y], [1])).toBe("ArgumentError: [reference] a map kernel takes 0 scalars, got 1");
  expect(run(negate(4), [x, x])).toBe("ArgumentError: [reference] output 0 of a map kernel overlaps input 0");
  expect(run(negate(4, 0), [x, { ...x, byteOffset: 64 }])).toBe(
    "ArgumentError: [reference] output 0 of a map kernel is bound apart from input 0",
  );
  expect(run(negate(4, 0), [x, x])).toBe("accepted");
  expect(run(negate(4), [x, { ...x, byteOffset: 64 }])).toBe("accepted");
  expect(refusal(() => device.upload(y, new Float32Array(5)))).toBe(
    "ArgumentError: [reference] bytes 0 to 20 lie outside a buffer of 16 bytes",
  );
  expect(refusal(() => device.downloadSync(y, 17))).toBe(
    "ArgumentError: [reference] bytes 0 to 17 lie outside a buffer of 16 bytes",
  );
});

test("programs belong to their device and are kept by structure", () => {
  const device = createReferenceBackend();
  const [x, y] = [place(device, 16), place(device, 16)];
  const program = createReferenceBackend().prepare(negate(4));
  expect(refusal(() => device.run([{ program, buffers: [x, y], scalars: [] }]))).toBe(
    "ArgumentError: [reference] this program was prepared by another device",
  );
  expect(device.prepare(negate(4))).toBe(device.prepare(negate(4)));
  expect(device.programs).toBe(1);
});

test("memory has bounds, and fresh memory no meaning", () => {
  const device = createReferenceBackend({ limit: 100 });
  const x = place(device, 60);
  expect(new Float32Array(device.downloadSync(x, 60)).every(Number.isNaN)).toBe(true);
  expect(refusal(() => device.allocate(50))).toBe(
    "OutOfMemoryError: [reference] no room for 50 bytes, 60 bytes are live",
  );
  expect(() => device.allocate(50)).toThrow(OutOfMemoryError);
  expect(refusal(() => device.allocate(-1))).toBe(
    "ArgumentError: [reference] a buffer has a whole number of bytes >= 0, got -1",
  );
  expect(device.memory()).toEqual({ liveBytes: 60, peakBytes: 60, buffers: 1 });
  device.free(x.buffer);
  expect(device.memory()).toEqual({ liveBytes: 0, peakBytes: 60, buffers: 0 });
});

test("what a device does not offer is refused", () => {
  const device = createReferenceBackend({ storage: new Set(["float32"]), maxBuffers: 2 });
  const half: MapKernel = { ...negate(4), inputs: [{ dtype: "float16", view: contiguousView([4]) }] };
  expect(device.unsupported(half)).toBe("it has no float16 memory");
  expect(refusal(() => device.prepare(half))).toBe("UnsupportedError: [reference] it has no float16 memory");
  const custom: Kernel = {
    kind: "custom",
    name: "mine",
    shapes: [[4]],
    scalars: [],
    inputs: [],
    outputs: [{ dtype: "float32", strides: [1] }],
  };
  expect(() => createReferenceBackend().prepare(custom)).toThrow(UnsupportedError);
  expect(createReferenceBackend().unsupported(custom)).toBe("kernel mine has no host code");
});

test("a disposed device does nothing more", async () => {
  const device = createReferenceBackend();
  const x = place(device, 16);
  device.dispose();
  expect(device.memory().liveBytes).toBe(0);
  device.free(x.buffer);
  for (const work of [
    () => device.allocate(4),
    () => device.run([]),
    () => device.prepare(negate(4)),
    () => device.downloadSync(x, 4),
  ]) {
    expect(work).toThrow(DeviceError);
  }
  await expect(device.synchronize()).rejects.toThrow("[reference] the device was disposed before");
});

test("float32 sums are collected in float64", () => {
  const device = createReferenceBackend();
  const [x, y] = [place(device, 16), place(device, 4)];
  device.upload(x, new Float32Array([1e8, 1, 1, -1e8]));
  const program = device.prepare({
    ...negate(4),
    kind: "reduce",
    reduced: 1,
    nodes: [
      { op: "load", type: "float32", input: 0 },
      { op: "reduce", reduction: "sum", type: "float32", args: [0] },
    ],
    outputs: [{ dtype: "float32", node: 1, strides: [] }],
  });
  device.run([{ program, buffers: [x, y], scalars: [] }]);
  expect(new Float32Array(device.downloadSync(y, 4))[0]).toBe(2);
});
