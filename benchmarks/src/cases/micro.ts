import { gradients } from "@gradloom/autograd";
import type { Tensor } from "@gradloom/tensor";
import { conv2d, evaluate, gelu, matmul, softmax, standardize, tensor } from "@gradloom/tensor";
import type { Case } from "../measure.ts";

/** Repeatable values around 0. */
export const values = (shape: readonly number[], scale = 1): Tensor => {
  let state = 12345;
  const n = shape.reduce((a, b) => a * b, 1);
  const array = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    array[i] = (state / 2 ** 31) * scale;
  }
  return tensor(array, { shape });
};

/** (x - mean) / sqrt(variance + 1e-5) * scale + shift over the last dimension. */
export const layerNorm = (x: Tensor, scale: Tensor, shift: Tensor): Tensor =>
  standardize(x, -1).value.mul(scale).add(shift);

/** Runs `fn` on resident inputs; the result is computed, waited for and freed. */
const evaluating =
  (fn: (...inputs: Tensor[]) => Tensor | Tensor[], shapes: readonly (readonly number[])[], scale = 1) =>
  async () => {
    const inputs = await Promise.all(shapes.map((shape) => values(shape, scale).evaluate()));
    return async (): Promise<void> => {
      const results = [fn(...inputs)].flat();
      await evaluate(...results);
      for (const result of results) result.dispose();
    };
  };

const matmulCase = (n: number): Case => ({
  name: `matmul_${n}`,
  unit: "GFLOP/s",
  work: 2 * n ** 3,
  scale: 1e9,
  prepare: evaluating(
    (a, b) => matmul(a as Tensor, b as Tensor),
    [
      [n, n],
      [n, n],
    ],
  ),
});

const [batch, side, channels] = [64, 32, 64];
const image = [batch, side, side, channels];
const filter = [3, 3, channels, channels];
const convFlops = 2 * batch * side * side * 9 * channels * channels;
const convolve = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, { padding: 1 });

const large = 1e7;

export const microCases: readonly Case[] = [
  matmulCase(256),
  matmulCase(512),
  matmulCase(1024),
  {
    name: "conv2d_fwd",
    unit: "GFLOP/s",
    work: convFlops,
    scale: 1e9,
    prepare: evaluating((x, w) => convolve(x as Tensor, w as Tensor), [image, filter]),
  },
  {
    name: "conv2d_fwdbwd",
    unit: "GFLOP/s",
    work: 3 * convFlops,
    scale: 1e9,
    prepare: evaluating(
      (x, w, g) => {
        const y = convolve(x as Tensor, w as Tensor);
        return [y, ...gradients(y, [x as Tensor, w as Tensor], g)];
      },
      [image, filter, image],
    ),
  },
  {
    name: "gelu_chain_1e7",
    unit: "Gelement/s",
    work: large,
    scale: 1e9,
    prepare: evaluating((x) => gelu(x as Tensor, { approximate: "tanh" }), [[large]], 3),
  },
  {
    name: "softmax_4096x1024",
    unit: "GB/s",
    work: 2 * 4 * 4096 * 1024,
    scale: 1e9,
    prepare: evaluating((x) => softmax(x as Tensor), [[4096, 1024]], 3),
  },
  {
    name: "layernorm_4096x1024",
    unit: "GB/s",
    work: 2 * 4 * 4096 * 1024,
    scale: 1e9,
    prepare: evaluating(
      (x, g, b) => layerNorm(x as Tensor, g as Tensor, b as Tensor),
      [[4096, 1024], [1024], [1024]],
      3,
    ),
  },
  {
    name: "sum_1e7",
    unit: "GB/s",
    work: 4 * large,
    scale: 1e9,
    prepare: evaluating((x) => (x as Tensor).sum(), [[large]]),
  },
  {
    name: "dispatch_tiny_add",
    unit: "Mop/s",
    work: 1,
    scale: 1e6,
    prepare: evaluating((a, b) => (a as Tensor).add(b as Tensor), [[4], [4]]),
  },
];
