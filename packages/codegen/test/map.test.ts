import { contiguousStrides, contiguousView, type ExpressionNode, type Kernel, type MapKernel } from "@gradloom/backend";
import { conformanceCases } from "@gradloom/backend/conformance";
import { compileKernel, type Limits, wgsl } from "../src/index.ts";

const limits: Limits = {
  workgroup: 256,
  groups: 65535,
  sharedBytes: 16384,
  bindingBytes: 2 ** 27,
  subgroup: 0,
  float16: false,
};

/** Bindings, the kernel's own functions and its entry point; library functions have their own tests. */
const print = async (kernel: Kernel, changed: Partial<Limits> = {}): Promise<string> => {
  const { passes } = await compileKernel(kernel, wgsl, { ...limits, ...changed });
  return passes
    .flatMap(({ name, grid, uses, code }) => {
      const lines = code.split("\n");
      const own = lines.filter((line) => /^(@group|fn load)/.test(line));
      const segments = uses.filter(({ byteOffset }) => byteOffset > 0);
      return [
        `// ${name} of ${grid.join(" x ")} workgroups`,
        ...segments.map(({ index, byteOffset, bytes }) => `// buffer ${index} from byte ${byteOffset}: ${bytes} bytes`),
        ...own,
        ...lines.slice(lines.findIndex((line) => line.startsWith("@compute"))),
      ];
    })
    .join("\n");
};

test.each([
  "map/broadcast/[7,1] and [1,65]",
  "map/view/padded rank 1",
  "map/view/transposed float16",
  "map/view/row repeated bool",
  "map/output/in place",
])("%s", async (wanted) => {
  const { kernel } = conformanceCases().find(({ name }) => name === wanted) as { kernel: Kernel };
  expect(await print(kernel)).toMatchSnapshot();
});

const position = contiguousView([5, 7]);

/** x * 1.25 where a random number, made from the position, is below a threshold. */
const dropout: readonly ExpressionNode[] = [
  { op: "load", type: "float32", input: 0 },
  { op: "scalar", type: "uint32", slot: 0 },
  { op: "scalar", type: "uint32", slot: 1 },
  { op: "index", type: "int32", view: position },
  { op: "bitcast", type: "uint32", args: [3] },
  { op: "constant", type: "uint32", value: 0 },
  { op: "threefry", type: "uint32", args: [1, 2, 4, 5] },
  { op: "constant", type: "uint32", value: 3435973836 },
  { op: "lt", type: "bool", args: [6, 7] },
  { op: "constant", type: "float32", value: 1.25 },
  { op: "mul", type: "float32", args: [0, 9] },
  { op: "constant", type: "float32", value: 0 },
  { op: "select", type: "float32", args: [8, 10, 11] },
];

const map = (shape: readonly number[], nodes: readonly ExpressionNode[]): MapKernel => ({
  kind: "map",
  shape,
  inputs: [{ dtype: "float32", view: contiguousView(shape) }],
  scalars: ["uint32", "uint32"],
  nodes,
  outputs: [{ dtype: "float32", node: nodes.length - 1, strides: contiguousStrides(shape) }],
});

test("dropout", async () => expect(await print(map([5, 7], dropout))).toMatchSnapshot());

test("a buffer larger than a binding, four elements each", async () => {
  const copy = map([1024, 64], [{ op: "load", type: "float32", input: 0 }]);
  expect(await print(copy, { bindingBytes: 2 ** 17 })).toMatchSnapshot();
});
