import { contiguousView, hostArrayOver, type Kernel } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";

test("softmax rows", async () => {
  const device = createReferenceBackend();
  const kernel: Kernel = {
    kind: "row",
    shape: [2, 3],
    reduced: 1,
    inputs: [{ dtype: "float32", view: contiguousView([2, 3]) }],
    scalars: [],
    nodes: [
      { op: "load", type: "float32", input: 0 },
      { op: "reduce", reduction: "max", type: "float32", args: [0] },
      { op: "sub", type: "float32", args: [0, 1] },
      { op: "exp", type: "float32", args: [2] },
      { op: "reduce", reduction: "sum", type: "float32", args: [3] },
      { op: "div", type: "float32", args: [3, 4] },
    ],
    outputs: [
      { dtype: "float32", node: 5, strides: [3, 1] },
      { dtype: "float32", node: 4, strides: [1] },
    ],
  };
  const program = device.prepare(kernel);
  const b = (n: number) => ({ buffer: device.allocate(n), byteOffset: 0 });
  const [x, y, z] = [b(24), b(24), b(8)];
  device.upload(x, new Float32Array([1, 2, 3, 0, 0, 0]));
  device.run([{ program, buffers: [x, y, z], scalars: [] }]);
  const out = [...hostArrayOver("float32", device.downloadSync(y, 24), 0, 6)];
  expect(out[2]).toBeCloseTo(0.66524, 4);
  expect(out[5]).toBeCloseTo(1 / 3);
  expect(new Float32Array(device.downloadSync(z, 8))[1]).toBe(3);
});
