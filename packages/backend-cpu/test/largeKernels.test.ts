import {
  type Backend,
  contiguousStrides,
  contiguousView,
  type DType,
  type ExpressionNode,
  expandView,
  type HostArray,
  hostArray,
  type Kernel,
  permuteView,
  type Reduction,
  readElement,
  type ScanKernel,
  type ScatterKernel,
  type SortKernel,
  sizeOf,
  type View,
  writeElement,
} from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createCpuBackend } from "../src/index.ts";
import { runKernel } from "./runKernel.ts";

// Sizes at which work is cut into units, pieces and shares; the shared suite has the small ones.

const reference = createReferenceBackend();
const devices: readonly Backend[] = [1, 3].map((threads) => createCpuBackend({ threads, parallelFrom: 0 }));

afterAll(() => {
  for (const device of devices) device.dispose();
});

/** Few-bit numbers, of which sums are exact in any order. */
const numbers = (dtype: DType, length: number, seed = 1): HostArray => {
  const array = hostArray(dtype, length);
  for (let i = 0; i < length; i++) {
    const n = Math.imul(i + seed, 2654435761) >>> 12;
    writeElement(
      dtype,
      array,
      i,
      dtype === "uint8" || dtype === "uint32" ? n % 200 : ((n % 33) - 16) / (dtype.startsWith("int") ? 1 : 8),
    );
  }
  return array;
};

const values = (dtype: DType, array: HostArray): number[] => Array.from(array, (_, i) => readElement(dtype, array, i));

const check = (kernel: Kernel, inputs: readonly HostArray[], digits?: number): void => {
  const expected = runKernel(reference, kernel, inputs);
  for (const device of devices) {
    const got = runKernel(device, kernel, inputs);
    kernel.outputs.forEach(({ dtype }: { dtype: DType }, i) => {
      const [a, b] = [values(dtype, got[i] as HostArray), values(dtype, expected[i] as HostArray)];
      if (digits === undefined) expect(a).toEqual(b);
      else
        expect(Math.max(...a.map((x, k) => (x === b[k] ? 0 : Math.abs(x - (b[k] as number)))))).toBeLessThan(
          10 ** -digits,
        );
    });
  }
};

const reduce = (view: View, reduced: number, reductions: readonly Reduction[], dtype: DType = "float32"): Kernel => {
  const type = dtype === "float64" ? "float64" : dtype === "int32" ? "int32" : "float32";
  const load: ExpressionNode = { op: "load", type, input: 0 };
  const nodes = reductions.map((reduction): ExpressionNode => {
    const position = reduction === "argmax" || reduction === "argmin";
    return { op: "reduce", reduction, type: position ? "int32" : type, args: [0] };
  });
  const kept = view.shape.slice(0, view.shape.length - reduced);
  return {
    kind: "reduce",
    shape: view.shape,
    reduced,
    inputs: [{ dtype, view }],
    scalars: [],
    nodes: [load, ...nodes],
    outputs: nodes.map(({ type: stored }, i) => ({
      dtype: stored === "int32" && dtype !== "int32" ? "int32" : dtype,
      node: i + 1,
      strides: contiguousStrides(kept),
    })),
  };
};

test.each<[string, View, number]>([
  ["all of a vector", contiguousView([200_003]), 1],
  ["long rows", contiguousView([3, 40_001]), 1],
  ["many rows", contiguousView([3001, 70]), 1],
  ["long columns", permuteView(contiguousView([5000, 37]), [1, 0]), 1],
  ["few columns", permuteView(contiguousView([20_000, 3]), [1, 0]), 1],
  ["outer and middle", permuteView(contiguousView([7, 300, 33]), [2, 0, 1]), 2],
  ["outer and inner", permuteView(contiguousView([300, 5, 100]), [1, 0, 2]), 2],
  ["rows of a repeated vector", expandView(contiguousView([1, 40_001]), [5, 40_001]), 1],
])("reduces %s in pieces", (_, view, reduced) => {
  const length = view.strides.reduce((sum, stride, d) => sum + stride * ((view.shape[d] as number) - 1), 1);
  check(reduce(view, reduced, ["sum", "max", "argmax"]), [numbers("float32", length)]);
  check(reduce(view, reduced, ["argmin", "min", "sum"], "float64"), [numbers("float64", length)]);
  check(reduce(view, reduced, ["prod", "sum"], "int32"), [numbers("int32", length)]);
});

