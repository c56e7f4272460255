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
const print = async (...nodes: readonly ExpressionNode[]): Promise<string> => {
  const view = { shape: [100], strides: [1], offset: 0, valid: undefined };
  const kernel: MapKernel = {
    kind: "map",
    shape: [100],
    inputs: [{ dtype: "float32", view }],
    scalars: [],
    nodes,
    outputs: [{ dtype: "float32", node: nodes.length - 1, strides: [1] }],
  };
  return (await compileKernel(kernel, wgsl, limits)).passes[0]?.code ?? "";
};

const x: ExpressionNode = { op: "load", type: "float32", input: 0 };
const number = (value: number): ExpressionNode => ({ op: "constant", type: "float32", value });

test("gelu, with the functions that it needs and no others", async () => {
  const code = await print(
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

/** What the kernel of some nodes calculates last, its names left out. */
const ending = async (...nodes: readonly ExpressionNode[]): Promise<string> => {
  const [, last] = [...(await print(...nodes)).matchAll(/let v\d+ = (.*);/g)].at(-1) ?? [];
  return `${last}`.replace(/\bv\d+/g, "x");
};

test.each([
  [2, "x * x"],
  [3, "x * x * x"],
  [-1, "1.0f / x"],
  [2.5, "powFloat(x, 2.5f)"],
])("the power %d is %s", async (exponent, text) => {
  expect(await ending(x, number(exponent), { op: "pow", type: "float32", args: [0, 1] })).toBe(text);
});

test("constants without a result are calculated at run time, which WGSL would refuse else", async () => {
  expect(await ending(number(1), number(0), { op: "div", type: "float32", args: [0, 1] })).toBe("overZero(1.0f)");
  expect(await ending(number(-1), { op: "sqrt", type: "float32", args: [0] })).toBe("sqrt(atRunTime((-1.0f)))");
  const bits: ExpressionNode = { op: "constant", type: "uint32", value: 0x7fc00000 };
  expect(await ending(bits, { op: "bitcast", type: "float32", args: [0] })).toBe("bitcast<f32>(x)");
  expect(await ending(number(Infinity))).toBe("fromBits(2139095040u)");
});
