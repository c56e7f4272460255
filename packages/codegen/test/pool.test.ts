import { contiguousStrides, contiguousView, type PoolKernel, type Shape } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

const pool = (
  mode: PoolKernel["mode"],
  direction: PoolKernel["direction"],
  x: Shape,
  y: Shape,
  size: number,
  stride: number,
): PoolKernel => {
  const [from, to] = direction === "forward" ? [x, y] : [y, x];
  const shapes = mode === "max" ? [x, direction === "forward" ? x : y] : [from];
  const low = (((y[1] as number) - 1) * stride + size - (x[1] as number)) / 2;
  return {
    kind: "pool",
    mode,
    direction,
    shape: to,
    window: [size, size],
    stride: [stride, stride],
    padding: [
      [low, low],
      [low, low],
    ],
    dilation: [1, 1],
    countPadding: false,
    inputs: shapes.map((shape) => ({ dtype: "float32", view: contiguousView(shape) })),
    scalars: [],
    nodes: [{ op: "accumulator", type: "float32" }],
    outputs: [{ dtype: "float32", node: 0, strides: contiguousStrides(to) }],
  };
};

test("maxima of windows side by side", async () => {
  expect(await print(pool("max", "forward", [8, 28, 28, 16], [8, 14, 14, 16], 2, 2))).toMatchSnapshot();
});

test("their gradient: an invocation for each window, in one pass", async () => {
  expect(await print(pool("max", "gradient", [8, 28, 28, 16], [8, 14, 14, 16], 2, 2))).toMatchSnapshot();
});

test("the gradient of windows that overlap: winners first", async () => {
  expect(await print(pool("max", "gradient", [2, 9, 9, 4], [2, 5, 5, 4], 3, 2))).toMatchSnapshot();
});

test("averages that do not count padding", async () => {
  expect(await print(pool("average", "forward", [2, 9, 9, 4], [2, 5, 5, 4], 3, 2))).toMatchSnapshot();
});

test("nothing to write", async () => {
  expect(await compilePasses(pool("max", "forward", [0, 4, 4, 3], [0, 2, 2, 3], 2, 2))).toEqual([]);
});
