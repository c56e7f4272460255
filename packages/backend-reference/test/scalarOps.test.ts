import type { BinaryOp, ComputeType, UnaryOp } from "@gradloom/backend";
import { contiguousView } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { knownBinary, knownUnary } from "./oracle/known.ts";

const device = createReferenceBackend();

/** Applies an operation to lists of arguments. */
const apply = (op: UnaryOp | BinaryOp, type: ComputeType, ...lists: readonly (readonly number[])[]): number[] => {
  const length = lists[0]?.length as number;
  const view = contiguousView([length]);
  const program = device.prepare({
    kind: "map",
    shape: [length],
    inputs: lists.map(() => ({ dtype: "float64", view })),
    scalars: [],
    nodes: [
      ...lists.map((_, input) => ({ op: "load", type: "float64", input }) as const),
      ...lists.map((_, i) => ({ op: "cast", type, to: type, args: [i] }) as const),
      { op, type, args: lists.map((_, i) => lists.length + i) as [number] } as {
        op: UnaryOp;
        type: ComputeType;
        args: [number];
      },
      { op: "cast", type: "float64", to: "float64", args: [2 * lists.length] },
    ],
    outputs: [{ dtype: "float64", node: 2 * lists.length + 1, strides: [1] }],
  });
  const bindings = [...lists, new Array<number>(length).fill(0)].map((list) => {
    const binding = { buffer: device.allocate(8 * length), byteOffset: 0 };
    device.upload(binding, Float64Array.from(list));
    return binding;
  });
  device.run([{ program, buffers: bindings, scalars: [] }]);
  const result = new Float64Array(device.downloadSync(bindings.at(-1) as (typeof bindings)[number], 8 * length));
  for (const { buffer } of bindings) device.free(buffer);
  return [...result];
};

const expectUlps = (got: number, expected: number, ulps: number): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(ulps * 2 ** -52 * Math.abs(expected));

test.each(Object.entries(knownUnary) as [UnaryOp, readonly (readonly [number, number])[]][])(
  "%s has known values",
  (op, pairs) => {
    const got = apply(
      op,
      "float64",
      pairs.map(([x]) => x),
    );
    pairs.forEach(([, expected], i) => {
      expectUlps(got[i] as number, expected, op === "erf" ? 4 : 2);
    });
  },
);

test.each(Object.entries(knownBinary) as [BinaryOp, readonly (readonly [number, number, number])[]][])(
  "%s has known values",
  (op, triples) => {
    const got = apply(
      op,
      "float64",
      triples.map(([a]) => a),
      triples.map(([, b]) => b),
    );
    triples.forEach(([, , expected], i) => {
      expectUlps(got[i] as number, expected, 2);
    });
  },
);

test("float32 is rounded after every operation", () => {
  expect(apply("add", "float32", [16777216, 0.1], [1, 0.2])).toEqual([16777216, 0.30000001192092896]);
  expect(apply("mul", "float32", [3e38], [10])).toEqual([Infinity]);
  expect(apply("exp", "float32", [1])).toEqual([2.7182817459106445]);
});

test("powers follow IEEE 754", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const bases = [1, 1, -1, -1, nan, 0, -0, -8];
  const exponents = [nan, inf, inf, -inf, 0, -1, -1, 1 / 3];
  expect(apply("pow", "float64", bases, exponents)).toEqual([1, 1, 1, 1, 1, inf, -inf, nan]);
});

test("whole numbers wrap, divide to 0 and shift out", () => {
  expect(apply("add", "int32", [2147483647], [1])).toEqual([-2147483648]);
  expect(apply("sub", "uint32", [0], [1])).toEqual([4294967295]);
  expect(apply("mul", "int32", [65537], [65537])).toEqual([131073]);
  expect(apply("mul", "uint32", [4294967295], [4294967295])).toEqual([1]);
  expect(apply("div", "int32", [-7, 7, 5, -2147483648], [2, -2, 0, -1])).toEqual([-3, -3, 0, -2147483648]);
  expect(apply("rem", "int32", [-7, 7, 5], [2, -2, 0])).toEqual([-1, 1, 0]);
  expect(apply("pow", "int32", [3, -1, -1, 2, 2, 0], [20, 3, -3, 31, -1, -2])).toEqual([
    -808182895, -1, -1, -2147483648, 0, 0,
  ]);
  expect(apply("pow", "uint32", [3], [21])).toEqual([1870418611]);
  expect(apply("shl", "int32", [1, 1, 1], [31, 32, -1])).toEqual([-2147483648, 0, 0]);
  expect(apply("shr", "int32", [-8, -8, 8, -8], [1, 40, 40, -1])).toEqual([-4, -1, 0, -1]);
  expect(apply("shr", "uint32", [4294967288, 4294967288], [1, 32])).toEqual([2147483644, 0]);
  expect(apply("abs", "int32", [-2147483648])).toEqual([-2147483648]);
  expect(apply("not", "uint32", [0])).toEqual([4294967295]);
});

test("rounding goes to even, and keeps the sign of zero", () => {
  expect(apply("round", "float64", [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994])).toEqual([0, 2, 2, -0, -2, 0]);
  expect(apply("sign", "float64", [-3, 0, 2, Number.NaN])).toEqual([-1, 0, 1, Number.NaN]);
});
