import type { MapKernel } from "@gradloom/backend";
import { contiguousView, UnsupportedError } from "@gradloom/backend";
import { createNullBackend, createReferenceBackend } from "@gradloom/backend-reference";

const kernel: MapKernel = {
  kind: "map",
  shape: [4],
  inputs: [{ dtype: "float32", view: contiguousView([4]) }],
  scalars: [],
  nodes: [{ op: "load", type: "float32", input: 0 }],
  outputs: [{ dtype: "float32", node: 0, strides: [1] }],
};

test("work is counted and not done", async () => {
  const device = createNullBackend();
  const program = device.prepare(kernel);
  expect(device.prepare({ ...kernel })).toBe(program);
  expect(device.programs).toBe(1);
  const buffer = device.allocate(1e12);
  const at = { buffer, byteOffset: 0 };
  device.upload(at, new Float32Array([1, 2, 3, 4]));
  device.run([
    { program, buffers: [at, at], scalars: [] },
    { program, buffers: [at, at], scalars: [] },
  ]);
  expect(await device.time([{ program, buffers: [at, at], scalars: [] }])).toEqual([0]);
  expect([device.commands, device.submissions]).toEqual([3, 2]);
  expect([...new Float32Array(await device.download(at, 16))]).toEqual([0, 0, 0, 0]);
  expect(device.memory()).toEqual({ liveBytes: 1e12, peakBytes: 1e12, buffers: 1 });
  device.free(buffer);
  expect(device.memory().liveBytes).toBe(0);
  await device.synchronize();
  device.dispose();
});

test("kernels and programs are still checked", () => {
  const device = createNullBackend({ maxBuffers: 2 });
  expect(() => device.prepare({ ...kernel, shape: [5] })).toThrow("[map kernel] node 0 (load)");
  const three: MapKernel = { ...kernel, inputs: [...kernel.inputs, ...kernel.inputs] };
  expect(() => device.prepare(three)).toThrow(UnsupportedError);
  expect(device.unsupported(three)).toBe("it binds at most 2 buffers, not 3");
  const program = createReferenceBackend().prepare(kernel);
  expect(() => device.run([{ program, buffers: [], scalars: [] }])).toThrow(
    "[null] this program was prepared by another device",
  );
});
