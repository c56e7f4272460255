import type { DType } from "../dtype.ts";
import { isFloat } from "../dtype.ts";
import type { ScanKernel } from "../kernel.ts";
import { contiguousStrides, formatShape, type Shape } from "../shape.ts";
import { contiguousView, padView, permuteView, sliceView } from "../view.ts";
import type { Case, Operand, Tolerance } from "./case.ts";
import { exact, operand, plain } from "./case.ts";
import { exactNumbers, integers, listed, type Source, uniform } from "./random.ts";

type Operation = ScanKernel["operation"];

interface Way {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

interface Given extends Way {
  readonly axis: number;
  readonly x: Operand;
  readonly strides?: readonly number[];
  readonly over?: number;
  readonly expected?: readonly number[];
  readonly tolerance?: Tolerance;
}

const describeWay = ({ exclusive, reverse }: Way): string =>
  `${exclusive ? " exclusive" : ""}${reverse ? " reverse" : ""}`;

const scan = (name: string, operation: Operation, given: Given): Case => {
  const { axis, exclusive, reverse, x, over } = given;
  const shape = x.view.shape;
  const dtype = operation === "argmax" || operation === "argmin" ? "int32" : x.dtype;
  return plain(
    `scan/${operation}/${name}${describeWay(given)}`,
    {
      kind: "scan",
      operation,
      shape,
      axis,
      exclusive,
      reverse,
      inputs: [{ dtype: x.dtype, view: x.view }],
      outputs: [{ dtype, strides: given.strides ?? contiguousStrides(shape), ...(over === undefined ? {} : { over }) }],
    },
    [x],
    { expected: [given.expected], tolerance: given.tolerance ?? exact },
  );
};

const rounded: Tolerance = { ulps: 16, absolute: 16 };
const powers = listed([1, 2, -1, 0.5, -2, 1, 0.25, 4, -0.5, 2, 1, 1.5, 0.5]);
const small = listed([1, -1, 2, 1, -3, 1, 1]);

/** What each operation is fed with, and the types it takes. */
const operations: Readonly<
  Record<Operation, { readonly source: Source; readonly dtypes: readonly DType[]; readonly tolerance: Tolerance }>
> = {
  sum: {
    source: exactNumbers(1),
    dtypes: ["float32", "float64", "float16", "int32", "uint32", "int8", "uint8"],
    tolerance: exact,
  },
  prod: {
    source: (dtype, count) => (isFloat(dtype) ? powers : small)(dtype, count),
    dtypes: ["float32", "float64", "int32"],
    tolerance: exact,
  },
  max: {
    source: exactNumbers(2),
    dtypes: ["float32", "float64", "bfloat16", "int32", "uint32", "int8"],
    tolerance: exact,
  },
  min: { source: exactNumbers(3), dtypes: ["float32", "float64", "int32", "uint32", "uint8"], tolerance: exact },
  logAddExp: { source: uniform(-3, 3, 4), dtypes: ["float32", "float64"], tolerance: rounded },
  argmax: { source: exactNumbers(5), dtypes: ["float32", "float64", "int32", "uint32"], tolerance: exact },
  argmin: { source: exactNumbers(6), dtypes: ["float32", "float64", "int32", "uint32"], tolerance: exact },
};

const ways: readonly Way[] = [false, true].flatMap((exclusive) =>
  [false, true].map((reverse) => ({ exclusive, reverse })),
);
const forward: Way = { exclusive: false, reverse: false };

const places: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[7], 0],
  [[0], 0],
  [[3, 0], 0],
  [[3, 0], 1],
  [[5, 33], 1],
  [[17, 5], 0],
  [[3, 9, 4], 1],
  [[2, 3, 1, 5], 2],
  [[1300], 0],
];

const swept = (operation: Operation): Case[] => {
  const { source, dtypes, tolerance } = operations[operation];
  return [
    ...places.flatMap(([shape, axis]) =>
      // Long products leave the range of exact numbers.
      operation === "prod" && shape[axis] === 1300
        ? []
        : ways.map((way) =>
            scan(`axis ${axis} of ${formatShape(shape)}`, operation, {
              ...way,
              axis,
              x: operand("float32", shape, source),
              tolerance,
            }),
          ),
    ),
    ...dtypes.flatMap((dtype) =>
      ways.map((way) => scan(dtype, operation, { ...way, axis: 1, x: operand(dtype, [3, 11], source), tolerance })),
    ),
  ];
};

