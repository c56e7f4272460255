import { type AttentionKernel, contiguousStrides, contiguousView } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

const attention = (
  queries: number,
  keys: number,
  depth: number,
  given: Partial<AttentionKernel> & { readonly mask?: boolean } = {},
): AttentionKernel => {
  const { mask = false, ...changed } = given;
  const shape = [2, queries, depth];
  const inputs = [shape, [2, keys, depth], [2, keys, depth]].map((each) => ({
    dtype: "float32" as const,
    view: contiguousView(each),
  }));
  return {
    kind: "attention",
    shape,
    scale: 0.25,
    causal: false,
    results: ["values"],
    inputs: mask ? [...inputs, { dtype: "bool", view: contiguousView([2, queries, keys]) }] : inputs,
    outputs: [{ dtype: "float32", strides: contiguousStrides(shape) }],
    ...changed,
  };
};

test("tiles of keys in shared memory", async () => {
  expect(await print(attention(16, 64, 8))).toMatchSnapshot();
});

test("causal, by lanes of a subgroup, with the logarithms of the sums", async () => {
  const outputs = [
    { dtype: "float32" as const, strides: contiguousStrides([2, 2, 4]) },
    { dtype: "float32" as const, strides: contiguousStrides([2, 2]) },
  ];
  const kernel = attention(2, 32, 4, { causal: true, results: ["values", "logSumExp"], outputs });
  expect(await print(kernel, { subgroup: 4 })).toMatchSnapshot();
});

test("a mask", async () => {
  expect(await print(attention(1, 5, 4, { mask: true }), { subgroup: 4 })).toMatchSnapshot();
});

test("wide values: workgroups share the columns", async () => {
  const passes = await compilePasses(attention(64, 64, 256));
  expect(passes.map(({ name, grid }) => `${name} ${grid.join(" x ")}`)).toMatchSnapshot();
});

test("nothing to write", async () => {
  expect(await compilePasses(attention(0, 4, 3))).toEqual([]);
});
