import {
  type Binding,
  contiguousView,
  type ExpressionNode,
  permuteView,
  type ReduceKernel,
  type Reduction,
  type RowKernel,
  type Shape,
  sizeOf,
} from "@gradloom/backend";
import { createWebGpuBackend, type WebGpuOptions } from "../src/index.ts";
import { describeOn } from "./support/drivers.ts";

// Sizes at which work is cut into tiles and parts; the shared suite has the small ones.

type WebGpuBackend = Awaited<ReturnType<typeof createWebGpuBackend>>;

/** Reductions of rows, or of the columns of a matrix that has the shape the other way round. */
const reduce = (shape: Shape, reductions: readonly Reduction[], columns = false): ReduceKernel => ({
  kind: "reduce",
  shape,
  reduced: 1,
  inputs: [
    {
      dtype: "float32",
      view: columns ? permuteView(contiguousView([...shape].reverse()), [1, 0]) : contiguousView(shape),
    },
  ],
  scalars: [],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    ...reductions.map((reduction): ExpressionNode => {
      const type = reduction.startsWith("arg") ? "int32" : "float32";
      return { op: "reduce", reduction, type, args: [0] };
    }),
  ],
  outputs: reductions.map((reduction, i) => ({
    dtype: reduction.startsWith("arg") ? "int32" : "float32",
    node: i + 1,
    strides: shape.length === 1 ? [] : [1],
  })),
});

/** x - max x along rows, and the maximum. */
const belowMaximum = (shape: Shape): RowKernel => ({
  ...reduce(shape, ["max"]),
  kind: "row",
  nodes: [...reduce(shape, ["max"]).nodes, { op: "sub", type: "float32", args: [0, 1] }],
  outputs: [
    { dtype: "float32", node: 2, strides: [shape[1] as number, 1] },
    { dtype: "float32", node: 1, strides: [1] },
  ],
});

const run = async (
  backend: WebGpuBackend,
  kernel: ReduceKernel | RowKernel,
  input: Float32Array,
): Promise<readonly (Float32Array | Int32Array)[]> => {
  const place = (bytes: number): Binding => ({ buffer: backend.allocate(bytes), byteOffset: 0 });
  const lengths = kernel.outputs.map(({ strides }) => sizeOf(kernel.shape.slice(0, strides.length)));
  const x = place(input.byteLength);
  backend.upload(x, input);
  const outputs = lengths.map((length) => place(4 * length));
  backend.run([{ program: backend.prepare(kernel), buffers: [x, ...outputs], scalars: [] }]);
  const results = await Promise.all(outputs.map((output, i) => backend.download(output, 4 * (lengths[i] as number))));
  for (const { buffer } of [x, ...outputs]) backend.free(buffer);
  return results.map((bytes, i) =>
    kernel.outputs[i]?.dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes),
  );
};

/** Numbers from 0 to 1 without a pattern. */
const scattered = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 8) / 2 ** 24);

const sumOf = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0);

