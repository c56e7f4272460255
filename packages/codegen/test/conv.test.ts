import { type ConvKernel, contiguousStrides, contiguousView, type Shape } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

interface Sizes {
  readonly x: Shape;
  readonly filter: Shape;
  readonly y: Shape;
  readonly stride?: number;
  readonly groups?: number;
}

const conv = (direction: ConvKernel["direction"], { x, filter, y, stride = 1, groups = 1 }: Sizes): ConvKernel => {
  const [shapes, shape] = {
    forward: [[x, filter], y] as const,
    inputGradient: [[y, filter], x] as const,
    weightGradient: [[x, y], filter] as const,
  }[direction];
  return {
    kind: "conv",
    direction,
    groups,
    shape,
    stride: [stride, stride],
    padding: [
      [1, 1],
      [1, 1],
    ],
    dilation: [1, 1],
    inputs: shapes.map((each) => ({ dtype: "float32", view: contiguousView(each) })),
    scalars: [],
    nodes: [{ op: "accumulator", type: "float32" }],
    outputs: [{ dtype: "float32", node: 0, strides: contiguousStrides(shape) }],
  };
};

const wide: Sizes = { x: [8, 16, 16, 16], filter: [3, 3, 16, 32], y: [8, 16, 16, 32] };
const strided: Sizes = { x: [1, 5, 5, 4], filter: [3, 3, 4, 4], y: [1, 3, 3, 4], stride: 2 };
const depthwise: Sizes = { x: [2, 8, 8, 16], filter: [3, 3, 1, 16], y: [2, 8, 8, 16], groups: 16 };

test("an implicit product in tiles", async () => {
  expect(await print(conv("forward", wide))).toMatchSnapshot();
});

test("the gradient of the input of strided windows", async () => {
  expect(await print(conv("inputGradient", strided))).toMatchSnapshot();
});

test("the gradient of the filter, positions shared between workgroups", async () => {
  const passes = await compilePasses(conv("weightGradient", wide));
  expect(passes.map(({ name, grid }) => `${name} ${grid.join(" x ")}`)).toMatchSnapshot();
});

test("depthwise: four channels an invocation", async () => {
  expect(await print(conv("forward", depthwise))).toMatchSnapshot();
});

test("nothing to write", async () => {
  expect(await compilePasses(conv("forward", { ...wide, x: [0, 16, 16, 16], y: [0, 16, 16, 32] }))).toEqual([]);
});
