import type { ExpressionNode, MapKernel } from "@gradloom/backend";
import { compileKernel, wgsl } from "../src/index.ts";

const limits = {
  workgroup: 256,
  groups: 65535,
  sharedBytes: 16384,
  bindingBytes: 2 ** 27,
  subgroup: 0,
  float16: false,
};

/** The code of a kernel of nodes that end in a value of float32, over one input of 100 elements. */
const print = (...nodes: readonly ExpressionNode[]): string => {
  const view = { shape: [100], strides: [1], offset: 0, valid: undefined };
  const kernel: MapKernel = {
    kind: "map",
    shape: [100],
    inputs: [{ dtype: "float32", view }],
    scalars: [],
    nodes,
    outputs: [{ dtype: "float32", node: nodes.length - 1, strides: [1] }],
  };
  return compileKernel(kernel, wgsl, limits).passes[0]?.code ?? "";
};

const x: ExpressionNode = { op: "load", type: "float32", input: 0 };
const number = (value: number): ExpressionNode => ({ op: "constant", type: "float32", value });

test("gelu, with the functions that it needs and no others", () => {
  const code = print(
    x,
    number(Math.SQRT1_2),
    { op: "mul", type: "float32", args: [0, 1] },
    { op: "erf", type: "float32", args: [2] },
    number(1),
    { op: "add", type: "float32", args: [3, 4] },
    number(0.5),
    { op: "mul", type: "float32", args: [5, 6] },
    { op: "mul", type: "float32", args: [0, 7] },
  );
  expect(code).toMatchSnapshot();
});

/** What a kernel calculates last, its names left out. */
const ending = (code: string): string => {
  const [, last] = [...code.matchAll(/let v\d+ = (.*);/g)].at(-1) ?? [];
  return `${last}`.replace(/\bv\d+/g, "x");
};

test("small exponents are multiplied out", () => {
  const power = (exponent: number) => ending(print(x, number(exponent), { op: "pow", type: "float32", args: [0, 1] }));
  expect([2, 3, -1, 2.5].map(power)).toEqual(["x * x", "x * x * x", "1.0f / x", "powFloat(x, 2.5f)"]);
});

test("constants without a result are calculated at run time, which WGSL would refuse else", () => {
  const quotient = print(number(1), number(0), { op: "div", type: "float32", args: [0, 1] });
  expect(ending(quotient)).toBe("overZero(1.0f)");
  expect(ending(print(number(-1), { op: "sqrt", type: "float32", args: [0] }))).toBe("sqrt(atRunTime((-1.0f)))");
  const bits: ExpressionNode = { op: "constant", type: "uint32", value: 0x7fc00000 };
  expect(ending(print(bits, { op: "bitcast", type: "float32", args: [0] }))).toBe("bitcast<f32>(x)");
  expect(ending(print(number(Infinity)))).toBe("fromBits(2139095040u)");
});
