import { gradients } from "@gradloom/autograd";
import { createNullBackend } from "@gradloom/backend-reference";
import { concat, Device, evaluate, type Tensor, tensor, useDevice } from "../src/index.ts";

/** What every WebGPU device has; preparing a kernel fails where it would bind more. */
const maxBuffers = 8;

const sources = (count: number): Tensor[] => Array.from({ length: count }, (_, i) => tensor([i, i + 1, i + 2]));

const cases: readonly (readonly [string, () => readonly Tensor[]])[] = [
  ["a sum of many", () => [sources(30).reduce((sum, x) => sum.add(x))]],
  ["a join of many", () => [concat(sources(30))]],
  [
    "transposed uses of cheap sums",
    () => {
      const [a, b, c, d, e, f, g, h] = sources(8).map((x) => x.reshape([3, 1]).broadcastTo([3, 3])) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const left = a.add(b).add(c).transpose();
      const right = d.add(e).add(f).transpose();
      return [left.add(right).add(g).mul(h)];
    },
  ],
  [
    "many results of one input",
    () => {
      const x = tensor([1, 2, 3]);
      return Array.from({ length: 20 }, (_, i) => x.mul(i));
    },
  ],
  [
    "derivatives of a product of many",
    () => {
      const xs = sources(12);
      return gradients(xs.reduce((product, x) => product.mul(x)).sum(), xs);
    },
  ],
];

const small = new Set(["a sum of many", "many results of one input", "derivatives of a product of many"]);

test.each(cases.filter(([name]) => small.has(name)))("a buffer of two bindings counts as two: %s", async (_, build) => {
  await useDevice(new Device(createNullBackend({ maxBuffers, bindingBytes: 8, scratch: "buffers" })));
  await expect(evaluate(...build())).resolves.toBeUndefined();
});

test.each(cases)("no kernel binds more buffers than the device allows: %s", async (_, build) => {
  await useDevice(new Device(createNullBackend({ maxBuffers, scratch: "buffers" })));
  await expect(evaluate(...build())).resolves.toBeUndefined();
});
