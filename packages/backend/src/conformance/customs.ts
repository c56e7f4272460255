import type { CustomKernel } from "../kernel.ts";
import { contiguousStrides, type Shape } from "../shape.ts";
import type { Case, Operand } from "./case.ts";
import { operand, plain } from "./case.ts";
import { exactNumbers } from "./random.ts";

/** The same function for each backend. */
type Code = Required<Pick<CustomKernel, "host" | "wgsl">>;

const custom = (
  name: string,
  operands: readonly Operand[],
  outputs: readonly { dtype: CustomKernel["outputs"][number]["dtype"]; shape: Shape; strides?: readonly number[] }[],
  code: Code,
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
      ...code,
    },
    operands,
    { scalars },
  );

/** WGSL with `statements` for invocation `id`; arrays are bound in order. */
const wgsl = (
  arrays: readonly (readonly [name: string, access: "read" | "read_write", element: string])[],
  workgroups: readonly [number, number, number],
  statements: string,
): Code["wgsl"] => {
  const bindings = arrays.map(
    ([name, access, element], i) => `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${element}>;`,
  );
  const source = `${bindings.join("\n")}
@group(1) @binding(0) var<uniform> scalars: array<vec4<u32>, 1>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  ${statements}
}
`;
  return { source, workgroups };
};

const at = (list: ArrayLike<number>, i: number): number => list[i] as number;

/** Code of the user. */
export const customs = (): Case[] => [
  custom(
    "two outputs and scalars",
    [operand("float32", [3, 5], exactNumbers(1)), operand("int32", [5], exactNumbers(2))],
    [
      { dtype: "float32", shape: [3, 5] },
      { dtype: "int32", shape: [] },
    ],
    {
      host: ([x, w], [y, count], [scale, shift]) => {
        for (let i = 0; i < 15; i++)
          (y as { [i: number]: number })[i] = at(x!, i) * (scale as number) + at(w!, i % 5) + (shift as number);
        (count as { [i: number]: number })[0] = x!.length;
      },
      wgsl: wgsl(
        [
          ["x", "read", "f32"],
          ["w", "read", "i32"],
          ["y", "read_write", "f32"],
          ["count", "read_write", "i32"],
        ],
        [2, 2, 1],
        `let i = id.x + 8u * id.y;
  if (i >= 15u) { return; }
  y[i] = x[i] * bitcast<f32>(scalars[0].x) + f32(w[i % 5u]) + f32(bitcast<i32>(scalars[0].y));
  if (i == 0u) { count[0] = 15; }`,
      ),
    },
    [
      ["float32", 0.5],
      ["int32", -3],
    ],
  ),
  custom("half floats are numbers", [operand("float16", [7], exactNumbers(3))], [{ dtype: "bfloat16", shape: [7] }], {
    host: ([x], [y]) => {
      for (let i = 0; i < 7; i++) (y as { [i: number]: number })[i] = at(x!, i) + 1;
    },
    wgsl: wgsl(
      [
        ["x", "read", "u32"],
        ["y", "read_write", "u32"],
      ],
      [1, 1, 1],
      `let codes = bitcast<vec2<u32>>(unpack2x16float(x[id.x]) + 1.0);
  y[id.x] = (codes.x >> 16u) | (codes.y & 0xffff0000u);`,
    ),
  }),
  custom(
    "transposed output",
    [operand("uint8", [2, 3], exactNumbers(4))],
    [{ dtype: "uint8", shape: [2, 3], strides: [1, 2] }],
    {
      host: ([x], [y]) => {
        for (let i = 0; i < 6; i++) (y as { [i: number]: number })[i] = at(x!, i);
      },
      wgsl: wgsl(
        [
          ["x", "read", "u32"],
          ["y", "read_write", "u32"],
        ],
        [1, 1, 1],
        "if (id.x < 2u) { y[id.x] = x[id.x]; }",
      ),
    },
  ),
  custom(
    "no inputs, empty output",
    [],
    [
      { dtype: "float32", shape: [4] },
      { dtype: "float32", shape: [0] },
    ],
    {
      host: (_, [y]) => {
        for (let i = 0; i < 4; i++) (y as { [i: number]: number })[i] = i * i;
      },
      wgsl: wgsl(
        [
          ["y", "read_write", "f32"],
          ["nothing", "read_write", "f32"],
        ],
        [1, 1, 4],
        "if (id.x == 0u) { y[id.z] = f32(id.z * id.z); }",
      ),
    },
  ),
];
