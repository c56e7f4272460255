import {
  type Backend,
  type ConvKernel,
  contiguousStrides,
  contiguousView,
  type DType,
  type ExpressionNode,
  expandView,
  hostArray,
  type Kernel,
  type KernelInput,
  type MatmulKernel,
  padView,
  permuteView,
  type Shape,
  sizeOf,
  type View,
  windowOutput,
} from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createCpuBackend } from "../src/index.ts";

const reference = createReferenceBackend();

/** Runs a kernel whose inputs hold small whole numbers (or fractions), and returns its only output. */
const run = (backend: Backend, kernel: Kernel & { shape: Shape }, fractions = false): Uint8Array => {
  const place = (dtype: DType, elements: number, seed: number) => {
    const data = hostArray(dtype, elements);
    let state = seed;
    for (let i = 0; i < elements; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      data[i] = fractions ? (state / 2 ** 32) * 2 - 1 : (state >>> 20) % 7;
    }
    const binding = { buffer: backend.allocate(data.byteLength), byteOffset: 0 };
    backend.upload(binding, data);
    return binding;
  };
  const elementsOf = ({ shape, strides, offset }: View): number =>
    shape.reduce((most, n, d) => most + Math.max(0, (n - 1) * (strides[d] as number)), offset) + 1;
  const buffers = kernel.inputs.map(({ dtype, view }, i) => place(dtype, elementsOf(view), i + 1));
  buffers.push(place("float32", sizeOf(kernel.shape), 9));
  try {
    backend.run([{ program: backend.prepare(kernel), buffers, scalars: [] }]);
    const result = buffers.at(-1) as (typeof buffers)[number];
    return new Uint8Array(
      (backend.downloadSync as NonNullable<Backend["downloadSync"]>)(result, 4 * sizeOf(kernel.shape)),
    );
  } finally {
    for (const { buffer } of buffers) backend.free(buffer);
  }
};

const float = (view: View): KernelInput => ({ dtype: "float32", view });
const sum: ExpressionNode = { op: "accumulator", type: "float32" };
const plain = (shape: Shape) => ({
  scalars: [],
  nodes: [sum],
  outputs: [{ dtype: "float32" as const, node: 0, strides: contiguousStrides(shape) }],
});

const transposed = (shape: Shape): View => {
  const axes = shape.map((_, d) => (d < shape.length - 2 ? d : 2 * shape.length - 3 - d));
  return permuteView(contiguousView(axes.map((d) => shape[d] as number)), axes);
};

const matmul = (batch: Shape, m: number, k: number, n: number, turn = "", right: Shape = batch): MatmulKernel => {
  const shape = [...batch, m, n];
  const lay = (side: string, dims: Shape): View => (turn.includes(side) ? transposed(dims) : contiguousView(dims));
  return {
    kind: "matmul",
    shape,
    inputs: [float(lay("left", [...batch, m, k])), float(expandView(lay("right", [...right, k, n]), [...batch, k, n]))],
    ...plain(shape),
  };
};

const conv = (
  direction: ConvKernel["direction"],
  x: Shape,
  filter: Shape,
  { stride = 1, padding = 0, dilation = 1, groups = 1 } = {},
): ConvKernel => {
  const all = <T>(value: T): T[] => new Array<T>(x.length - 2).fill(value);
  const geometry = {
    stride: all(stride),
    padding: all([padding, padding] as const),
    dilation: all(dilation),
  };
  const y = [x[0] as number, ...windowOutput(geometry, x.slice(1, -1), filter.slice(0, -2)), filter.at(-1) as number];
  const [first, second, shape] = {
    forward: [x, filter, y],
    inputGradient: [y, filter, x],
    weightGradient: [x, y, filter],
  }[direction] as [Shape, Shape, Shape];
  const inputs = [float(contiguousView(first)), float(contiguousView(second))];
  return { kind: "conv", direction, groups, ...geometry, shape, inputs, ...plain(shape) };
};

