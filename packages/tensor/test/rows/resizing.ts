import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";
import type { WindowCase } from "../support/windows.ts";
import { storedSample } from "../support/windows.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

const line = values([[[1], [3], [2]]]);

export const resizing = {
  resize: {
    names: { torch: "nn.functional.interpolate", tfjs: "image.resizeBilinear" },
    samples: [
      ...(["nearest", "linear", "cubic"] as const).flatMap((mode) =>
        ["8,12", "3,4", "5,5", "1,1", "4,9"].flatMap((size) =>
          (mode === "nearest" ? [false] : [false, true]).map((alignCorners) =>
            storedSample(`resize ${mode} ${size}${alignCorners ? " aligned" : ""}` as WindowCase, (x) =>
              g.resize(x, size.split(",").map(Number), { mode, alignCorners }),
            ),
          ),
        ),
      ),
      storedSample("resize linear 1d", (x) => g.resize(x, 8, { mode: "linear" })),
      storedSample("resize linear 3d", (x) => g.resize(x, [4, 2, 3], { mode: "linear" })),
      storedSample("resize cubic from one row", (x) => g.resize(x, [3, 4], { mode: "cubic" })),
    ],
    typed: {
      inputs: [line],
      call: (x) => g.resize(x as g.Tensor, 6),
      expected: (x) => generate([1, 6, 1], ([, i]) => at(x as Values, [0, Math.floor((i as number) / 2), 0])),
    },
    dtypes: same,
    gradient: true,
    scale: "result",
    tolerance: 64,
    errors: [
      bad(
        ShapeError,
        () => g.resize(zeros(2, 3), 2),
        "[resize] takes [batch, ...spatial, channels] with spatial sizes >= 1, got [2,3]",
      ),
      bad(
        ArgumentError,
        () => g.resize(zeros(1, 2, 2, 1), [0, 1]),
        "[resize] the size is a whole number >= 1, or 2 of them, got [0,1]",
      ),
      bad(
        ArgumentError,
        () => g.resize(zeros(1, 2, 1), 2, { alignCorners: true }),
        '[resize] mode "nearest" has no corners to align; use mode "linear" or "cubic"',
      ),
      bad(
        ArgumentError,
        () => g.resize(zeros(1, 2, 1), 2, { mode: "area" as "linear" }),
        '[resize] unknown mode "area"; use "nearest", "linear" or "cubic"',
      ),
      bad(
        DTypeError,
        () => g.resize(g.zeros([1, 2, 1], { dtype: "bool" }), 4, { mode: "linear" }),
        "[resize] takes numbers, got bool; use cast(...) first",
      ),
    ],
  },
  upsample: {
    names: { torch: "nn.Upsample", tfjs: "layers.upSampling2d" },
    samples: [
      {
        name: "nearest",
        inputs: [random([1, 2, 3, 2])],
        call: (x) => g.upsample(x as g.Tensor, [2, 3]),
        expected: (x) =>
          generate([1, 4, 9, 2], ([n, i, j, c]) =>
            at(x as Values, [n, Math.floor((i as number) / 2), Math.floor((j as number) / 3), c] as number[]),
          ),
      },
      storedSample("resize linear 8,12", (x) => g.upsample(x, 2, { mode: "linear" })),
    ],
    dtypes: same,
    gradient: true,
    scale: "result",
    tolerance: 8,
    errors: [
      bad(
        ArgumentError,
        () => g.upsample(zeros(1, 2, 1), 1.5),
        "[upsample] the factor is a whole number >= 1, got 1.5",
      ),
    ],
  },
  pixelShuffle: {
    names: { torch: "nn.functional.pixel_shuffle" },
    samples: [storedSample("pixelShuffle", (x) => g.pixelShuffle(x, 2))],
    typed: {
      inputs: [shaped([1, 1, 1, 4], [1, 3, 2, 0])],
      call: (x) => g.pixelShuffle(x as g.Tensor, 2),
      expected: (x) => ({ shape: [1, 2, 2, 1], data: (x as Values).data }),
    },
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.pixelShuffle(zeros(1, 2, 2, 6), 2),
        "[pixelShuffle] 6 channels do not divide by 4, got [1,2,2,6]",
      ),
    ],
  },
  pixelUnshuffle: {
    names: { torch: "nn.functional.pixel_unshuffle" },
    samples: [
      storedSample("pixelUnshuffle", (x) => g.pixelUnshuffle(x, 2)),
      {
        name: "undoes pixelShuffle",
        inputs: [random([1, 2, 3, 9])],
        call: (x) => g.pixelUnshuffle(g.pixelShuffle(x as g.Tensor, 3), 3),
        expected: (x) => x as Values,
      },
    ],
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.pixelUnshuffle(x as g.Tensor, 2),
      expected: (x) => ({ shape: [1, 1, 1, 4], data: (x as Values).data }),
    },
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.pixelUnshuffle(zeros(1, 3, 4, 1), 2),
        "[pixelUnshuffle] height and width do not divide by 2, got [1,3,4,1]",
      ),
    ],
  },
} satisfies Rows;
