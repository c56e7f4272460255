import type { Tensor } from "../../src/index.ts";
import activations from "../reference/activations.json";
import special from "../reference/special.json";
import { unaryRow } from "./elementwise.ts";
import type { Derivative, OpRow } from "./row.ts";
import { shaped } from "./values.ts";

type Stored = number | string;

const number = (value: Stored): number =>
  typeof value === "number" ? value : value === "nan" ? Number.NaN : value === "inf" ? Infinity : -Infinity;

/** A function that is known at the inputs of `reference/special.json`, and at some more that are given. */
export const special64 = (
  name: keyof typeof special,
  more: readonly (readonly [x: number, y: number])[] = [],
): { readonly f: (x: number) => number; readonly inputs: readonly number[] } => {
  const rows = [...(special[name] as readonly (readonly Stored[])[]), ...more];
  const table = new Map(rows.map(([x, y]) => [x as number, number(y as Stored)]));
  return {
    f: (x) => {
      const y = table.get(x);
      if (y === undefined) throw new RangeError(`${name}(${x}) is not stored`);
      return y;
    },
    inputs: [...table.keys()],
  };
};

/** Values at infinity, -infinity and NaN. */
export const ends = (above: number, below: number): [number, number][] => [
  [Number.POSITIVE_INFINITY, above],
  [Number.NEGATIVE_INFINITY, below],
  [Number.NaN, Number.NaN],
];

/**
 * A row of an elementwise function that is stored at exact inputs. `more` adds infinities and NaN; derivatives are checked at the
 * inputs `smooth`, which must be among the stored ones.
 */
export const storedRow = (
  name: keyof typeof special,
  op: (x: Tensor) => Tensor,
  names: OpRow["names"],
  more: readonly (readonly [x: number, y: number])[],
  smooth: readonly number[],
  facts: Omit<Partial<OpRow>, "typed"> = {},
): OpRow => {
  const { f, inputs } = special64(name, more);
  return unaryRow({ op, f, domain: null, edges: inputs, points: smooth, names, gradient: true, order: 3, ...facts });
};

interface Activation {
  readonly f: (x: number) => number;
  readonly inputs: readonly number[];
  /** The derivative at all inputs, kinks included. */
  derivative(call: (x: Tensor) => Tensor): Derivative;
}

/** An activation as PyTorch calculates it, from `reference/activations.json`. */
export const activation = (name: Exclude<keyof typeof activations, "x">): Activation => {
  const { x, [name]: stored } = activations;
  const y = new Map(x.map((input, i) => [input, number(stored.y[i] as Stored)]));
  return {
    f: (input) => y.get(input) ?? Number.NaN,
    inputs: x,
    derivative: (call) => ({
      name: `${name} as in PyTorch`,
      inputs: [shaped([x.length], x)],
      call: (input) => call(input as Tensor),
      expected: [stored.dy.map(number)],
    }),
  };
};
