import { collapse } from "../src/collapse.ts";
import type { ExpressionNode } from "../src/expression.ts";
import type { MapKernel, ReduceKernel } from "../src/kernel.ts";
import { contiguousStrides } from "../src/shape.ts";
import type { View } from "../src/view.ts";
import { contiguousView, expandView, padView, permuteView } from "../src/view.ts";

const load = (input: number): ExpressionNode => ({ op: "load", type: "float32", input });

const map = (views: readonly View[], strides?: readonly number[]): MapKernel => {
  const shape = (views[0] as View).shape;
  return {
    kind: "map",
    shape,
    inputs: views.map((view) => ({ dtype: "float32", view })),
    scalars: [],
    nodes: views.map((_, i) => load(i)),
    outputs: [{ dtype: "float32", node: 0, strides: strides ?? contiguousStrides(shape) }],
  };
};

const sum = (view: View, reduced: number, reduction: "sum" | "argmax" = "sum"): ReduceKernel => ({
  kind: "reduce",
  shape: view.shape,
  reduced,
  inputs: [{ dtype: "float32", view }],
  scalars: [],
  nodes: [load(0), { op: "reduce", reduction, type: reduction === "sum" ? "float32" : "int32", args: [0] }],
  outputs: [
    {
      dtype: reduction === "sum" ? "float32" : "int32",
      node: 1,
      strides: contiguousStrides(view.shape.slice(0, view.shape.length - reduced)),
    },
  ],
});

test("contiguous views become one dimension", () => {
  const { shape, inputs, outputs } = collapse(map([contiguousView([2, 3, 1, 4]), contiguousView([2, 3, 1, 4])]));
  expect(shape).toEqual([24]);
  expect(inputs[1]?.view).toEqual({ shape: [24], strides: [1], offset: 0, valid: undefined });
  expect(outputs[0]?.strides).toEqual([1]);
});

test("a repeated row keeps two dimensions, a repeated scalar one", () => {
  const whole = contiguousView([2, 3, 4]);
  const row = collapse(map([whole, expandView(contiguousView([4]), [2, 3, 4])]));
  expect(row.shape).toEqual([6, 4]);
  expect(row.inputs[1]?.view.strides).toEqual([0, 1]);
  const scalar = collapse(map([whole, expandView(contiguousView([]), [2, 3, 4])]));
  expect(scalar.shape).toEqual([24]);
  expect(scalar.inputs[1]?.view.strides).toEqual([0]);
});

test("maps go in the order of their output", () => {
  const view = permuteView(contiguousView([3, 5]), [1, 0]);
  const { shape, inputs, outputs } = collapse(map([view], [1, 5]));
  expect(shape).toEqual([15]);
  expect(inputs[0]?.view.strides).toEqual([1]);
  expect(outputs[0]?.strides).toEqual([1]);
  expect(collapse(map([view])).shape).toEqual([5, 3]);
});

test("positions merge with what they count", () => {
  const kernel = map([contiguousView([3, 4])]);
  const nodes: ExpressionNode[] = [...kernel.nodes, { op: "index", type: "int32", view: contiguousView([3, 4]) }];
  expect(collapse({ ...kernel, nodes }).shape).toEqual([12]);
  const column: ExpressionNode = { op: "index", type: "int32", view: { ...contiguousView([3, 4]), strides: [0, 1] } };
  expect(collapse({ ...kernel, nodes: [...kernel.nodes, column] }).shape).toEqual([3, 4]);
});

test("missing positions stay where they are", () => {
  const inner = collapse(map([padView(contiguousView([2, 3]), [0, 1], [0, 0])]));
  expect(inner.shape).toEqual([2, 4]);
  const outer = collapse(map([padView(contiguousView([2, 3]), [1, 0], [2, 0])]));
  expect(outer.shape).toEqual([15]);
  expect(outer.inputs[0]?.view).toEqual({ shape: [15], strides: [1], offset: -3, valid: [[3, 9]] });
  const single: View = {
    shape: [1, 4],
    strides: [4, 1],
    offset: 0,
    valid: [
      [0, 0],
      [0, 4],
    ],
  };
  expect(collapse(map([single])).inputs[0]?.view.valid).toEqual([[0, 0]]);
});

test("kept and reduced dimensions do not mix", () => {
  const kernel = collapse(sum(contiguousView([2, 3, 4, 5]), 2));
  expect(kernel.shape).toEqual([6, 20]);
  expect(kernel.reduced).toBe(1);
  expect(kernel.outputs[0]?.strides).toEqual([1]);
  expect(collapse(sum(contiguousView([6, 1, 1]), 2))).toMatchObject({ shape: [6], reduced: 0 });
});

test("reduced dimensions go in the order of memory unless a position is asked for", () => {
  const view = permuteView(contiguousView([3, 4, 5]), [0, 2, 1]);
  expect(collapse(sum(view, 2)).shape).toEqual([3, 20]);
  expect(collapse(sum(view, 2, "argmax")).shape).toEqual([3, 5, 4]);
});

test("empty shapes stay", () => {
  expect(collapse(map([contiguousView([0, 3])])).shape).toEqual([0, 3]);
});
