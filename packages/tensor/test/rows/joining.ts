import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { alongAxis, at, generate, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

/** Joins arrays along an axis. */
const joined = (parts: readonly Values[], axis: number): Values => {
  const [first] = parts as [Values];
  const shape = first.shape.map((n, d) =>
    d === axis ? parts.reduce((m, part) => m + (part.shape[d] as number), 0) : n,
  );
  return generate(shape, (position) => {
    let rest = position[axis] as number;
    const part = parts.find((p) => {
      if (rest < (p.shape[axis] as number)) return true;
      rest -= p.shape[axis] as number;
      return false;
    }) as Values;
    return at(
      part,
      position.map((i, d) => (d === axis ? rest : i)),
    );
  });
};

const join = (name: string, shapes: readonly number[][], axis: number): Sample => ({
  name,
  inputs: shapes.map((shape, i) => random(shape, -2, 2, i + 1)),
  call: (...parts) => g.concat(parts, axis),
  expected: (...parts) => joined(parts, axis < 0 ? axis + (shapes[0] as number[]).length : axis),
});

/** Each line along an axis rearranged: `places` gives source positions; undefined is a filler. */
const lines = (
  name: string,
  shape: readonly number[],
  axis: number,
  call: (x: g.Tensor) => g.Tensor,
  places: readonly (number | undefined)[],
  filler = 0,
): Sample => ({
  name,
  inputs: [random(shape)],
  call: (x) => call(x as g.Tensor),
  expected: (x) =>
    alongAxis(x as Values, axis, (line) => places.map((i) => (i === undefined ? filler : (line[i] as number)))),
});

/** Pieces of a line along an axis. */
const pieces = (
  name: string,
  shape: readonly number[],
  axis: number,
  call: (x: g.Tensor) => g.Tensor[],
  ranges: readonly (readonly [number, number])[],
): Sample => ({
  name,
  inputs: [random(shape)],
  call: (x) => call(x as g.Tensor),
  expected: (x) => ranges.map(([from, to]) => alongAxis(x as Values, axis, (line) => line.slice(from, to))),
});

export const joining = {
  concat: {
    names: { torch: "cat", numpy: "concatenate", tfjs: "concat" },
    samples: [
      join(
        "two",
        [
          [2, 3],
          [1, 3],
        ],
        0,
      ),
      join(
        "three on the last axis",
        [
          [2, 3],
          [2, 1],
          [2, 2],
        ],
        -1,
      ),
      join("one", [[2, 3]], 1),
      join(
        "with empty ones",
        [
          [0, 2],
          [1, 2],
          [0, 2],
          [2, 2],
        ],
        0,
      ),
      join(
        "only empty ones",
        [
          [0, 2],
          [0, 2],
        ],
        0,
      ),
      join(
        "without rows",
        [
          [0, 2],
          [0, 3],
        ],
        1,
      ),
      join(
        "twenty",
        Array.from({ length: 20 }, (_, i) => [(i % 3) + 1, 2]),
        0,
      ),
      {
        name: "promotes",
        inputs: [values([1, 2], "int8"), values([0.5], "float16")],
        call: (...parts) => g.concat(parts),
        expected: values([1, 2, 0.5], "float16"),
      },
      {
        name: "keeps NaN and the sign of 0 apart",
        inputs: [shaped([2], [Number.NaN, -0], "float32"), shaped([2], [-0, Infinity], "float32")],
        call: (...parts) => g.concat(parts),
        expected: shaped([4], [Number.NaN, -0, -0, Infinity]),
      },
      {
        name: "one tensor twice",
        inputs: [random([2])],
        call: (x) => g.concat([x as g.Tensor, x as g.Tensor]),
        expected: (x) => joined([x as Values, x as Values], 0),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ShapeError, () => g.concat([]), "[concat] needs at least one tensor, got an empty list"),
      bad(ShapeError, () => g.concat([zeros()]), "[concat] tensors of rank 0 have no axis to join; use stack"),
      bad(
        ShapeError,
        () => g.concat([zeros(2, 3), zeros(2, 4)]),
        "[concat] sizes beside axis 0 differ, got [2,3] and [2,4]; reshape or slice the tensors first",
      ),
      bad(
        ShapeError,
        () => g.concat([zeros(2), zeros(2, 1)]),
        "[concat] sizes beside axis 0 differ, got [2] and [2,1]; reshape or slice the tensors first",
      ),
    ],
  },
  stack: {
    names: { torch: "stack", numpy: "stack", tfjs: "stack" },
    samples: [
      {
        name: "first",
        inputs: [random([2, 3], -2, 2, 1), random([2, 3], -2, 2, 2)],
        call: (...parts) => g.stack(parts),
        expected: (a, b) => generate([2, 2, 3], ([n, i, j]) => at((n === 0 ? a : b) as Values, [i, j] as number[])),
      },
      {
        name: "last",
        inputs: [random([2], -2, 2, 1), random([2], -2, 2, 2), random([2], -2, 2, 3)],
        call: (...parts) => g.stack(parts, -1),
        expected: (...parts) => generate([2, 3], ([i, n]) => at(parts[n as number] as Values, [i as number])),
      },
      {
        name: "numbers",
        inputs: [random([], -2, 2, 1), random([], -2, 2, 2)],
        call: (...parts) => g.stack(parts),
        expected: (...parts) => generate([2], ([n]) => at(parts[n as number] as Values, [])),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ShapeError, () => g.stack([]), "[stack] needs at least one tensor, got an empty list"),
      bad(ShapeError, () => g.stack([zeros(2), zeros(3)]), "[stack] shapes differ, got [2] and [3]"),
    ],
  },
  split: {
    names: { torch: "split", numpy: "split", tfjs: "split" },
    samples: [
      pieces("by size", [5, 2], 0, (x) => g.split(x, 2), [
        [0, 2],
        [2, 4],
        [4, 5],
      ]),
      pieces("by sizes", [2, 5], 1, (x) => g.split(x, [1, 0, 4], -1), [
        [0, 1],
        [1, 1],
        [1, 5],
      ]),
      pieces("nothing", [0, 2], 0, (x) => g.split(x, 3), [[0, 0]]),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ArgumentError, () => g.split(zeros(3), 0), "[split] a size is a whole number >= 1, got 0"),
      bad(ArgumentError, () => g.split(zeros(3), [4, -1]), "[split] sizes are whole numbers >= 0, got [4,-1]"),
      bad(ShapeError, () => g.split(zeros(3), [1, 1]), "[split] sizes [1,1] add up to 2, but axis 0 of [3] has 3"),
    ],
  },
  chunk: {
    names: { torch: "chunk", numpy: "array_split" },
    samples: [
      pieces("uneven", [5], 0, (x) => g.chunk(x, 2), [
        [0, 3],
        [3, 5],
      ]),
      pieces("fewer than asked for", [2, 5], 1, (x) => g.chunk(x, 4, 1), [
        [0, 2],
        [2, 4],
        [4, 5],
      ]),
      pieces("more than elements", [2], 0, (x) => g.chunk(x, 4), [
        [0, 1],
        [1, 2],
      ]),
      pieces("nothing", [0], 0, (x) => g.chunk(x, 2), [
        [0, 0],
        [0, 0],
      ]),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ArgumentError, () => g.chunk(zeros(3), 0.5), "[chunk] the number of pieces is a whole number >= 1, got 0.5"),
    ],
  },
  unbind: {
    names: { torch: "unbind", numpy: "unstack", tfjs: "unstack" },
    samples: [
      {
        name: "rows",
        inputs: [random([2, 3])],
        call: (x) => g.unbind(x as g.Tensor),
        expected: (x) => [0, 1].map((i) => generate([3], ([j]) => at(x as Values, [i, j as number]))),
      },
      {
        name: "columns",
        inputs: [random([2, 3])],
        call: (x) => g.unbind(x as g.Tensor, -1),
        expected: (x) => [0, 1, 2].map((j) => generate([2], ([i]) => at(x as Values, [i as number, j]))),
      },
      {
        name: "nothing",
        inputs: [random([0, 3])],
        call: (x) => g.unbind(x as g.Tensor),
        expected: [],
        smooth: false,
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.unbind(zeros()),
        "[unbind] axis 0 is out of range for rank 0; a rank-0 tensor has no axes",
      ),
    ],
  },
  tile: {
    names: { torch: "tile", numpy: "tile", tfjs: "tile" },
    samples: [
      {
        name: "two axes",
        inputs: [random([2, 3])],
        call: (x) => g.tile(x as g.Tensor, [2, 2]),
        expected: (x) => generate([4, 6], ([i, j]) => at(x as Values, [(i as number) % 2, (j as number) % 3])),
      },
      {
        name: "fewer counts",
        inputs: [random([2, 3])],
        call: (x) => g.tile(x as g.Tensor, 2),
        expected: (x) => generate([2, 6], ([i, j]) => at(x as Values, [i as number, (j as number) % 3])),
      },
      {
        name: "more counts",
        inputs: [random([2])],
        call: (x) => g.tile(x as g.Tensor, [2, 1, 3]),
        expected: (x) => generate([2, 1, 6], ([, , k]) => at(x as Values, [(k as number) % 2])),
      },
      {
        name: "no times",
        inputs: [random([2])],
        call: (x) => g.tile(x as g.Tensor, 0),
        expected: shaped([0], []),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [bad(ArgumentError, () => g.tile(zeros(2), -1), "[tile] repeats are whole numbers >= 0, got [-1]")],
  },
  repeat: {
    names: { torch: "Tensor.repeat", numpy: "tile" },
    samples: [
      {
        name: "with a new axis",
        inputs: [random([2])],
        call: (x) => g.repeat(x as g.Tensor, [3, 2]),
        expected: (x) => generate([3, 4], ([, j]) => at(x as Values, [(j as number) % 2])),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.repeat(zeros(2, 2), [2]),
        "[repeat] needs a count for each dimension, got [2] for [2,2]; use tile",
      ),
    ],
  },
  repeatInterleave: {
    names: { torch: "repeat_interleave", numpy: "repeat" },
    samples: [
      lines("each twice", [2, 3], 1, (x) => g.repeatInterleave(x, 2, -1), [0, 0, 1, 1, 2, 2]),
      lines("rows", [2, 3], 0, (x) => g.repeatInterleave(x, 3, 0), [0, 0, 0, 1, 1, 1]),
      lines("counts", [3, 2], 0, (x) => g.repeatInterleave(x, [2, 0, 1], 0), [0, 0, 2]),
      lines("no times", [2, 3], 1, (x) => g.repeatInterleave(x, 0, 1), []),
      {
        name: "without an axis",
        inputs: [random([2, 2])],
        call: (x) => g.repeatInterleave(x as g.Tensor, 2),
        expected: (x) =>
          shaped(
            [8],
            (x as Values).data.flatMap((v) => [v, v]),
          ),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.repeatInterleave(zeros(2, 3), [1, 1], 1),
        "[repeatInterleave] got 2 counts for axis 1 of [2,3]",
      ),
      bad(
        ArgumentError,
        () => g.repeatInterleave(zeros(2), [1, 0.5], 0),
        "[repeatInterleave] repeats are whole numbers >= 0, got [1,0.5]",
      ),
    ],
  },
  pad: {
    names: { torch: "nn.functional.pad", numpy: "pad", tfjs: "pad" },
    samples: [
      lines("with zeros", [2, 3], 1, (x) => g.pad(x, [[1, 2]], { axes: [1] }), [
        undefined,
        0,
        1,
        2,
        undefined,
        undefined,
      ]),
      lines("with a value", [2, 3], 0, (x) => g.pad(x, [[0, 1]], { axes: [0], value: 7 }), [0, 1, undefined], 7),
      lines(
        "reflected",
        [2, 4],
        1,
        (x) => g.pad(x, [3], { axes: [-1], mode: "reflect" }),
        [3, 2, 1, 0, 1, 2, 3, 2, 1, 0],
      ),
      lines(
        "reflected on one side",
        [4, 2],
        0,
        (x) => g.pad(x, [[0, 2]], { axes: [0], mode: "reflect" }),
        [0, 1, 2, 3, 2, 1],
      ),
      lines(
        "replicated",
        [2, 3],
        1,
        (x) => g.pad(x, [[2, 5]], { axes: [1], mode: "replicate" }),
        [0, 0, 0, 1, 2, 2, 2, 2, 2, 2],
      ),
      lines(
        "circular",
        [3, 2],
        0,
        (x) => g.pad(x, [[3, 2]], { axes: [0], mode: "circular" }),
        [0, 1, 2, 0, 1, 2, 0, 1],
      ),
      ...(["reflect", "replicate", "circular"] as const).map(
        (mode): Sample => ({
          name: `${mode} on two axes`,
          inputs: [random([3, 4])],
          call: (x) => g.pad(x as g.Tensor, [1, [2, 1]], { mode }),
          expected: (x) => {
            const place = (i: number, n: number): number => {
              if (mode === "circular") return (i + n) % n;
              if (mode === "replicate") return Math.min(n - 1, Math.max(0, i));
              return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
            };
            return generate([5, 7], ([i, j]) =>
              at(x as Values, [place((i as number) - 1, 3), place((j as number) - 2, 4)]),
            );
          },
        }),
      ),
      {
        name: "all axes by one",
        inputs: [random([1, 2])],
        call: (x) => g.pad(x as g.Tensor, 1, { value: -1 }),
        expected: (x) =>
          generate([3, 4], ([i, j]) =>
            i === 1 && (j === 1 || j === 2) ? at(x as Values, [0, (j as number) - 1]) : -1,
          ),
        only: ["float32", "float64"],
      },
      {
        name: "of nothing with a value",
        inputs: [random([0, 2])],
        call: (x) => g.pad(x as g.Tensor, [[1, 0]], { axes: [0], value: Infinity }),
        expected: shaped([1, 2], [Infinity, Infinity]),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ArgumentError, () => g.pad(zeros(3), -1), "[pad] amounts are whole numbers >= 0, got -1; use slice to cut"),
      bad(
        ShapeError,
        () => g.pad(zeros(3), 3, { mode: "reflect" }),
        "[pad] reflect padding of 3 and 3 is too much for axis 0 of [3]",
      ),
      bad(
        ShapeError,
        () => g.pad(zeros(3), 4, { mode: "circular" }),
        "[pad] circular padding of 4 and 4 is too much for axis 0 of [3]",
      ),
      bad(
        ShapeError,
        () => g.pad(zeros(0), 1, { mode: "replicate" }),
        "[pad] replicate padding of 1 and 1 is too much for axis 0 of [0]",
      ),
      bad(
        ShapeError,
        () => g.pad(zeros(2, 3), [1, 1], { axes: [0] }),
        "[pad] needs one amount per axis, got 2 for 1 axes of [2,3]",
      ),
      bad(ShapeError, () => g.pad(zeros(2, 3), [1, 1], { axes: [0, -2] }), "[pad] an axis is named twice, got [0,0]"),
      bad(
        ArgumentError,
        () => g.pad(zeros(2), 1, { mode: "wrap" as "circular" }),
        '[pad] unknown mode "wrap"; use constant, reflect, replicate, circular',
      ),
      bad(
        DTypeError,
        () => g.pad(g.zeros([2], { dtype: "int32" }), 1, { value: 0.5 }),
        "[pad] int32 cannot hold 0.5; use cast(...) first",
      ),
    ],
  },
} satisfies Rows;