test("a sum of ten million float32 is good to some units of rounding", () => {
  const length = 10_000_000;
  const kernel = reduce(contiguousView([length]), 1, ["sum"]);
  const uniform = new Float32Array(length);
  let exact = 0;
  for (let i = 0; i < length; i++) {
    uniform[i] = (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32;
    exact += uniform[i] as number;
  }
  for (const device of devices) {
    expect(runKernel(device, kernel, [new Float32Array(length).fill(1)])[0]?.[0]).toBe(length);
    const error = Math.abs((runKernel(device, kernel, [uniform])[0]?.[0] as number) / exact - 1);
    expect(error).toBeLessThan(3e-7);
  }
});

const scan = (
  operation: ScanKernel["operation"],
  shape: readonly number[],
  axis: number,
  exclusive: boolean,
  reverse: boolean,
): Kernel => ({
  kind: "scan",
  operation,
  shape,
  axis,
  exclusive,
  reverse,
  inputs: [{ dtype: "float32", view: contiguousView(shape) }],
  outputs: [{ dtype: operation.startsWith("arg") ? "int32" : "float32", strides: contiguousStrides(shape) }],
});

test.each([false, true])("scans in pieces, exclusive and reverse: %s", (way) => {
  for (const operation of ["sum", "max", "argmax", "argmin"] as const) {
    check(scan(operation, [50_001], 0, way, way), [numbers("float32", 50_001)]);
    check(scan(operation, [2, 40_000], 1, !way, way), [numbers("float32", 80_000)]);
    check(scan(operation, [300, 37], 0, way, !way), [numbers("float32", 300 * 37)]);
  }
  check(scan("logAddExp", [2, 33_000], 1, way, false), [numbers("float32", 66_000)], 4);
});

test.each<[DType, number]>([
  ["float32", 5000],
  ["float64", 3000],
  ["float16", 2000],
  ["int32", 5000],
  ["uint32", 300],
  ["int8", 1000],
  ["bool", 500],
])("sorts long rows of %s", (dtype, n) => {
  for (const descending of [false, true]) {
    for (const count of [n, 60]) {
      const kernel: SortKernel = {
        kind: "sort",
        shape: [3, n],
        descending,
        count,
        results: ["values", "indices"],
        inputs: [{ dtype, view: contiguousView([3, n]) }],
        outputs: [dtype, "int32" as const].map((type) => ({ dtype: type, strides: [count, 1] })),
      };
      check(kernel, [
        dtype === "bool" ? Uint8Array.from({ length: 3 * n }, (_, i) => (i % 7) & 1) : numbers(dtype, 3 * n),
      ]);
    }
  }
});

const scatter = (
  mode: ScatterKernel["mode"],
  shape: readonly number[],
  updates: readonly number[],
  index: View,
  coordinates: ScatterKernel["coordinates"],
  dtype: DType,
): Kernel => ({
  kind: "scatter",
  mode,
  shape,
  updates,
  coordinates,
  inputs: [
    { dtype, view: contiguousView(shape) },
    { dtype, view: contiguousView(updates) },
    { dtype: "int32", view: index },
  ],
  outputs: [{ dtype, strides: contiguousStrides(shape) }],
});

test.each(["set", "add", "max"] as const)("scatters many updates: %s", (mode) => {
  for (const dtype of ["float32", "float16", "int32"] as const) {
    const indices = (length: number, size: number): Int32Array<ArrayBuffer> =>
      Int32Array.from({ length }, (_, i) => ((Math.imul(i + 1, 2654435761) >>> 8) % (2 * size + 2)) - size);
    const rows = scatter(
      mode,
      [200, 70],
      [900, 70],
      expandView(contiguousView([900, 1]), [900, 70]),
      [{ input: 2 }, { dim: 1 }],
      dtype,
    );
    check(rows, [numbers(dtype, 14_000), numbers(dtype, 63_000, 7), indices(900, 200)]);
    const elements = scatter(mode, [300], [9001], contiguousView([9001]), [{ input: 2 }], dtype);
    check(elements, [numbers(dtype, 300), numbers(dtype, 9001, 5), indices(9001, 300)]);
  }
});

test("maps large transposed, repeated and plain views together", () => {
  const shape = [301, 517];
  const views = [
    contiguousView(shape),
    permuteView(contiguousView([517, 301]), [1, 0]),
    expandView(contiguousView([517]), shape),
  ];
  const load = (input: number): ExpressionNode => ({ op: "load", type: "float32", input });
  const kernel: Kernel = {
    kind: "map",
    shape,
    inputs: views.map((view) => ({ dtype: "float32", view })),
    scalars: [],
    nodes: [
      load(0),
      load(1),
      load(2),
      { op: "mul", type: "float32", args: [1, 2] },
      { op: "sub", type: "float32", args: [0, 3] },
    ],
    outputs: [
      { dtype: "float32", node: 4, strides: contiguousStrides(shape) },
      { dtype: "float32", node: 3, strides: contiguousStrides(shape) },
    ],
  };
  check(kernel, [numbers("float32", sizeOf(shape)), numbers("float32", sizeOf(shape), 9), numbers("float32", 517, 3)]);
});
