import type { DType } from "@gradloom/backend";
import { ArgumentError, DTypeError, isFloat, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { same, widened } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, positionsOf, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

/** Integers give int32 (uint32 stays); bool is refused. */
const multiplied = (dtype: DType): DType | undefined =>
  dtype === "bool" ? undefined : isFloat(dtype) || dtype === "uint32" ? dtype : "int32";

/** The sum of products, one letter per dimension, over every position of all letters; no shortcuts. */
const summed = (terms: readonly string[], result: string, ...inputs: readonly Values[]): Values => {
  const sizes = new Map<string, number>();
  terms.forEach((term, k) => {
    [...term].forEach((letter, d) => {
      sizes.set(letter, Math.max(sizes.get(letter) ?? 1, inputs[k]?.shape[d] as number));
      if (inputs[k]?.shape[d] === 0) sizes.set(letter, 0);
    });
  });
  const letters = [...sizes.keys()];
  const inner = letters.filter((letter) => !result.includes(letter));
  const size = (letter: string): number => sizes.get(letter) as number;
  return generate([...result].map(size), (outer) => {
    let sum = 0;
    for (const rest of positionsOf(inner.map(size))) {
      const place = (letter: string): number =>
        (result.includes(letter) ? outer[result.indexOf(letter)] : rest[inner.indexOf(letter)]) as number;
      sum += inputs.reduce((p, x, k) => p * at(x, [...(terms[k] as string)].map(place)), 1);
    }
    return sum;
  });
};

const multiplying = (
  a: readonly number[],
  b: readonly number[],
  terms: readonly [string, string],
  result: string,
): Sample => ({
  inputs: [random(a, -2, 2, 1), random(b, -2, 2, 2)],
  call: (x, y) => g.matmul(x as g.Tensor, y as g.Tensor),
  expected: (x, y) => summed(terms, result, x as Values, y as Values),
});

const einsumming = (subscripts: string, shapes: readonly number[][], terms: string[], result: string): Sample => ({
  name: subscripts,
  inputs: shapes.map((shape, i) => random(shape, -2, 2, i + 1)),
  call: (...inputs) => g.einsum(subscripts, ...inputs),
  expected: (...inputs) => summed(terms, result, ...inputs),
});

/** With letters only. */
const einsumOf = (subscripts: string, ...shapes: number[][]): Sample => {
  const [left, right] = subscripts.split("->") as [string, string];
  return einsumming(subscripts, shapes, left.split(","), right);
};

const pair = (
  name: string,
  a: readonly number[],
  b: readonly number[],
  call: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  terms: readonly [string, string],
  result: string,
): Sample => ({
  name,
  inputs: [random(a, -2, 2, 1), random(b, -2, 2, 2)],
  call: (x, y) => call(x as g.Tensor, y as g.Tensor),
  expected: (x, y) => summed(terms, result, x as Values, y as Values),
});

export const products = {
  matmul: {
    names: { torch: "matmul", numpy: "matmul", tfjs: "matMul" },
    samples: [
      multiplying([3, 4], [4, 2], ["ik", "kj"], "ij"),
      multiplying([4], [4], ["k", "k"], ""),
      multiplying([4], [4, 2], ["k", "kj"], "j"),
      multiplying([3, 4], [4], ["ik", "k"], "i"),
      multiplying([2, 3, 4], [4, 2], ["bik", "kj"], "bij"),
      multiplying([2, 3, 4], [4], ["bik", "k"], "bi"),
      multiplying([4], [2, 4, 3], ["k", "bkj"], "bj"),
      multiplying([2, 3, 4], [2, 4, 2], ["bik", "bkj"], "bij"),
      multiplying([3, 4], [2, 4, 2], ["ik", "bkj"], "bij"),
      multiplying([2, 3, 4], [1, 4, 2], ["bik", "xkj"], "bij"),
      multiplying([3, 4], [1, 1, 4, 2], ["ik", "abkj"], "abij"),
      multiplying([2, 1, 3, 2], [3, 2, 2], ["abik", "bkj"], "abij"),
      multiplying([1, 3, 1, 2], [2, 1, 2, 2], ["abik", "abkj"], "abij"),
      multiplying([2, 0], [0, 3], ["ik", "kj"], "ij"),
      multiplying([0, 2], [2, 3], ["ik", "kj"], "ij"),
      multiplying([2, 0, 3], [3, 2], ["bik", "kj"], "bij"),
      multiplying([0, 2, 3], [0, 3, 2], ["bik", "bkj"], "bij"),
      pair("transposed", [4, 3], [2, 4], (a, b) => a.transpose().matmul(b.transpose()), ["ki", "jk"], "ij"),
      pair(
        "of a slice",
        [3, 6],
        [4, 2],
        (a, b) => a.slice(":, ::2").matmul(b.slice("::-1").slice("1:")),
        ["ik", "kj"],
        "ij",
      ),
    ].map((sample) =>
      sample.name === "of a slice"
        ? {
            ...sample,
            expected: (a: Values, b: Values) =>
              generate([3, 2], ([i, j]) =>
                [0, 1, 2].reduce((sum, k) => sum + at(a, [i as number, 2 * k]) * at(b, [2 - k, j as number]), 0),
              ),
          }
        : sample,
    ) as Sample[],
    dtypes: multiplied,
    gradient: true,
    tolerance: 8,
    scale: "result",
    errors: [
      bad(
        ShapeError,
        () => g.matmul(zeros(2, 3), zeros(4, 2)),
        "[matmul] the inner sizes 3 and 4 differ, got [2,3] and [4,2]; the last axis of the first must match the last but one of the second",
      ),
      bad(
        ShapeError,
        () => g.matmul(zeros(), zeros(2)),
        "[matmul] needs at least rank 1, got [] and [2]; use mul for numbers",
      ),
      bad(
        ShapeError,
        () => g.matmul(zeros(2, 1, 2), zeros(3, 2, 1)),
        "[matmul] shapes do not broadcast, got [2] and [3]; axis -1 has sizes 2 and 3; sizes must be equal or 1",
      ),
      bad(
        DTypeError,
        () => g.matmul(g.ones([1, 1], { dtype: "bool" }), zeros(1, 1)),
        "[matmul] takes numbers, got bool and float32; use cast(...) first",
      ),
    ],
  },
  einsum: {
    names: { torch: "einsum", numpy: "einsum", tfjs: "einsum" },
    samples: [
      einsumOf("ik,kj->ij", [3, 4], [4, 2]),
      einsumOf("bik,bkj->bij", [2, 3, 4], [2, 4, 2]),
      einsumOf("ik,jk->ji", [3, 4], [2, 4]),
      einsumOf("ij->ji", [2, 3]),
      einsumOf("ij->", [2, 3]),
      einsumOf("ij->j", [2, 3]),
      einsumOf("ii->", [3, 3]),
      einsumOf("ii->i", [3, 3]),
      einsumOf("iij->ji", [2, 2, 3]),
      einsumOf("iii->i", [2, 2, 2]),
      einsumOf("ijij->ij", [2, 3, 2, 3]),
      einsumOf("ii,i->i", [3, 3], [3]),
      einsumOf("i,i->", [4], [4]),
      einsumOf("i,j->ij", [2], [3]),
      einsumOf("i,j->ji", [2], [3]),
      einsumOf("i,i->i", [3], [3]),
      einsumOf("ij,ij->i", [2, 3], [2, 3]),
      einsumOf("bhid,bhjd->bhij", [2, 2, 3, 2], [2, 2, 2, 2]),
      einsumOf("bij,bj->bi", [2, 3, 2], [2, 2]),
      einsumOf("ij,jk,kl->il", [2, 3], [3, 2], [2, 4]),
      einsumOf("i,ij,j->", [2], [2, 3], [3]),
      einsumOf("a,b,c->abc", [2], [1], [3]),
      einsumOf("ij,kl->ik", [2, 3], [2, 2]),
      einsumOf("ijk,ilm,njm,nlk,abc->", [2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2], [1, 2, 1]),
      einsumOf("ij,jk->ik", [2, 1], [3, 2]),
      einsumOf("ij,jk->ik", [0, 2], [2, 3]),
      einsumOf("ij,jk->ik", [2, 0], [0, 3]),
      einsumming(
        "ij,jk",
        [
          [2, 3],
          [3, 2],
        ],
        ["ij", "jk"],
        "ik",
      ),
      einsumming("ba", [[2, 3]], ["ba"], "ab"),
      einsumming(
        " i j , j k -> i k ",
        [
          [2, 3],
          [3, 2],
        ],
        ["ij", "jk"],
        "ik",
      ),
      einsumming(
        "...ij,...jk->...ik",
        [
          [2, 1, 3, 2],
          [3, 2, 2],
        ],
        ["abij", "bjk"],
        "abik",
      ),
      einsumming("...i,i->...", [[2, 3, 2], [2]], ["abi", "i"], "ab"),
      einsumming("i...->...", [[2, 3]], ["ib"], "b"),
      einsumming("...", [[2, 3]], ["ab"], "ab"),
      einsumming("i...->i", [[2, 3, 2]], ["iab"], "i"),
      einsumming(
        "i...j,...j",
        [
          [2, 3, 2],
          [3, 2],
        ],
        ["iaj", "aj"],
        "ai",
      ),
      einsumming("i->i", [[3]], ["i"], "i"),
      einsumming(",i->i", [[], [3]], ["", "i"], "i"),
      {
        name: "one tensor twice",
        inputs: [random([2, 3])],
        call: (x) => g.einsum("ij,kj->ik", x as g.Tensor, x as g.Tensor),
        expected: (x) => summed(["ij", "kj"], "ik", x as Values, x as Values),
      },
      {
        name: "small integers add up in int32",
        inputs: [values([100, 100], "int8"), values([100, 100], "int8")],
        call: (a, b) => g.einsum("i,i->", a as g.Tensor, b as g.Tensor),
        expected: values(20000, "int32"),
      },
    ],
    dtypes: widened,
    gradient: true,
    tolerance: 16,
    scale: "result",
    derivatives: [
      {
        name: "of a trace",
        inputs: [
          values([
            [1, 2],
            [3, 4],
          ]),
        ],
        call: (x) => g.einsum("ii", x as g.Tensor),
        expected: [[1, 0, 0, 1]],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.einsum("ij,jk", zeros(2, 3)),
        '[einsum] 2 terms do not fit 1 tensors, got "ij,jk" and [2,3]',
      ),
      bad(
        ShapeError,
        () => g.einsum("ij", zeros(2)),
        '[einsum] "ij" does not name the 1 dimensions of tensor 0, got "ij" and [2]',
      ),
      bad(
        ShapeError,
        () => g.einsum("i,i->", zeros(2), zeros(3)),
        '[einsum] dimension "i" has sizes 2 and 3, got "i,i->" and [2], [3]',
      ),
      bad(
        ShapeError,
        () => g.einsum("ii", zeros(2, 3)),
        '[einsum] dimension "i" has sizes 2 and 3, got "ii" and [2,3]',
      ),
      bad(
        ShapeError,
        () => g.einsum("i->ii", zeros(2)),
        '[einsum] the result names a dimension twice, got "i->ii" and [2]',
      ),
      bad(
        ShapeError,
        () => g.einsum("i->j", zeros(2)),
        '[einsum] no tensor has the dimension "j" of the result, got "i->j" and [2]',
      ),
      bad(
        ShapeError,
        () => g.einsum("i1", zeros(2, 2)),
        '[einsum] "i1" is not made of letters and one "...", got "i1" and [2,2]',
      ),
      bad(ShapeError, () => g.einsum("i->i->i", zeros(2)), '[einsum] needs one "->" at most, got "i->i->i" and [2]'),
      bad(
        ShapeError,
        () => g.einsum("..i", zeros(2, 2)),
        '[einsum] "..i" is not made of letters and one "...", got "..i" and [2,2]',
      ),
      bad(ShapeError, () => g.einsum(""), '[einsum] 1 terms do not fit 0 tensors, got "" and no tensors'),
    ],
  },
  outer: {
    names: { torch: "outer", numpy: "outer", tfjs: "outerProduct" },
    samples: [
      pair("lists", [2], [3], g.outer, ["i", "j"], "ij"),
      {
        name: "flattens",
        inputs: [random([2, 2]), random([], -2, 2, 2)],
        call: (a, b) => g.outer(a as g.Tensor, b as g.Tensor),
        expected: (a, b) =>
          shaped(
            [4, 1],
            (a as Values).data.map((x) => x * at(b as Values, [])),
          ),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [],
  },
  dot: {
    names: { torch: "dot", numpy: "dot", tfjs: "dot" },
    samples: [pair("lists", [5], [5], g.dot, ["i", "i"], ""), pair("nothing", [0], [0], g.dot, ["i", "i"], "")],
    dtypes: widened,
    gradient: true,
    scale: "result",
    typed: {
      inputs: [values([1, 2]), values([3, 4])],
      call: (a, b) => g.dot(a as g.Tensor, b as g.Tensor),
      expected: (a, b) => summed(["i", "i"], "", a as Values, b as Values),
    },
    errors: [
      bad(
        ShapeError,
        () => g.dot(zeros(2), zeros(3)),
        "[dot] takes two lists of one length, got [2] and [3]; use matmul or tensordot",
      ),
    ],
  },
  vdot: {
    names: { torch: "vdot", numpy: "vdot" },
    samples: [
      {
        name: "any shapes of one size",
        inputs: [random([2, 3]), random([6], -2, 2, 2)],
        call: (a, b) => g.vdot(a as g.Tensor, b as g.Tensor),
        expected: (a, b) => summed(["i", "i"], "", { ...(a as Values), shape: [6] }, b as Values),
      },
    ],
    typed: {
      inputs: [values([1, 2]), values([3, 4])],
      call: (a, b) => g.vdot(a as g.Tensor, b as g.Tensor),
      expected: (a, b) => summed(["i", "i"], "", a as Values, b as Values),
    },
    dtypes: widened,
    gradient: true,
    scale: "result",
    errors: [bad(ShapeError, () => g.vdot(zeros(2), zeros(3)), "[vdot] takes tensors of one size, got [2] and [3]")],
  },
  tensordot: {
    names: { torch: "tensordot", numpy: "tensordot" },
    samples: [
      pair("two axes", [2, 3, 4], [3, 4, 2], (a, b) => g.tensordot(a, b), ["ijk", "jkl"], "il"),
      pair("one axis", [2, 3], [3, 2], (a, b) => g.tensordot(a, b, 1), ["ij", "jk"], "ik"),
      pair("no axis", [2], [3], (a, b) => g.tensordot(a, b, 0), ["i", "j"], "ij"),
      pair(
        "named axes",
        [2, 3, 4],
        [4, 2, 2],
        (a, b) =>
          g.tensordot(a, b, [
            [0, -1],
            [1, 0],
          ]),
        ["ijk", "kil"],
        "jl",
      ),
      pair("all axes", [2, 3], [2, 3], (a, b) => g.tensordot(a, b, 2), ["ij", "ij"], ""),
    ],
    dtypes: multiplied,
    gradient: true,
    tolerance: 8,
    scale: "result",
    errors: [
      bad(
        ShapeError,
        () => g.tensordot(zeros(2, 3), zeros(2, 3), 1),
        "[tensordot] axes [1] and [0] do not pair up, got [2,3] and [2,3]",
      ),
      bad(
        ShapeError,
        () =>
          g.tensordot(zeros(2, 2), zeros(2, 2), [
            [0, 0],
            [0, 1],
          ]),
        "[tensordot] axes [0,0] and [0,1] do not pair up, got [2,2] and [2,2]",
      ),
      bad(
        ArgumentError,
        () => g.tensordot(zeros(2), zeros(2), 2),
        "[tensordot] takes 0 to 1 axes of [2] and [2], got 2",
      ),
    ],
  },
  kron: {
    names: { torch: "kron", numpy: "kron" },
    samples: [
      {
        name: "matrices",
        inputs: [random([2, 3]), random([3, 2], -2, 2, 2)],
        call: (a, b) => g.kron(a as g.Tensor, b as g.Tensor),
        expected: (a, b) =>
          generate([6, 6], (p) => {
            const [i, j] = p as [number, number];
            return at(a as Values, [Math.floor(i / 3), Math.floor(j / 2)]) * at(b as Values, [i % 3, j % 2]);
          }),
      },
      {
        name: "different ranks",
        inputs: [random([2]), random([2, 2], -2, 2, 2)],
        call: (a, b) => g.kron(a as g.Tensor, b as g.Tensor),
        expected: (a, b) =>
          generate([2, 4], (p) => {
            const [i, j] = p as [number, number];
            return at(a as Values, [Math.floor(j / 2)]) * at(b as Values, [i, j % 2]);
          }),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [],
  },
  trace: {
    names: { torch: "trace", numpy: "trace" },
    samples: [
      {
        name: "a matrix",
        inputs: [random([3, 3])],
        call: (x) => g.trace(x as g.Tensor),
        expected: (x) => values([0, 1, 2].reduce((sum, i) => sum + at(x as Values, [i, i]), 0)),
      },
      {
        name: "above, of the last axes",
        inputs: [random([2, 3, 3])],
        call: (x) => g.trace(x as g.Tensor, 1, -2, -1),
        expected: (x) =>
          generate([2], ([n]) => at(x as Values, [n, 0, 1] as number[]) + at(x as Values, [n, 1, 2] as number[])),
      },
    ],
    dtypes: widened,
    gradient: true,
    tolerance: 8,
    errors: [bad(ShapeError, () => g.trace(zeros(2)), "[diagonal] axis 1 is out of range for rank 1; use -1 to 0")],
  },
  matrixPower: {
    names: { torch: "linalg.matrix_power", numpy: "linalg.matrix_power" },
    samples: [
      ...[0, 1, 2, 3, 5].map(
        (power): Sample => ({
          name: `to ${power}`,
          inputs: [random([2, 3, 3], -1, 1)],
          call: (x) => g.matrixPower(x as g.Tensor, power),
          expected: (x) => {
            let y = generate([2, 3, 3], ([, i, j]) => (i === j ? 1 : 0));
            for (let k = 0; k < power; k++) y = summed(["bik", "bkj"], "bij", y, x as Values);
            return y;
          },
          smooth: power > 0,
        }),
      ),
      {
        name: "to -2",
        inputs: [
          values([
            [2, 0],
            [1, 4],
          ]),
        ],
        call: (x) => g.matrixPower(x as g.Tensor, -2),
        expected: values([
          [0.25, 0],
          [-0.125 * 0.5 - 0.25 * 0.125, 0.0625],
        ]),
      },
    ],
    typed: {
      inputs: [
        values([
          [1, 1],
          [0, 1],
        ]),
      ],
      call: (x) => g.matrixPower(x as g.Tensor, 5),
      expected: values([
        [1, 5],
        [0, 1],
      ]),
    },
    dtypes: multiplied,
    gradient: true,
    tolerance: 32,
    scale: "result",
    errors: [
      bad(ShapeError, () => g.matrixPower(zeros(2, 3), 2), "[matrixPower] takes square matrices, got [2,3]"),
      bad(ArgumentError, () => g.matrixPower(zeros(2, 2), 0.5), "[matrixPower] the power is a whole number, got 0.5"),
    ],
  },
} satisfies Rows;