describeOn(["lavapipe", "SwiftShader"], (gpu) => {
  let backend: WebGpuBackend;
  const open = async (limits: NonNullable<WebGpuOptions["limits"]> = {}): Promise<void> => {
    backend = await createWebGpuBackend({ gpu, limits });
  };
  afterEach(() => backend.dispose());

  const near = (got: number | undefined, expected: number, ulps: number): void => {
    expect(Math.abs((got as number) - expected) / expected / 2 ** -23).toBeLessThanOrEqual(ulps);
  };

  test("sums over millions are right to the last digits", async () => {
    await open();
    const values = scattered(1_200_013);
    const [total] = await run(backend, reduce([values.length], ["sum"]), values);
    near(total?.[0], sumOf(values), 2);
    // Equal numbers round the same way each time.
    const tenths = new Float32Array(2 ** 20).fill(0.1);
    const [same] = await run(backend, reduce([tenths.length], ["sum"]), tenths);
    near(same?.[0], sumOf(tenths), 2);
  });

  test("so are long sums that one invocation does nearly alone", async () => {
    await open({ workgroup: 16, subgroup: 0 });
    const values = scattered(140 * 10007);
    for (const columns of [false, true]) {
      const [sums] = await run(backend, reduce([140, 10007], ["sum"], columns), values);
      for (let row = 0; row < 140; row += 23) {
        const ofRow = Float32Array.from({ length: 10007 }, (_, i) =>
          columns ? (values[i * 140 + row] as number) : (values[row * 10007 + i] as number),
        );
        near(sums?.[row], sumOf(ofRow), 3);
      }
    }
  });

  test("parts on a grid of two dimensions", async () => {
    await open({ groups: 3, workgroup: 64 });
    const values = scattered(3 * 50_000);
    const results = await run(backend, reduce([3, 50_000], ["sum", "max"]), values);
    for (const row of [0, 1, 2]) {
      const ofRow = values.subarray(row * 50_000, (row + 1) * 50_000);
      near(results[0]?.[row], sumOf(ofRow), 2);
      expect(results[1]?.[row]).toBe(ofRow.reduce((most, x) => Math.max(most, x), 0));
    }
  });

  test("extremes are found in any part, the first of equal ones and NaN before numbers", async () => {
    await open();
    for (const columns of [false, true]) {
      const length = 60_003;
      const values = scattered(3 * length);
      const at = (row: number, i: number): number => (columns ? i * 3 + row : row * length + i);
      for (const i of [50_001, 39_999, 59_999]) values[at(0, i)] = 7;
      for (const i of [23_456, 23_457, 11]) values[at(1, i)] = i === 11 ? 9 : Number.NaN;
      for (const i of [17_777, 17_776]) values[at(2, i)] = Number.POSITIVE_INFINITY;
      const results = await run(backend, reduce([3, length], ["max", "argmax", "min"], columns), values);
      expect([...(results[0] ?? [])]).toEqual([7, Number.NaN, Number.POSITIVE_INFINITY]);
      expect([...(results[1] ?? [])]).toEqual([39_999, 23_456, 17_776]);
      expect(results[2]?.[1]).toBeNaN();
      expect(results[2]?.[0]).toBeLessThan(0.01);
    }
  });

  test("positions in ranges without an order are the first ones", async () => {
    await open();
    for (const value of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]) {
      const values = new Float32Array(40_001).fill(value);
      const results = await run(backend, reduce([values.length], ["argmax", "argmin"]), values);
      expect(results.map((result) => result[0])).toEqual([0, 0]);
    }
  });

  const places: readonly NonNullable<WebGpuOptions["limits"]>[] = [
    { groups: 7 },
    { bindingBytes: 32768 },
    { workgroup: 64, subgroup: 0 },
    { sharedBytes: 512, subgroup: 0 },
  ];
  test.each(places)("rows and columns of every length on a device with %j", async (limits) => {
    await open(limits);
    for (const length of [10, 300, 4099]) {
      const shape = [length > 1000 ? 5 : 37, length];
      const values = scattered(sizeOf(shape)).map((x) => Math.floor(x * 100));
      const row = (r: number): Float32Array => values.subarray(r * length, (r + 1) * length);
      const rows = Array.from({ length: shape[0] as number }, (_, r) => row(r));
      const [below, most] = await run(backend, belowMaximum(shape), values);
      expect(most).toEqual(Float32Array.from(rows, (one) => Math.max(...one)));
      expect(below).toEqual(values.map((x, i) => x - (most?.[Math.floor(i / length)] as number)));
      const [sums] = await run(backend, reduce(shape, ["sum"]), values);
      expect(sums).toEqual(Float32Array.from(rows, sumOf));
      const [columns] = await run(backend, reduce([length, shape[0] as number], ["sum"], true), values);
      expect(columns).toEqual(
        Float32Array.from({ length }, (_, i) => rows.reduce((sum, one) => sum + (one[i] as number), 0)),
      );
    }
  });
});
