import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { floating } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

type Score = (s: number, position: readonly [b: number, h: number, i: number, j: number]) => number;

/** Attention by its definition over [batch, heads, time, dim]; `score` sees and changes a score, -Infinity shuts it out. */
const attended = (q: Values, k: Values, v: Values, scale: number, score: Score = (s) => s): Values => {
  const [, heads, , dim] = q.shape as readonly [number, number, number, number];
  const [, groups, keys] = k.shape as readonly [number, number, number];
  return generate([...q.shape.slice(0, -1), v.shape.at(-1) as number], (p) => {
    const [b, h, i, o] = p as [number, number, number, number];
    const kv = Math.floor(h / (heads / groups));
    const scores = Array.from({ length: keys }, (_, j) => {
      let dot = 0;
      for (let d = 0; d < dim; d++) dot += at(q, [b, h, i, d]) * at(k, [b, kv, j, d]);
      return score(dot * scale, [b, h, i, j]);
    });
    const most = Math.max(...scores);
    if (most === -Infinity) return 0;
    const powers = scores.map((s) => Math.exp(s - most));
    const total = powers.reduce((a, c) => a + c, 0);
    return powers.reduce((sum, e, j) => sum + (e / total) * at(v, [b, kv, j, o]), 0);
  });
};

const attending = (
  name: string,
  q: readonly number[],
  k: readonly number[],
  v: readonly number[],
  options: g.AttentionOptions,
  score?: Score,
): Sample => ({
  name,
  inputs: [random(q, -2, 2, 1), random(k, -2, 2, 2), random(v, -2, 2, 3)],
  call: (a, b, c) => g.scaledDotProductAttention(a as g.Tensor, b as g.Tensor, c as g.Tensor, options),
  expected: (a, b, c) =>
    attended(a as Values, b as Values, c as Values, options.scale ?? 1 / Math.sqrt(q.at(-1) as number), score),
});

/** A sample with a mask, which `score` sees. */
const masking = (
  name: string,
  [q, k, v]: readonly [q: readonly number[], k: readonly number[], v: readonly number[]],
  mask: Values,
  score: (s: number, position: Parameters<Score>[1], mask: Values) => number,
  more: { readonly causal?: boolean; readonly smooth?: boolean } = {},
): Sample => {
  const { causal = false, ...facts } = more;
  return {
    name,
    inputs: [random(q, -2, 2, 1), random(k, -2, 2, 2), random(v, -2, 2, 3), mask],
    call: (a, b, c, m) =>
      g.scaledDotProductAttention(a as g.Tensor, b as g.Tensor, c as g.Tensor, { mask: m as g.Tensor, causal }),
    expected: (a, b, c, m) =>
      attended(a as Values, b as Values, c as Values, 1 / Math.sqrt(q.at(-1) as number), (s, position) =>
        score(s, position, m as Values),
      ),
    ...facts,
  };
};

const causal = (s: number, [, , i, j]: readonly number[]): number => ((j as number) > (i as number) ? -Infinity : s);