const products: Record<string, MatmulKernel> = {
  "several row blocks, column blocks and depths": matmul([], 197, 270, 530),
  "left transposed": matmul([], 203, 300, 90, "left"),
  "right transposed": matmul([], 203, 300, 90, "right"),
  "both transposed": matmul([], 301, 270, 75, "left right"),
  "left packed once for several column blocks": matmul([], 150, 130, 500, "left"),
  "narrow result": matmul([], 500, 70, 9),
  "long sums in parts": matmul([], 20, 9001, 18),
  "long sums in parts, left transposed": matmul([], 33, 5001, 16, "left"),
  "batch of small ones": matmul([7, 3], 33, 17, 20),
  "batch of large ones": matmul([3], 210, 40, 37),
  "right matrix shared by the batch": matmul([5], 40, 30, 50, "", []),
  "one row": matmul([], 1, 700, 1501),
  "three rows": matmul([], 3, 257, 1333),
  "six rows, right transposed": matmul([], 6, 2100, 45, "right"),
  "one column": matmul([], 1201, 333, 1),
  "dot product": matmul([], 1, 100003, 1),
  "few rows in a batch": matmul([9], 2, 65, 70),
  "padded left": {
    ...matmul([], 205, 70, 40),
    inputs: [float(padView(contiguousView([203, 64]), [1, 4], [1, 2])), float(contiguousView([70, 40]))],
  },
};

const directions = ["forward", "inputGradient", "weightGradient"] as const;
const convolutions: Record<string, Parameters<typeof conv> extends [unknown, ...infer Rest] ? Rest : never> = {
  "several channel blocks and panels": [[2, 9, 11, 37], [3, 3, 37, 41], { padding: 1 }],
  "many channels": [[1, 4, 4, 350], [3, 3, 350, 17], { padding: 1 }],
  "one channel": [[3, 17, 15, 1], [5, 5, 1, 20], {}],
  "strides and dilation": [[2, 19, 18, 6], [3, 3, 6, 10], { stride: 2, padding: 2, dilation: 2 }],
  "stride above the window": [[2, 13, 14, 5], [2, 2, 5, 6], { stride: 3 }],
  "long lines in one dimension": [[1, 1201, 40], [5, 40, 33], { padding: 2 }],
  "three dimensions": [[2, 6, 7, 8, 9], [3, 2, 3, 9, 17], { padding: 1 }],
  groups: [[2, 9, 9, 24], [3, 3, 8, 30], { padding: 1, groups: 3 }],
  "channel by channel": [[3, 21, 19, 37], [3, 3, 1, 37], { padding: 1, groups: 37 }],
  "channel by channel, strided": [[2, 16, 17, 20], [5, 7, 1, 20], { stride: 2, padding: 3, groups: 20 }],
  "two results per channel": [[2, 9, 9, 10], [3, 3, 1, 20], { groups: 10 }],
};

const kernels: Record<string, Kernel & { shape: Shape }> = { ...products };
for (const [name, rest] of Object.entries(convolutions)) {
  for (const direction of directions) kernels[`${name}, ${direction}`] = conv(direction, ...rest);
}

const expected = new Map<string, Uint8Array>();
const expectedOf = (name: string): Uint8Array => {
  let result = expected.get(name);
  if (result === undefined) {
    result = run(reference, kernels[name] as (typeof kernels)[string]);
    expected.set(name, result);
  }
  return result;
};

describe.each([true, false])("matmul and conv (relaxed SIMD if there is: %s)", (relaxed) => {
  const backend = createCpuBackend({ threads: 2, parallelFrom: 0, ...(relaxed ? {} : { relaxed }) });
  afterAll(() => backend.dispose());

  test.each(Object.keys(kernels))("%s", (name) => {
    expect(Buffer.compare(run(backend, kernels[name] as (typeof kernels)[string]), expectedOf(name))).toBe(0);
  });
});

test("results have the same bits for any number of threads", () => {
  const results = [1, 2, 3, 5, 8].map((threads) => {
    const backend = createCpuBackend({ threads, parallelFrom: 0 });
    const bits = Object.values(kernels).map((kernel) => run(backend, kernel, true));
    backend.dispose();
    return bits;
  });
  for (const bits of results)
    expect(bits.every((bytes, i) => Buffer.compare(bytes, results[0]?.[i] as Uint8Array) === 0)).toBe(true);
}, 120000);

test("memory is given back after kernels with large scratch memory", () => {
  const backend = createCpuBackend({ threads: 2, parallelFrom: 0 });
  for (const kernel of Object.values(kernels)) run(backend, kernel);
  expect(backend.memory()).toMatchObject({ liveBytes: 0, buffers: 0 });
  backend.dispose();
});
