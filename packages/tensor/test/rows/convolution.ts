import type { DType } from "@gradloom/backend";
import { ArgumentError, DTypeError, isFloat, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, positionsOf, random, shaped, values } from "../support/values.ts";
import { storedSample } from "../support/windows.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

const convolved = (dtype: DType): DType | undefined =>
  isFloat(dtype) ? dtype : dtype === "bool" || dtype === "uint32" ? undefined : "int32";

/** Convolution by its definition; `before` is the padding in front. */
const convolution = (
  x: Values,
  f: Values,
  out: readonly number[],
  { stride = 1, before = 0, dilation = 1, groups = 1 } = {},
): Values => {
  const rank = out.length;
  const [perGroup, count] = f.shape.slice(-2) as [number, number];
  const window = f.shape.slice(0, rank);
  return generate([x.shape[0] as number, ...out, count], (p) => {
    const [n, o] = [p[0] as number, p[rank + 1] as number];
    const group = Math.floor(o / (count / groups));
    let sum = 0;
    for (const k of positionsOf(window)) {
      const place = k.map((i, d) => (p[d + 1] as number) * stride + i * dilation - before);
      if (place.some((i, d) => i < 0 || i >= (x.shape[d + 1] as number))) continue;
      for (let c = 0; c < perGroup; c++) {
        sum += at(x, [n, ...place, group * perGroup + c]) * at(f, [...k, c, o]);
      }
    }
    return sum;
  });
};

type Convolution = (x: g.Tensor, filter: g.Tensor, options?: g.ConvOptions) => g.Tensor;

const convolving = (
  name: string,
  op: Convolution,
  x: readonly number[],
  f: readonly number[],
  options: g.ConvOptions,
  out: readonly number[],
  geometry: Parameters<typeof convolution>[3],
): Sample => ({
  name,
  inputs: [random(x, -2, 2, 1), random(f, -2, 2, 2)],
  call: (a, b) => op(a as g.Tensor, b as g.Tensor, options),
  expected: (a, b) => convolution(a as Values, b as Values, out, geometry),
});

const small: Sample = {
  inputs: [values([[[1], [2], [3]]]), values([[[1]], [[2]]])],
  call: (x, f) => g.conv1d(x as g.Tensor, f as g.Tensor),
  expected: values([[[5], [8]]]),
};

const facts = { dtypes: convolved, gradient: true, scale: "result", tolerance: 8 } as const;