export const attentions = {
  scaledDotProductAttention: {
    names: { torch: "nn.functional.scaled_dot_product_attention" },
    samples: [
      attending("plain", [2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 3], {}),
      attending("causal", [1, 2, 4, 3], [1, 2, 4, 3], [1, 2, 4, 2], { causal: true }, causal),
      attending("causal, more keys", [1, 1, 2, 3], [1, 1, 4, 3], [1, 1, 4, 3], { causal: true }, causal),
      attending("grouped queries", [2, 4, 3, 2], [2, 2, 4, 2], [2, 2, 4, 3], {}),
      attending("one key head", [1, 3, 2, 2], [1, 1, 4, 2], [1, 1, 4, 2], { causal: true }, causal),
      attending("a scale", [1, 1, 2, 3], [1, 1, 3, 3], [1, 1, 3, 1], { scale: 0.3 }),
      attending("many queries", [2, 2, 9, 4], [2, 2, 5, 4], [2, 2, 5, 3], {}),
      attending("many queries, causal", [1, 2, 17, 3], [1, 2, 17, 3], [1, 2, 17, 5], { causal: true }, causal),
      attending("many grouped queries", [1, 4, 8, 2], [1, 2, 9, 2], [1, 2, 9, 2], { causal: true, scale: 1 }, causal),
      masking(
        "many queries, a float mask that hides some keys and one query's all",
        [
          [2, 4, 9, 2],
          [2, 2, 6, 2],
          [2, 2, 6, 3],
        ],
        generate([9, 6], ([i, j]) => ((i as number) % 4 === 1 || (j as number) === 2 ? -Infinity : (i as number) / 4)),
        (s, [, , i, j], mask) => s + at(mask, [i, j]),
        { smooth: false },
      ),
      masking(
        "a float mask that hides one query's keys",
        [
          [1, 2, 2, 2],
          [1, 2, 3, 2],
          [1, 2, 3, 2],
        ],
        values([
          [-Infinity, -Infinity, -Infinity],
          [0, -Infinity, 1],
        ]),
        (s, [, , i, j], mask) => s + at(mask, [i, j]),
        { smooth: false },
      ),
      masking(
        "many queries, a bool mask and causal",
        [
          [1, 2, 9, 2],
          [1, 2, 9, 2],
          [1, 2, 9, 2],
        ],
        values([false, true, true, true, false, true, true, true, true], "bool"),
        (s, [, , i, j]) => (j > i || j === 0 || j === 4 ? -Infinity : s),
        { causal: true },
      ),
      masking(
        "many queries, a float mask for all",
        [
          [1, 2, 8, 2],
          [1, 2, 3, 2],
          [1, 2, 3, 2],
        ],
        random([2, 1, 3], -2, 2, 4),
        (s, [, h, , j], mask) => s + at(mask, [h, 0, j]),
      ),
      masking(
        "a bool mask, a query without keys",
        [
          [1, 2, 3, 2],
          [1, 2, 3, 2],
          [1, 2, 3, 2],
        ],
        values(
          [
            [true, true, false],
            [false, false, false],
            [false, true, true],
          ],
          "bool",
        ),
        (s, [, , i, j], mask) => (at(mask, [i, j]) ? s : -Infinity),
      ),
      masking(
        "a float mask on grouped queries",
        [
          [1, 4, 2, 2],
          [1, 2, 3, 2],
          [1, 2, 3, 2],
        ],
        random([4, 1, 3], -2, 2, 4),
        (s, [, h, , j], mask) => s + at(mask, [h, 0, j]),
      ),
      masking(
        "a mask and causal",
        [
          [1, 1, 3, 2],
          [1, 1, 3, 2],
          [1, 1, 3, 2],
        ],
        values([false, true, true], "bool"),
        (s, [, , i, j]) => (j > i || j === 0 ? -Infinity : s),
        { causal: true },
      ),
      {
        name: "a dropout on the weights",
        inputs: [random([1, 1, 2, 2]), random([1, 1, 3, 2], -2, 2, 2), random([1, 1, 3, 2], -2, 2, 3)],
        call: (q, k, v) =>
          g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor, { dropout: (w) => w.mul(2) }),
        expected: (q, k, v) => {
          const y = attended(q as Values, k as Values, v as Values, 1 / Math.sqrt(2));
          return { shape: y.shape, data: y.data.map((x) => 2 * x) };
        },
      },
      {
        name: "rank 2 and 3",
        inputs: [random([2, 2]), random([3, 2], -2, 2, 2), random([3, 2], -2, 2, 3)],
        call: (q, k, v) => {
          const [a, b, c] = [q, k, v] as [g.Tensor, g.Tensor, g.Tensor];
          const three = g.scaledDotProductAttention(a.unsqueeze(0), b.unsqueeze(0), c.unsqueeze(0));
          return [g.scaledDotProductAttention(a, b, c), three];
        },
        expected: (q, k, v) => {
          const four = (x: Values | undefined): Values => ({ ...(x as Values), shape: [1, 1, ...(x as Values).shape] });
          const { data } = attended(four(q), four(k), four(v), 1 / Math.sqrt(2));
          return [
            { shape: [2, 2], data },
            { shape: [1, 2, 2], data },
          ];
        },
      },
      {
        name: "large scores",
        inputs: [values([[[[1000]]]]), values([[[[1], [-1]]]]), values([[[[1], [2]]]])],
        call: (q, k, v) => g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor),
        expected: values([[[[1]]]]),
      },
      {
        name: "many queries, no keys",
        inputs: [random([1, 1, 9, 2]), shaped([1, 1, 0, 2], []), shaped([1, 1, 0, 1], [])],
        call: (q, k, v) => g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor),
        expected: shaped([1, 1, 9, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        smooth: false,
      },
      {
        name: "no keys",
        inputs: [random([1, 1, 2, 2]), shaped([1, 1, 0, 2], []), shaped([1, 1, 0, 3], [])],
        call: (q, k, v) => g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor),
        expected: shaped([1, 1, 2, 3], [0, 0, 0, 0, 0, 0]),
        smooth: false,
      },
    ],
    typed: {
      inputs: [values([0, 0, 0, 0, 0, 0, 0, 0].map((x) => [x])), values([[1], [1]]), values([[1], [3]])],
      call: (q, k, v) => g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor),
      expected: values([2, 2, 2, 2, 2, 2, 2, 2].map((x) => [x])),
    },
    dtypes: floating,
    gradient: true,
    scale: "result",
    tolerance: 16,
    derivatives: [
      {
        name: "0 for a query without keys",
        inputs: [
          values([[1, 2]]),
          values([
            [1, 0],
            [0, 1],
          ]),
          values([
            [1, 2],
            [3, 4],
          ]),
          values([[false, false]], "bool"),
        ],
        call: (q, k, v, mask) =>
          g.scaledDotProductAttention(q as g.Tensor, k as g.Tensor, v as g.Tensor, { mask: mask as g.Tensor }),
        expected: [
          [0, 0],
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.scaledDotProductAttention(zeros(1, 2, 3, 4), zeros(1, 2, 3, 5), zeros(1, 2, 3, 4)),
        "[scaledDotProductAttention] queries and keys have different dims, got q [1,2,3,4], k [1,2,3,5] and v [1,2,3,4]",
      ),
      bad(
        ShapeError,
        () => g.scaledDotProductAttention(zeros(1, 2, 3, 4), zeros(1, 2, 3, 4), zeros(1, 2, 2, 4)),
        "[scaledDotProductAttention] there are not as many keys as values, got q [1,2,3,4], k [1,2,3,4] and v [1,2,2,4]",
      ),
      bad(
        ShapeError,
        () => g.scaledDotProductAttention(zeros(1, 3, 3, 4), zeros(1, 2, 3, 4), zeros(1, 2, 3, 4)),
        "[scaledDotProductAttention] the heads of q are no multiple of those of k and v, got q [1,3,3,4], k [1,2,3,4] and v [1,2,3,4]",
      ),
      bad(
        ShapeError,
        () => g.scaledDotProductAttention(zeros(2, 1, 3, 4), zeros(1, 1, 3, 4), zeros(1, 1, 3, 4)),
        "[scaledDotProductAttention] batches or heads differ, got q [2,1,3,4], k [1,1,3,4] and v [1,1,3,4]",
      ),
      bad(
        ShapeError,
        () => g.scaledDotProductAttention(zeros(4), zeros(4), zeros(4)),
        "[scaledDotProductAttention] takes [batch, heads, time, dim], got q [4], k [4] and v [4]",
      ),
      bad(
        ShapeError,
        () =>
          g.scaledDotProductAttention(zeros(2, 2), zeros(3, 2), zeros(3, 2), {
            mask: g.tensor([[true, true, true, true]]),
          }),
        "[broadcastTo] only dimensions of size 1 repeat, got [1,4] and [2,3]",
      ),
      bad(
        DTypeError,
        () =>
          g.scaledDotProductAttention(zeros(2, 2), zeros(3, 2), zeros(3, 2), {
            mask: g.zeros([2, 3], { dtype: "int32" }),
          }),
        "[scaledDotProductAttention] a mask is bool or float, got int32; use cast(...) first",
      ),
      bad(
        DTypeError,
        () => g.scaledDotProductAttention(g.zeros([1, 1], { dtype: "int32" }), zeros(1, 1), zeros(1, 1)),
        "[scaledDotProductAttention] takes floats, got int32; use cast(...) first",
      ),
      bad(
        ArgumentError,
        () => g.scaledDotProductAttention(zeros(1, 0), zeros(1, 0), zeros(1, 1)),
        "[scaledDotProductAttention] the scale is finite, got Infinity",
      ),
    ],
  },
} satisfies Rows;
