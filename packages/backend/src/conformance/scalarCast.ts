import { computeType, dtypes, isFloat } from "../dtype.ts";
import { bitcastTypes } from "../operands.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { listed } from "./random.ts";
import { special } from "./special.ts";

const map = { kind: "map" } as const;

/** Numbers around every border that a cast may meet. */
const borders = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  1.5,
  2.5,
  -1.5,
  -2.5,
  127,
  128,
  129,
  -128,
  -129,
  255,
  256,
  300,
  -300,
  1e-5,
  3.3e-6,
  6e-8,
  2.9e-8,
  3e-8,
  1.0009765625,
  1.00048828125,
  1.0014648,
  1.00390625,
  1.01171875,
  2049,
  2051,
  65504,
  65519,
  65520,
  65536,
  -65519,
  -65520,
  2147483520,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  -3e9,
  4294967040,
  4294967295,
  4294967296,
  1e10,
  -1e10,
  16777217,
  3e38,
  -3e38,
  Number.NaN,
  Infinity,
  -Infinity,
];
/** Only float64 tells these from float32 numbers. */
const fine = [1e300, -1e300, 1e-300, 1 + 2 ** -40, 16777217.5, 3.4028235677973366e38, 3.4028236e38, 0.1];

const castCases = (): Case[] =>
  dtypes.flatMap((from) =>
    dtypes.map((to) => {
      const values = isFloat(from) ? [...borders, ...(from === "float64" ? fine : [])] : special[from];
      return fused(
        `scalar/cast/${from} to ${to}`,
        map,
        [values.length],
        [operand(from, [values.length], listed(values))],
        (n) => [{ node: n.cast(to, n.load(0)), dtype: to }],
        { signedZeros: true },
      );
    }),
  );

/** A cast inside an expression rounds there, not only where a result is stored. */
const innerCasts = (): Case[] =>
  (["float16", "bfloat16", "int8", "uint8", "bool"] as const).map((to) => {
    const wide = computeType(to);
    return fused(
      `scalar/cast/inside to ${to}`,
      map,
      [borders.length],
      [operand("float32", [borders.length], listed(borders))],
      (n) => {
        const rounded = n.cast(to, n.load(0));
        return wide === "bool" ? n.unary("not", rounded) : n.binary("add", rounded, n.constant(wide, 1));
      },
    );
  });

const bitcastCases = (): Case[] =>
  bitcastTypes.flatMap((from) =>
    bitcastTypes.map((to) => {
      const values =
        from === "float32" ? [0, -0, 1, -1.5, 3e38, Infinity, -Infinity, 1e-30] : [...special[from], 1065353216];
      return fused(
        `scalar/bitcast/${from} to ${to}`,
        map,
        [values.length],
        [operand(from, [values.length], listed(values))],
        (n) => n.bitcast(to, n.load(0)),
        { signedZeros: true },
      );
    }),
  );

/** Casts between all dtypes, stored and inside expressions. */
export const casts = (): Case[] => [...castCases(), ...innerCasts()];

export const bitcasts = bitcastCases;
