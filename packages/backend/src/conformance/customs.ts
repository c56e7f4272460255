import type { CustomKernel } from "../kernel.ts";
import { contiguousStrides, type Shape } from "../shape.ts";
import type { Case, Operand } from "./case.ts";
import { operand, plain } from "./case.ts";
import { exactNumbers } from "./random.ts";

type Host = NonNullable<CustomKernel["host"]>;

const custom = (
  name: string,
  operands: readonly Operand[],
  outputs: readonly { dtype: CustomKernel["outputs"][number]["dtype"]; shape: Shape; strides?: readonly number[] }[],
  host: Host,
  scalars: readonly (readonly ["float32" | "int32", number])[] = [],
): Case =>
  plain(
    `custom/${name}`,
    {
      kind: "custom",
      name: "conformance",
      shapes: outputs.map(({ shape }) => shape),
      inputs: operands.map(({ dtype, view }) => ({ dtype, view })),
      outputs: outputs.map(({ dtype, shape, strides }) => ({ dtype, strides: strides ?? contiguousStrides(shape) })),
      scalars: scalars.map(([type]) => type),
      host,
    },
    operands,
    { scalars },
  );

const at = (list: ArrayLike<number>, i: number): number => list[i] as number;

/** Code of the user, run by the host. */
export const customs = (): Case[] => [
  custom(
    "two outputs and scalars",
    [operand("float32", [3, 5], exactNumbers(1)), operand("int32", [5], exactNumbers(2))],
    [
      { dtype: "float32", shape: [3, 5] },
      { dtype: "int32", shape: [] },
    ],
    ([x, w], [y, count], [scale, shift]) => {
      for (let i = 0; i < 15; i++)
        (y as { [i: number]: number })[i] = at(x!, i) * (scale as number) + at(w!, i % 5) + (shift as number);
      (count as { [i: number]: number })[0] = x!.length;
    },
    [
      ["float32", 0.5],
      ["int32", -3],
    ],
  ),
  custom(
    "half floats are numbers",
    [operand("float16", [7], exactNumbers(3))],
    [{ dtype: "bfloat16", shape: [7] }],
    ([x], [y]) => {
      for (let i = 0; i < 7; i++) (y as { [i: number]: number })[i] = at(x!, i) + 1;
    },
  ),
  custom(
    "transposed output",
    [operand("uint8", [2, 3], exactNumbers(4))],
    [{ dtype: "uint8", shape: [2, 3], strides: [1, 2] }],
    ([x], [y]) => {
      for (let i = 0; i < 6; i++) (y as { [i: number]: number })[i] = at(x!, i);
    },
  ),
  custom(
    "no inputs, empty output",
    [],
    [
      { dtype: "float32", shape: [4] },
      { dtype: "float32", shape: [0] },
    ],
    (_, [y]) => {
      for (let i = 0; i < 4; i++) (y as { [i: number]: number })[i] = i * i;
    },
  ),
];
