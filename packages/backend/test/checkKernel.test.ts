import type {
  AttentionKernel,
  ConvKernel,
  Kernel,
  MapKernel,
  MatmulKernel,
  PoolKernel,
  RowKernel,
  ScatterKernel,
} from "@gradloom/backend";
import { checkKernel, contiguousView, GradloomError, kernelKey, levelsOf, padView, unmetNeed } from "@gradloom/backend";
import { conformanceCases } from "@gradloom/backend/conformance";

const input = (...shape: number[]) => ({ dtype: "float32", view: contiguousView(shape) }) as const;

const map: MapKernel = {
  kind: "map",
  shape: [2, 3],
  inputs: [input(2, 3)],
  scalars: ["int32"],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "exp", type: "float32", args: [0] },
  ],
  outputs: [{ dtype: "float32", node: 1, strides: [3, 1] }],
};

const row: RowKernel = {
  ...map,
  kind: "row",
  reduced: 1,
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "reduce", reduction: "max", type: "float32", args: [0] },
    { op: "sub", type: "float32", args: [0, 1] },
    { op: "reduce", reduction: "sum", type: "float32", args: [2] },
  ],
  outputs: [{ dtype: "float32", node: 3, strides: [1] }],
};

const matmul: MatmulKernel = {
  ...map,
  kind: "matmul",
  inputs: [input(2, 5), input(5, 3)],
  nodes: [{ op: "accumulator", type: "float32" }],
  outputs: [{ dtype: "float32", node: 0, strides: [3, 1] }],
};

const conv: ConvKernel = {
  ...matmul,
  kind: "conv",
  direction: "forward",
  groups: 1,
  stride: [1],
  padding: [[1, 1]],
  dilation: [1],
  shape: [1, 4, 2],
  inputs: [input(1, 4, 3), input(3, 3, 2)],
  outputs: [{ dtype: "float32", node: 0, strides: [8, 2, 1] }],
};

const pool: PoolKernel = {
  ...matmul,
  kind: "pool",
  mode: "average",
  direction: "forward",
  dilation: [1],
  window: [2],
  countPadding: false,
  stride: [2],
  padding: [[0, 0]],
  shape: [1, 2, 3],
  inputs: [input(1, 4, 3)],
  outputs: [{ dtype: "float32", node: 0, strides: [6, 3, 1] }],
};

const scatter: ScatterKernel = {
  kind: "scatter",
  mode: "add",
  shape: [4],
  updates: [3],
  coordinates: [{ input: 2 }],
  inputs: [input(4), input(3), { dtype: "int32", view: contiguousView([3]) }],
  outputs: [{ dtype: "float32", strides: [1] }],
};

const attention: AttentionKernel = {
  kind: "attention",
  shape: [2, 3, 5],
  scale: 1,
  causal: false,
  results: ["values", "logSumExp"],
  inputs: [input(2, 3, 6), input(2, 4, 6), input(2, 4, 5)],
  outputs: [
    { dtype: "float32", strides: [15, 5, 1] },
    { dtype: "float32", strides: [3, 1] },
  ],
};