export const convolutions = {
  conv1d: {
    names: { torch: "nn.functional.conv1d", tfjs: "conv1d" },
    samples: [
      storedSample("conv1d", (x, f) => g.conv1d(x, f)),
      storedSample("conv1d strided", (x, f) => g.conv1d(x, f, { stride: 2, padding: 1 })),
      storedSample("conv1d dilated", (x, f) => g.conv1d(x, f, { dilation: 3, padding: 3 })),
      storedSample("conv1d grouped", (x, f) => g.conv1d(x, f, { groups: 2 })),
      convolving("same", g.conv1d, [1, 5, 2], [3, 2, 2], { padding: "same" }, [5], { before: 1 }),
      convolving("same, even window", g.conv1d, [1, 5, 1], [4, 1, 1], { padding: "same" }, [5], { before: 1 }),
      convolving("same, strided", g.conv1d, [2, 6, 1], [3, 1, 2], { padding: "same", stride: 2 }, [3], { stride: 2 }),
      convolving("uneven padding", g.conv1d, [1, 4, 1], [3, 1, 1], { padding: [[2, 1]] }, [5], { before: 2 }),
      convolving("stride beyond the window", g.conv1d, [1, 8, 1], [2, 1, 1], { stride: 3 }, [3], { stride: 3 }),
      convolving("no batch", g.conv1d, [0, 4, 1], [2, 1, 2], {}, [3], {}),
      convolving("no channels", g.conv1d, [1, 4, 0], [2, 0, 2], {}, [3], {}),
      convolving("no outputs", g.conv1d, [1, 4, 1], [2, 1, 0], {}, [3], {}),
      {
        name: "promotes",
        inputs: [values([[[1], [2]]], "int8"), values([[[0.5]]], "float16")],
        call: (x, f) => g.conv1d(x as g.Tensor, f as g.Tensor),
        expected: values([[[0.5], [1]]], "float16"),
      },
    ],
    typed: small,
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.conv1d(zeros(2, 3), zeros(1, 3, 1)),
        "[conv1d] takes [batch, length, channels], got [2,3]; reshape it first",
      ),
      bad(
        ShapeError,
        () => g.conv1d(zeros(1, 2, 1), zeros(2, 1, 1), { dilation: 2 }),
        "[conv1d] a window over 3 positions does not fit the 2 of spatial dimension 0, padding included; use a smaller window, or more padding for [2]",
      ),
      bad(
        DTypeError,
        () => g.conv1d(g.zeros([1, 1, 1], { dtype: "bool" }), g.zeros([1, 1, 1], { dtype: "bool" })),
        "[conv1d] takes floats or signed integers, got bool and bool; use cast(...) first",
      ),
    ],
  },
  conv2d: {
    names: { torch: "nn.functional.conv2d", tfjs: "conv2d" },
    samples: [
      storedSample("conv2d", (x, f) => g.conv2d(x, f)),
      storedSample("conv2d strided", (x, f) => g.conv2d(x, f, { stride: [2, 3], padding: [1, 0] })),
      storedSample("conv2d dilated", (x, f) => g.conv2d(x, f, { dilation: [3, 2], padding: 2 })),
      storedSample("conv2d grouped", (x, f) => g.conv2d(x, f, { groups: 3, padding: 1 })),
      storedSample("conv2d depthwise", (x, f) => g.conv2d(x, f, { groups: 3, padding: 1, stride: 2 })),
      storedSample("conv2d pointwise", (x, f) => g.conv2d(x, f)),
      storedSample("conv2d on all", (x, f) => g.conv2d(x, f)),
      convolving("same", g.conv2d, [1, 4, 5, 1], [3, 3, 1, 2], { padding: "same" }, [4, 5], { before: 1 }),
    ],
    typed: {
      inputs: [
        values([
          [
            [[1], [2]],
            [[3], [4]],
          ],
        ]),
        values([[[[1]], [[1]]]]),
      ],
      call: (x, f) => g.conv2d(x as g.Tensor, f as g.Tensor),
      expected: values([[[[3]], [[7]]]]),
    },
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.conv2d(zeros(8, 32, 32, 3), zeros(3, 3, 4, 16)),
        "[conv2d] input has 3 channels but the filter expects 4, got [8,32,32,3] and [3,3,4,16]; pass groups or fix the filter",
      ),
      bad(
        ShapeError,
        () => g.conv2d(zeros(1, 4, 4, 6), zeros(3, 3, 2, 4), { groups: 2 }),
        "[conv2d] input has 6 channels but the filter expects 2 in each of 2 groups, got [1,4,4,6] and [3,3,2,4]; pass groups or fix the filter",
      ),
      bad(
        ShapeError,
        () => g.conv2d(zeros(1, 4, 4, 4), zeros(3, 3, 2, 3), { groups: 2 }),
        "[conv2d] 3 output channels do not divide into 2 groups, got filter [3,3,2,3]",
      ),
      bad(
        ShapeError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 2, 3)),
        "[conv2d] the filter is [...window, input channels / groups, output channels] of rank 4, got [3,2,3]",
      ),
      bad(
        ShapeError,
        () => g.conv2d(zeros(4, 4, 2), zeros(3, 3, 2, 3)),
        "[conv2d] takes [batch, height, width, channels], got [4,4,2]; reshape it first",
      ),
      bad(
        ArgumentError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3), { padding: -1 }),
        "[conv2d] padding is whole numbers >= 0, got -1; slice the input to cut it",
      ),
      bad(
        ArgumentError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3), { padding: [1, 1, 1] }),
        '[conv2d] cannot read padding [1,1,1]; use "same", "valid", a number or 2 of them',
      ),
      bad(
        ArgumentError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3), { stride: [1, 0] }),
        "[conv2d] stride is a whole number >= 1, or 2 of them, got [1,0]",
      ),
      bad(
        ArgumentError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3), { dilation: 1.5 }),
        "[conv2d] dilation is a whole number >= 1, or 2 of them, got 1.5",
      ),
      bad(
        ArgumentError,
        () => g.conv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3), { groups: 0 }),
        "[conv2d] groups is a whole number >= 1, got 0",
      ),
    ],
  },
  conv3d: {
    names: { torch: "nn.functional.conv3d", tfjs: "conv3d" },
    samples: [
      storedSample("conv3d", (x, f) => g.conv3d(x, f, { stride: [1, 2, 1], padding: 1, dilation: [2, 1, 1] })),
      convolving("same", g.conv3d, [1, 2, 3, 2, 1], [3, 3, 3, 1, 1], { padding: "same" }, [2, 3, 2], { before: 1 }),
    ],
    typed: {
      inputs: [shaped([1, 1, 1, 2, 1], [1, 2]), shaped([1, 1, 2, 1, 1], [3, 4])],
      call: (x, f) => g.conv3d(x as g.Tensor, f as g.Tensor),
      expected: shaped([1, 1, 1, 1, 1], [11]),
    },
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.conv3d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 3)),
        "[conv3d] takes [batch, depth, height, width, channels], got [1,4,4,2]; reshape it first",
      ),
    ],
  },
  convTranspose1d: {
    names: { torch: "nn.functional.conv_transpose1d" },
    samples: [
      storedSample("convTranspose1d", (x, f) => g.convTranspose1d(x, f, { stride: 2 })),
      storedSample("convTranspose1d padded", (x, f) =>
        g.convTranspose1d(x, f, { stride: 3, padding: 2, outputPadding: 1 }),
      ),
      {
        name: "same",
        inputs: [random([1, 3, 1]), random([4, 1, 1], -2, 2, 2)],
        call: (x, f) => g.convTranspose1d(x as g.Tensor, f as g.Tensor, { stride: 2, padding: "same" }),
        // Input i reaches outputs 2 i - 1 to 2 i + 2.
        expected: (x, f) =>
          generate([1, 6, 1], ([, o]) =>
            [0, 1, 2].reduce((sum, i) => {
              const k = (o as number) - 2 * i + 1;
              return k < 0 || k > 3 ? sum : sum + at(x as Values, [0, i, 0]) * at(f as Values, [k, 0, 0]);
            }, 0),
          ),
      },
      {
        name: "same, window below the stride",
        inputs: [values([[[1], [2]]]), values([[[3]]])],
        call: (x, f) => g.convTranspose1d(x as g.Tensor, f as g.Tensor, { stride: 2, padding: "same" }),
        expected: values([[[3], [0], [6], [0]]]),
      },
    ],
    typed: {
      inputs: [values([[[1], [2]]]), values([[[1]], [[10]]])],
      call: (x, f) => g.convTranspose1d(x as g.Tensor, f as g.Tensor),
      expected: values([[[1], [12], [20]]]),
    },
    ...facts,
    errors: [
      bad(
        ArgumentError,
        () => g.convTranspose1d(zeros(1, 3, 2), zeros(3, 1, 2), { stride: 2, outputPadding: 2 }),
        '[convTranspose1d] outputPadding is less than the stride and 0 with padding "same", got 2 and stride 2',
      ),
      bad(
        ShapeError,
        () => g.convTranspose1d(zeros(1, 1, 2), zeros(1, 1, 2), { padding: 1 }),
        "[convTranspose1d] spatial dimension 0 would have -1 positions, got [1,1,2]; use less padding",
      ),
    ],
  },
  convTranspose2d: {
    names: { torch: "nn.functional.conv_transpose2d", tfjs: "conv2dTranspose" },
    samples: [
      storedSample("convTranspose2d", (x, f) => g.convTranspose2d(x, f, { stride: 2, padding: 1, outputPadding: 1 })),
      storedSample("convTranspose2d dilated", (x, f) => g.convTranspose2d(x, f, { dilation: 2, padding: 1 })),
      storedSample("convTranspose2d grouped", (x, f) => g.convTranspose2d(x, f, { groups: 2, stride: [2, 1] })),
    ],
    typed: {
      inputs: [shaped([1, 1, 1, 1], [2]), shaped([1, 2, 1, 1], [3, 4])],
      call: (x, f) => g.convTranspose2d(x as g.Tensor, f as g.Tensor),
      expected: shaped([1, 1, 2, 1], [6, 8]),
    },
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.convTranspose2d(zeros(1, 4, 4, 3), zeros(3, 3, 8, 4)),
        "[convTranspose2d] input has 3 channels but the filter expects 4, got [1,4,4,3] and [3,3,8,4]; the filter is [...window, output channels / groups, input channels]",
      ),
      bad(
        ShapeError,
        () => g.convTranspose2d(zeros(1, 4, 4, 3), zeros(3, 3, 8, 3), { groups: 2 }),
        "[convTranspose2d] 3 input channels do not divide into 2 groups, got [1,4,4,3] and [3,3,8,3]; the filter is [...window, output channels / groups, input channels]",
      ),
    ],
  },
  convTranspose3d: {
    names: { torch: "nn.functional.conv_transpose3d", tfjs: "conv3dTranspose" },
    samples: [
      storedSample("convTranspose3d", (x, f) => g.convTranspose3d(x, f, { stride: [2, 1, 2], padding: [1, 0, 0] })),
    ],
    typed: {
      inputs: [shaped([1, 1, 1, 1, 1], [2]), shaped([1, 1, 2, 1, 1], [3, 4])],
      call: (x, f) => g.convTranspose3d(x as g.Tensor, f as g.Tensor),
      expected: shaped([1, 1, 1, 2, 1], [6, 8]),
    },
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.convTranspose3d(zeros(1, 4, 4, 3), zeros(3, 3, 8, 3)),
        "[convTranspose3d] takes [batch, depth, height, width, channels], got [1,4,4,3]; reshape it first",
      ),
    ],
  },
  depthwiseConv2d: {
    names: { tfjs: "depthwiseConv2d" },
    samples: [
      {
        name: "with a multiplier",
        inputs: [random([2, 4, 4, 3]), random([2, 3, 3, 2], -2, 2, 2)],
        call: (x, f) => g.depthwiseConv2d(x as g.Tensor, f as g.Tensor, { stride: 2 }),
        expected: (x, f) =>
          generate([2, 2, 1, 6], ([n, i, j, o]) => {
            const c = Math.floor((o as number) / 2);
            return positionsOf([2, 3]).reduce(
              (sum, [a, b]) =>
                sum +
                at(
                  x as Values,
                  [n, 2 * (i as number) + (a as number), 2 * (j as number) + (b as number), c] as number[],
                ) *
                  at(f as Values, [a, b, c, (o as number) % 2] as number[]),
              0,
            );
          }),
      },
    ],
    ...facts,
    errors: [
      bad(
        ShapeError,
        () => g.depthwiseConv2d(zeros(1, 4, 4, 3), zeros(3, 3, 4, 1)),
        "[depthwiseConv2d] input has 3 channels but the filter 4, got [1,4,4,3] and [3,3,4,1]; fix the filter",
      ),
    ],
  },
  separableConv2d: {
    names: { tfjs: "separableConv2d" },
    samples: [
      {
        name: "same",
        inputs: [random([1, 4, 4, 2]), random([3, 3, 2, 2], -1, 1, 2), random([1, 1, 4, 3], -1, 1, 3)],
        call: (x, d, p) => g.separableConv2d(x as g.Tensor, d as g.Tensor, p as g.Tensor, { padding: "same" }),
        expected: (x, d, p) => {
          const depthwise = generate([3, 3, 1, 4], ([a, b, , o]) =>
            at(d as Values, [a, b, Math.floor((o as number) / 2), (o as number) % 2] as number[]),
          );
          const middle = convolution(x as Values, depthwise, [4, 4], { before: 1, groups: 2 });
          return convolution(middle, p as Values, [4, 4]);
        },
      },
    ],
    ...facts,
    tolerance: 16,
    errors: [
      bad(
        ShapeError,
        () => g.separableConv2d(zeros(1, 4, 4, 2), zeros(3, 3, 2, 1), zeros(3, 1, 2, 4)),
        "[separableConv2d] the pointwise filter is [1, 1, channels, output channels], got [3,1,2,4]",
      ),
    ],
  },
  unfold: {
    names: { torch: "nn.functional.unfold" },
    samples: [
      storedSample("unfold", (x) => g.unfold(x, [2, 3], { stride: [2, 1], padding: [1, 0], dilation: [1, 2] })),
      {
        name: "as a convolution",
        inputs: [random([2, 5, 4, 2]), random([3, 2, 2, 3], -2, 2, 2)],
        call: (x, f) =>
          g
            .unfold(x as g.Tensor, [3, 2])
            .matmul((f as g.Tensor).reshape([12, 3]))
            .reshape([2, 3, 3, 3]),
        expected: (x, f) => convolution(x as Values, f as Values, [3, 3]),
        only: ["float64"],
      },
    ],
    typed: {
      inputs: [values([[[1], [2], [3]]])],
      call: (x) => g.unfold(x as g.Tensor, 2),
      expected: values([
        [
          [1, 2],
          [2, 3],
        ],
      ]),
    },
    dtypes: same,
    gradient: true,
    tolerance: 16,
    errors: [
      bad(ShapeError, () => g.unfold(zeros(2, 3), 2), "[unfold] takes [batch, ...spatial, channels], got [2,3]"),
      bad(
        ShapeError,
        () => g.unfold(zeros(1, 2, 1), 3),
        "[unfold] a window over 3 positions does not fit the 2 of spatial dimension 0, padding included; use a smaller window, or more padding for [2]",
      ),
    ],
  },
  fold: {
    names: { torch: "nn.functional.fold" },
    samples: [
      storedSample("fold", (x) => g.fold(x, [3, 4], 2)),
      storedSample("fold strided", (x) =>
        g.fold(x, [5, 6], [2, 3], { stride: [2, 1], padding: [1, 0], dilation: [3, 2] }),
      ),
    ],
    typed: {
      inputs: [
        values([
          [
            [1, 2],
            [3, 4],
          ],
        ]),
      ],
      call: (x) => g.fold(x as g.Tensor, [3], 2),
      expected: values([[[1], [5], [4]]]),
    },
    dtypes: same,
    gradient: true,
    errors: [
      bad(ShapeError, () => g.fold(zeros(2, 3), [3], 2), "[fold] takes [batch, windows, patch], got [2,3]"),
      bad(
        ShapeError,
        () => g.fold(zeros(1, 3, 2), [3], 2),
        "[fold] spatial sizes [3] give 2 windows of a multiple of 2, got [1,3,2]",
      ),
      bad(ArgumentError, () => g.fold(zeros(1, 3, 2), [], 2), "[fold] spatial sizes are whole numbers >= 1, got []"),
    ],
  },
} satisfies Rows;