const nan = Number.NaN;
const mixed = [2, 5, 5, nan, 1, nan, 9, -3];

const known = (operation: Operation, way: Way, expected: readonly number[]): Case =>
  scan("ties and NaN", operation, { ...way, axis: 0, x: operand("float32", [8], listed(mixed)), expected });

const exclusive: Way = { exclusive: true, reverse: false };
const reverse: Way = { exclusive: false, reverse: true };

const edges = (): Case[] => [
  known("sum", forward, [2, 7, 12, nan, nan, nan, nan, nan]),
  known("sum", reverse, [nan, nan, nan, nan, nan, nan, 6, -3]),
  known("max", forward, [2, 5, 5, nan, nan, nan, nan, nan]),
  known("max", exclusive, [-Infinity, 2, 5, 5, nan, nan, nan, nan]),
  known("min", reverse, [nan, nan, nan, nan, nan, nan, -3, -3]),
  known("argmax", forward, [0, 1, 2, 3, 3, 5, 5, 5]),
  known("argmax", exclusive, [0, 0, 1, 2, 3, 3, 5, 5]),
  known("argmax", reverse, [3, 3, 3, 3, 5, 5, 6, 7]),
  known("argmin", forward, [0, 0, 0, 3, 3, 5, 5, 5]),
  scan("infinities", "logAddExp", {
    ...forward,
    axis: 0,
    x: operand("float32", [5], listed([-Infinity, -Infinity, 0, 0, Infinity])),
    expected: [-Infinity, -Infinity, 0, Math.LN2, Infinity],
    tolerance: rounded,
  }),
  scan("wrapping", "sum", { ...forward, axis: 0, x: operand("int32", [40], integers(-2147483648, 2147483647, 7)) }),
  scan("accuracy", "sum", {
    ...forward,
    axis: 1,
    x: operand("float32", [2, 20000], uniform(0, 1, 8)),
    tolerance: { ulps: 32, absolute: 16 },
  }),
  scan("accuracy", "sum", {
    ...reverse,
    axis: 0,
    x: operand("float64", [3000, 2], uniform(0, 1, 9)),
    tolerance: { ulps: 32, absolute: 16 },
  }),
];

/** Sizes at which backends cut lines into pieces. */
const long = (operation: Operation): Case[] => {
  const { source, tolerance } = operations[operation];
  const x = (shape: Shape) => operand("float32", shape, operation === "prod" ? listed([1, -1, 1]) : source);
  return [
    scan("long lines", operation, { ...forward, axis: 1, x: x([3, 9000]), tolerance }),
    scan("long columns", operation, { ...exclusive, axis: 0, x: x([5000, 20]), tolerance }),
    ...(operation === "sum" || operation === "argmax"
      ? [
          scan("many lines", operation, { ...reverse, axis: 1, x: x([65, 2100]), tolerance }),
          scan("many short columns", operation, { ...forward, axis: 1, x: x([17, 17, 512]), tolerance }),
        ]
      : []),
  ];
};

const layouts = (): Case[] => {
  const x = operand("float32", permuteView(contiguousView([9, 4, 5]), [1, 0, 2]), exactNumbers(1));
  const flipped = operand("float32", sliceView(contiguousView([33]), [32], [33], [-1]), exactNumbers(2));
  const padded = operand("float32", padView(contiguousView([3, 9]), [1, 2], [0, 3]), exactNumbers(3));
  return [
    scan("transposed input", "sum", { ...forward, axis: 1, x }),
    scan("transposed output", "max", { ...reverse, axis: 2, x, strides: [1, 4, 36] }),
    scan("output with gaps", "argmin", { ...forward, axis: 0, x: flipped, strides: [3] }),
    scan("flipped input", "sum", { ...exclusive, axis: 0, x: flipped }),
    scan("padded input", "sum", { ...forward, axis: 1, x: padded }),
    scan("in place", "sum", { ...exclusive, axis: 1, x: operand("float32", [5, 40], exactNumbers(4)), over: 0 }),
    scan("in place", "sum", { ...reverse, axis: 0, x: operand("float32", [40, 5], exactNumbers(5)), over: 0 }),
  ];
};

/** Scans: every operation, both directions, any axis. */
export const scans = (): Case[] => [
  ...(Object.keys(operations) as Operation[]).flatMap(swept),
  ...edges(),
  ...(Object.keys(operations) as Operation[]).flatMap(long),
  ...layouts(),
];