const refusal = (kernel: Kernel): string => {
  try {
    checkKernel(kernel);
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "accepted";
};

const node = (...nodes: MapKernel["nodes"]): MapKernel => ({ ...map, nodes: [...map.nodes, ...nodes] });
const output = (change: Partial<MapKernel["outputs"][number]>): MapKernel => ({
  ...map,
  outputs: [{ ...(map.outputs[0] as MapKernel["outputs"][number]), ...change }],
});

test("good kernels are accepted", () => {
  for (const kernel of [map, row, matmul, conv, pool, scatter]) expect(refusal(kernel)).toBe("accepted");
  for (const one of conformanceCases()) expect([one.name, refusal(one.kernel)]).toEqual([one.name, "accepted"]);
});

const refusals: readonly (readonly [Kernel, string])[] = [
  [{ ...map, shape: [2, -3] }, "ShapeError: [map kernel] a shape holds whole numbers >= 0, got [2,-3]"],
  [
    { ...map, shape: [3, 2] },
    "ShapeError: [map kernel] node 0 (load) has a view of shape [2,3] in a kernel of shape [3,2]",
  ],
  [{ ...map, outputs: [] }, "ArgumentError: [map kernel] has no outputs"],
  [
    { ...map, inputs: [{ dtype: "float8" as "float32", view: contiguousView([2, 3]) }] },
    "DTypeError: [map kernel] input 0 has the unknown dtype float8",
  ],
  [
    { ...map, inputs: [{ dtype: "float32", view: { ...contiguousView([2, 3]), strides: [1] } }] },
    "ShapeError: [map kernel] input 0 has 1 strides for shape [2,3]",
  ],
  [
    { ...map, inputs: [{ dtype: "float32", view: { ...contiguousView([2, 3]), offset: 0.5 } }] },
    "ArgumentError: [map kernel] input 0 has offset 0.5 and strides [3,1]",
  ],
  [
    {
      ...map,
      inputs: [
        {
          dtype: "float32",
          view: {
            ...contiguousView([2, 3]),
            valid: [
              [0, 2],
              [1, 4],
            ],
          },
        },
      ],
    },
    "ShapeError: [map kernel] input 0 is valid from 1 to 4 in dimension 1 of [2,3]",
  ],
  [
    { ...map, inputs: [{ dtype: "int32", view: contiguousView([2, 3]) }] },
    "DTypeError: [map kernel] node 0 (load) cannot be float32 from ()",
  ],
  [
    node({ op: "exp", type: "float32", args: [2] }),
    "ArgumentError: [map kernel] node 2 (exp) takes nodes [2]; arguments must come earlier in the list",
  ],
  [
    node({ op: "add", type: "float64", args: [0, 1] }),
    "DTypeError: [map kernel] node 2 (add) cannot be float64 from (float32, float32)",
  ],
  [
    node({ op: "and", type: "float32", args: [0, 1] }),
    "DTypeError: [map kernel] node 2 (and) cannot be float32 from (float32, float32)",
  ],
  [
    node({ op: "constant", type: "int32", value: 1.5 }),
    "DTypeError: [map kernel] node 2 (constant) cannot be int32 from ()",
  ],
  [
    node({ op: "constant", type: "bool", value: 2 }),
    "DTypeError: [map kernel] node 2 (constant) cannot be bool from ()",
  ],
  [
    node({ op: "scalar", type: "float32", slot: 0 }),
    "DTypeError: [map kernel] node 2 (scalar) cannot be float32 from ()",
  ],
  [node({ op: "load", type: "float32", input: 1 }), "DTypeError: [map kernel] node 2 (load) cannot be float32 from ()"],
  [
    node({ op: "select", type: "float32", args: [0, 1, 1] }),
    "DTypeError: [map kernel] node 2 (select) cannot be float32 from (float32, float32, float32)",
  ],
  [
    node({ op: "cast", type: "float32", to: "int8", args: [0] }),
    "DTypeError: [map kernel] node 2 (cast) cannot be float32 from (float32)",
  ],
  [
    node({ op: "bitcast", type: "float64", args: [0] }),
    "DTypeError: [map kernel] node 2 (bitcast) cannot be float64 from (float32)",
  ],
  [
    node({ op: "threefry", type: "uint32", args: [0, 0, 0, 0] }),
    "DTypeError: [map kernel] node 2 (threefry) cannot be uint32 from (float32, float32, float32, float32)",
  ],
  [
    node({ op: "accumulator", type: "float32" }),
    "DTypeError: [map kernel] node 2 (accumulator) cannot be float32 from ()",
  ],
  [
    node({ op: "reduce", reduction: "sum", type: "float32", args: [0] }),
    "DTypeError: [map kernel] node 2 (reduce) cannot be float32 from (float32)",
  ],
  [
    node({ op: "index", type: "int32", view: contiguousView([6]) }),
    "ShapeError: [map kernel] node 2 (index) has a view of shape [6] in a kernel of shape [2,3]",
  ],
  [output({ node: 2 }), "DTypeError: [map kernel] output 0 stores node 2 of type undefined as float32"],
  [output({ dtype: "int8" }), "DTypeError: [map kernel] output 0 stores node 1 of type float32 as int8"],
  [output({ strides: [1] }), "ShapeError: [map kernel] output 0 has 1 strides for shape [2,3]"],
  [
    output({ strides: [1, 1] }),
    "ArgumentError: [map kernel] output 0 has strides [1,1] for shape [2,3]; positions must not share elements",
  ],
  [
    output({ strides: [0, 1] }),
    "ArgumentError: [map kernel] output 0 has strides [0,1] for shape [2,3]; positions must not share elements",
  ],
  [output({ over: 1 }), "ArgumentError: [map kernel] output 0 writes over input 1, which is missing"],
  [
    output({ over: 0, strides: [1, 2] }),
    "ArgumentError: [map kernel] output 0 writes over input 0 at other places than it is read",
  ],
  [
    { ...output({ over: 0 }), inputs: [{ dtype: "float16", view: contiguousView([2, 3]) }] },
    "DTypeError: [map kernel] output 0 in float32 writes over float16",
  ],
  [
    { ...output({ over: 0 }), inputs: [{ dtype: "float32", view: padView(contiguousView([2, 2]), [0, 0], [0, 1]) }] },
    "ArgumentError: [map kernel] output 0 writes over input 0 at other places than it is read",
  ],
  [{ ...row, reduced: 3 }, "ShapeError: [row kernel] reduces 3 dimensions of [2,3]"],
  [{ ...row, kind: "reduce" }, "ArgumentError: [reduce kernel] a reduction depends on another one; use a row kernel"],
  [
    { ...row, outputs: [{ dtype: "float32", node: 2, strides: [1] }] },
    "ArgumentError: [row kernel] output 0 has a value per reduced position; reduce it first",
  ],
  [
    { ...row, kind: "reduce", nodes: row.nodes.slice(0, 2), outputs: [{ dtype: "float32", node: 1, strides: [3, 1] }] },
    "ShapeError: [reduce kernel] output 0 has 2 strides for shape [2]",
  ],
  [
    { ...matmul, inputs: [input(2, 5)] },
    "ShapeError: [matmul kernel] multiplies two inputs into a shape of rank >= 2, got [2,3]",
  ],
  [
    { ...matmul, inputs: [input(2, 5), input(4, 3)] },
    "ShapeError: [matmul kernel] [2,5] times [4,3] does not give [2,3]",
  ],
  [
    { ...matmul, inputs: [input(2, 5), { dtype: "float64", view: contiguousView([5, 3]) }] },
    "DTypeError: [matmul kernel] multiplies floats or signed integers of one kind, got float32 and float64",
  ],
  [
    {
      ...matmul,
      inputs: [input(2, 2), input(2, 3)],
      outputs: [{ dtype: "float32", node: 0, strides: [3, 1], over: 1 }],
    },
    "ArgumentError: [matmul kernel] output 0 cannot write over input 1; give it memory of its own",
  ],
  [
    { ...conv, inputs: [input(1, 4, 3), input(5, 3, 2)] },
    "ShapeError: [conv kernel] y should be [1,2,2], got x [1,4,3], filter [5,3,2], y [1,4,2]",
  ],
  [
    { ...conv, groups: 2 },
    "ShapeError: [conv kernel] channels do not fit 2 groups, got x [1,4,3], filter [3,3,2], y [1,4,2]",
  ],
  [
    { ...conv, stride: [0] },
    "ArgumentError: [conv kernel] stride [0], dilation [1], window [3] must be >= 1 and padding [1,1] >= 0",
  ],
  [
    { ...conv, stride: [1, 1] },
    "ShapeError: [conv kernel] stride, padding, dilation, window of lengths [2,1,1,1] for 1 dimensions",
  ],
  [
    { ...conv, inputs: [input(1, 4, 3), input(3, 2)] },
    "ShapeError: [conv kernel] ranks differ, got x [1,4,3], filter [3,2], y [1,4,2]",
  ],
  [
    { ...pool, padding: [[2, 2]], shape: [1, 4, 3] },
    "ShapeError: [pool kernel] a window lies wholly in the padding, got x [1,4,3], y [1,4,3]; pad by less than the window reaches",
  ],
  [{ ...pool, shape: [1, 3, 3] }, "ShapeError: [pool kernel] y should be [1,2,3], got x [1,4,3], y [1,3,3]"],
  [{ ...pool, mode: "max" }, "ArgumentError: [pool kernel] max pooling has 2 inputs or more"],
  [
    { ...pool, inputs: [{ dtype: "int32", view: contiguousView([1, 4, 3]) }] },
    "DTypeError: [pool kernel] average pooling does not take int32",
  ],
  [
    { ...map, kind: "gather", coordinates: [{ dim: 0 }] },
    "ShapeError: [gather kernel] 1 coordinates for a tensor of shape [2,3]",
  ],
  [
    { ...map, kind: "gather", coordinates: [{ dim: 0 }, { dim: 2 }] },
    "ShapeError: [gather kernel] coordinate along dimension 2 of [2,3]",
  ],
  [
    { ...map, kind: "gather", coordinates: [{ dim: 0 }, { input: 0 }] },
    "ArgumentError: [gather kernel] coordinates come from inputs 1 and on, got input 0",
  ],
  [
    { ...map, kind: "gather", inputs: [input(2, 3), input(2, 3)], coordinates: [{ dim: 0 }, { input: 1 }] },
    "DTypeError: [gather kernel] coordinates are int32, got float32",
  ],
  [
    { ...scatter, inputs: [input(4), input(3), { dtype: "int32", view: contiguousView([2]) }] },
    "ShapeError: [scatter kernel] input 2 has shape [2], coordinates need [3]",
  ],
  [
    { ...scatter, inputs: [input(4), input(2), { dtype: "int32", view: contiguousView([3]) }] },
    "ShapeError: [scatter kernel] inputs have shapes [4] and [2], expected [4] and [3]",
  ],
  [
    { ...scatter, outputs: [{ dtype: "int32", strides: [1] }] },
    "DTypeError: [scatter kernel] cannot add float32 into float32 to give int32",
  ],
  [
    {
      kind: "scan",
      operation: "sum",
      shape: [3],
      axis: 1,
      exclusive: false,
      reverse: false,
      inputs: [input(3)],
      outputs: [{ dtype: "float32", strides: [1] }],
    },
    "ShapeError: [scan kernel] axis 1 is out of range for [3]",
  ],
  [
    {
      kind: "scan",
      operation: "argmax",
      shape: [3],
      axis: 0,
      exclusive: false,
      reverse: false,
      inputs: [input(3)],
      outputs: [{ dtype: "float32", strides: [1] }],
    },
    "DTypeError: [scan kernel] argmax of float32 does not give float32",
  ],
  [
    {
      kind: "sort",
      shape: [3],
      count: 4,
      descending: false,
      results: ["values"],
      inputs: [input(3)],
      outputs: [{ dtype: "float32", strides: [1] }],
    },
    "ShapeError: [sort kernel] cannot keep 4 of the last dimension of [3]",
  ],
  [
    {
      kind: "sort",
      shape: [3],
      count: 3,
      descending: false,
      results: ["indices"],
      inputs: [input(3)],
      outputs: [{ dtype: "float32", strides: [1] }],
    },
    "DTypeError: [sort kernel] output 0 holds indices in int32, got float32",
  ],
  [
    { ...attention, inputs: [input(2, 3, 6), input(2, 4, 6)] },
    "ArgumentError: [attention kernel] reads queries, keys, values and, or not, a mask, got 2 inputs",
  ],
  [{ ...attention, results: ["values"] }, "ArgumentError: [attention kernel] 1 results for 2 outputs"],
  [{ ...attention, scale: Number.NaN }, "ArgumentError: [attention kernel] the scale is finite, got NaN"],
  [
    { ...attention, inputs: [input(2, 3, 6), input(2, 4, 6), input(2, 3, 5)] },
    "ShapeError: [attention kernel] [2,3,6], [2,4,6], [2,3,5] do not give [2,3,5]",
  ],
  [
    { ...attention, inputs: [...attention.inputs, input(2, 3, 3)] },
    "ShapeError: [attention kernel] [2,3,6], [2,4,6], [2,4,5], [2,3,3] do not give [2,3,5]",
  ],
  [
    { ...attention, inputs: [...attention.inputs, { dtype: "int32", view: contiguousView([2, 3, 4]) }] },
    "DTypeError: [attention kernel] takes floats of one kind and a bool mask, got float32, float32, float32, int32",
  ],
  [
    { ...attention, results: ["values"], outputs: [{ dtype: "float64", strides: [15, 5, 1] }] },
    "DTypeError: [attention kernel] output 0 holds values in float32, got float64",
  ],
  [
    { ...attention, results: ["logSumExp", "values"] },
    "ShapeError: [attention kernel] output 0 has 3 strides for shape [2,3]",
  ],
  [
    {
      kind: "custom",
      name: "mine",
      shapes: [],
      scalars: [],
      inputs: [],
      outputs: [{ dtype: "float32", strides: [1] }],
    },
    "ArgumentError: [custom kernel mine] 0 shapes for 1 outputs",
  ],
];

test.each(refusals.map(([kernel, text]) => [text, kernel] as const))("%s", (text, kernel) => {
  expect(refusal(kernel)).toBe(text);
});

test("keys tell structures apart, and nothing else", () => {
  expect(kernelKey(map)).toBe(kernelKey({ ...map, nodes: [...map.nodes] }));
  const constant = (value: number) => kernelKey(node({ op: "constant", type: "float32", value }));
  const values = [0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect(new Set(values.map(constant)).size).toBe(values.length);
  const custom = (host: () => void): string =>
    kernelKey({ kind: "custom", name: "a", shapes: [], scalars: [], inputs: [], outputs: [], host });
  const [f, g] = [() => {}, () => {}];
  expect(custom(f)).toBe(custom(f));
  expect(custom(f)).not.toBe(custom(g));
});

test("levels and depths of a row kernel's nodes", () => {
  expect(levelsOf(row)).toEqual({ kept: [false, true, false, true], depth: [0, 1, 1, 2] });
  const repeated = { dtype: "float32", view: { ...contiguousView([2, 3]), strides: [1, 0] } } as const;
  expect(levelsOf({ ...row, inputs: [repeated] }).kept).toEqual([true, true, true, true]);
  const masked = {
    ...repeated,
    view: {
      ...repeated.view,
      valid: [
        [0, 2],
        [0, 2],
      ],
    },
  } as const;
  expect(levelsOf({ ...row, inputs: [masked] }).kept).toEqual([false, true, false, true]);
});

test("what a backend lacks for a kernel", () => {
  const traits = {
    storage: new Set(["float32"] as const),
    compute: new Set(["float32", "bool"] as const),
    maxBuffers: 2,
    maxRow: 100,
    scratch: "arena",
    alignment: 8,
  } as const;
  expect(unmetNeed({ ...map, scalars: [] }, traits)).toBeUndefined();
  expect(unmetNeed(map, traits)).toBe("it does not calculate in int32");
  expect(unmetNeed({ ...map, scalars: [], inputs: [...map.inputs, input(2, 3)] }, traits)).toBe(
    "it binds at most 2 buffers, not 3",
  );
  expect(unmetNeed(scatter, traits)).toBe("it has no int32 memory");
  expect(unmetNeed(attention, { ...traits, lacks: new Set(["attention"] as const) })).toBe(
    "it has no attention kernels",
  );
  expect(unmetNeed({ ...node({ op: "cast", type: "float32", to: "float16", args: [0] }), scalars: [] }, traits)).toBe(
    "it has no float16 memory",
  );
});
