import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import {
  concat,
  conv2d,
  einsum,
  explain,
  maxPool2d,
  ones,
  pad,
  relu,
  roll,
  scaledDotProductAttention,
  take,
  tensor,
  useDevice,
} from "../src/index.ts";

let device: Device;
beforeEach(async () => {
  device = await useDevice("reference");
});

/** How many kernels compute a tensor from inputs that are in memory. */
const kernels = async (inputs: readonly Tensor[], f: (...inputs: Tensor[]) => Tensor): Promise<number> => {
  for (const input of inputs) await input.evaluate();
  const result = f(...inputs);
  const before = device.statistics().kernels;
  await result.evaluate();
  return device.statistics().kernels - before;
};

const gradient = (y: Tensor, x: Tensor): Tensor => (gradients(y.square().sum(), [x]) as [Tensor])[0];

const matrix = (...shape: number[]): Tensor => ones(shape).add(0.5);

test("joining and padding fuse with their neighbours", async () => {
  const [a, b] = [matrix(4, 8), matrix(4, 8)];
  expect(await kernels([a, b], (x, y) => relu(concat([x as Tensor, (y as Tensor).mul(2)])))).toBe(1);
  expect(await kernels([a], (x) => pad(x as Tensor, 1, { mode: "reflect" }))).toBe(1);
  expect(await kernels([a], (x) => roll(x as Tensor, [1, 2], [0, 1]))).toBe(1);
});

test("an embedding is one gather, its gradient reads and scatters once", async () => {
  const table = matrix(10, 4);
  const ids = tensor(
    [
      [1, 2],
      [3, 1],
    ],
    { dtype: "int32" },
  );
  expect(await kernels([table, ids], (x, i) => take(x as Tensor, i as Tensor))).toBe(1);
  // Zeros, the looked-up rows times 2, the sum at their places.
  expect(await kernels([table, ids], (x, i) => gradient(take(x as Tensor, i as Tensor), x as Tensor))).toBe(3);
});

test("a convolution takes bias and activation along", async () => {
  const inputs = [matrix(1, 6, 6, 2), matrix(3, 3, 2, 4), matrix(4)];
  const layer = (x: Tensor, f: Tensor, bias: Tensor): Tensor => relu(conv2d(x, f, { padding: "same" }).add(bias));
  expect(await kernels(inputs, (x, f, bias) => layer(x as Tensor, f as Tensor, bias as Tensor))).toBe(1);
  expect(await kernels([matrix(1, 4, 4, 2)], (x) => relu(maxPool2d(x as Tensor, 2)))).toBe(1);
});

test("einsum reads transposed operands where they lie", async () => {
  const inputs = [matrix(1, 4, 2, 4), matrix(1, 3, 2, 4)];
  expect(await kernels(inputs, (q, k) => einsum("bthd,bshd->bhts", q as Tensor, k as Tensor))).toBe(1);
});

const attend = (q: Tensor, k: Tensor, v: Tensor): Tensor => scaledDotProductAttention(q, k, v, { causal: true });
const heads = (): Tensor[] => [matrix(1, 2, 8, 4), matrix(1, 2, 8, 4), matrix(1, 2, 8, 4)];

test("attention is one kernel, which gives the backward pass what it needs", async () => {
  expect(await kernels(heads(), (q, k, v) => attend(q as Tensor, k as Tensor, v as Tensor))).toBe(1);
  const inputs = heads() as [Tensor, Tensor, Tensor];
  for (const input of inputs) await input.evaluate();
  const y = attend(...inputs);
  const { kernels: reports } = explain(y, ...gradients(y.square().sum(), inputs));
  expect(reports.map(({ kind }) => kind)).toEqual([
    "attention",
    "row",
    "matmul",
    "matmul",
    "matmul",
    "matmul",
    "matmul",
  ]);
  expect(reports[0]?.operations).toEqual(["attention", "attentionLogSumExp"]);
});

test("attention stores its heads side by side", async () => {
  const count = kernels([...heads(), matrix(8, 3)], (q, k, v, w) =>
    attend(q as Tensor, k as Tensor, v as Tensor)
      .permute([0, 2, 1, 3])
      .reshape([8, 8])
      .matmul(w as Tensor),
  );
  expect(await count).toBe(2);
});

test("attention is two products and a softmax where the device has no kernel for it", async () => {
  device = await useDevice(createReferenceBackend({ lacks: new Set(["attention"]) }));
  const count = kernels(heads(), (q, k, v) => attend(q as Tensor, k as Tensor, v as Tensor));
  expect(await count).toBeLessThanOrEqual(4);
});
