import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { moving } from "../support/moving.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";

const shapeError = (call: () => unknown, text: string): OpRow["errors"][number] => ({ call, error: ShapeError, text });
const argumentError = (call: () => unknown, text: string): OpRow["errors"][number] => ({
  call,
  error: ArgumentError,
  text,
});

const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

/** Every step and start of slices of small dimensions. */
const steps: Sample[] = [-4, -3, -2, -1, 1, 2, 3, 4].flatMap((step) =>
  [1, 2, 3, 6].flatMap((n) =>
    [0, 1, 2, 3].flatMap((size) => {
      const reach = (size - 1) * step;
      const start = step > 0 ? n - 1 - Math.max(0, reach) : -Math.min(0, reach);
      if (size > 0 && (start < 0 || start >= n || start + reach < 0)) return [];
      return [
        moving(
          `${size} of ${n} from ${start} by ${step}`,
          [2, n],
          (x) => x.stridedSlice([0, start], [2, size], [1, step]),
          [2, size],
          ([i, j]) => [i as number, start + (j as number) * step],
        ),
      ];
    }),
  ),
);

export const movement = {
  stridedSlice: {
    names: { tfjs: "stridedSlice" },
    samples: [
      moving(
        "a block",
        [4, 5],
        (x) => x.stridedSlice([1, 2], [2, 3]),
        [2, 3],
        ([i, j]) => [(i as number) + 1, (j as number) + 2],
      ),
      ...steps,
      moving(
        "nothing from outside",
        [2, 3],
        (x) => x.stridedSlice([0, 9], [2, 0], [1, -2]),
        [2, 0],
        () => [],
      ),
      moving(
        "two strides",
        [5, 7],
        (x) => x.stridedSlice([4, 1], [3, 2], [-2, 3]),
        [3, 2],
        ([i, j]) => [4 - 2 * (i as number), 1 + 3 * (j as number)],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => zeros(3).stridedSlice([1], [3]), "[slice] positions 1 to 3 are outside dimension 0 of [3]"),
      shapeError(
        () => zeros(3).stridedSlice([0, 0], [1, 1]),
        "[slice] needs one start, size and step per dimension of [3]",
      ),
      argumentError(() => zeros(3).stridedSlice([0], [1], [0]), "[slice] a step is a whole number other than 0, got 0"),
    ],
  },
  slice: {
    names: { torch: "Tensor.__getitem__", numpy: "ndarray.__getitem__", tfjs: "slice" },
    samples: [
      moving(
        "a range",
        [6],
        (x) => x.slice("1:-1"),
        [4],
        ([i]) => [(i as number) + 1],
      ),
      moving(
        "a position",
        [3, 4],
        (x) => x.slice("1"),
        [4],
        ([j]) => [1, j as number],
      ),
      moving(
        "from the end",
        [3, 4],
        (x) => x.slice([null, -1]),
        [3],
        ([i]) => [i as number, 3],
      ),
      moving(
        "all positions",
        [3, 4],
        (x) => x.slice("-1, 0"),
        [],
        () => [2, 0],
      ),
      moving(
        "a step",
        [7],
        (x) => x.slice("1::2"),
        [3],
        ([i]) => [1 + 2 * (i as number)],
      ),
      moving(
        "backwards",
        [5],
        (x) => x.slice("::-1"),
        [5],
        ([i]) => [4 - (i as number)],
      ),
      moving(
        "backwards by 2",
        [6],
        (x) => x.slice("4:0:-2"),
        [2],
        ([i]) => [4 - 2 * (i as number)],
      ),
      moving(
        "bounds beyond the ends",
        [3],
        (x) => x.slice("-9:9"),
        [3],
        (p) => p,
      ),
      moving(
        "backwards beyond the ends",
        [3],
        (x) => x.slice("9:-9:-2"),
        [2],
        ([i]) => [2 - 2 * (i as number)],
      ),
      moving(
        "nothing",
        [3],
        (x) => x.slice("2:1"),
        [0],
        () => [],
      ),
      moving(
        "nothing behind the end",
        [3],
        (x) => x.slice("5:"),
        [0],
        () => [],
      ),
      moving(
        "dots",
        [2, 3, 4],
        (x) => x.slice("..., 1"),
        [2, 3],
        ([i, j]) => [i, j, 1] as number[],
      ),
      moving(
        "dots between",
        [2, 3, 4],
        (x) => x.slice([1, "...", { start: 2 }]),
        [3, 2],
        ([j, k]) => [1, j as number, (k as number) + 2],
      ),
      moving(
        "an empty string",
        [2],
        (x) => x.slice(""),
        [2],
        (p) => p,
      ),
      moving(
        "an object",
        [5],
        (x) => x.slice([{ stop: -1, step: 3 }]),
        [2],
        ([i]) => [3 * (i as number)],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => g.slice(zeros(2, 3), "2"), "[slice] position 2 is outside dimension 0 of [2,3]"),
      shapeError(() => g.slice(zeros(2, 3), [0, 0, 0]), "[slice] 3 ranges are too many for [2,3]; give 2 at most"),
      shapeError(() => g.slice(zeros(2), [0.5]), "[slice] position 0.5 is outside dimension 0 of [2]"),
      argumentError(
        () => g.slice(zeros(2), "a"),
        '[slice] cannot read "a" in "a"; write a position, "start:stop:step" or "..."',
      ),
      argumentError(
        () => g.slice(zeros(2), "0,,1"),
        '[slice] cannot read "" in "0,,1"; write a position, "start:stop:step" or "..."',
      ),
      argumentError(() => g.slice(zeros(2), "::0"), "[slice] a step is a whole number other than 0, got 0"),
      argumentError(() => g.slice(zeros(2), "..., ..."), '[slice] takes one "..." at most'),
      argumentError(
        () => g.slice(zeros(2), [{ start: 0.5 }]),
        "[slice] start, stop and step are whole numbers, got 0.5",
      ),
    ],
  },
  flip: {
    names: { torch: "flip", numpy: "flip", tfjs: "reverse" },
    samples: [
      moving(
        "all",
        [2, 3],
        (x) => x.flip(),
        [2, 3],
        ([i, j]) => [1 - (i as number), 2 - (j as number)],
      ),
      moving(
        "one",
        [2, 3],
        (x) => x.flip(-1),
        [2, 3],
        ([i, j]) => [i as number, 2 - (j as number)],
      ),
      moving(
        "empty",
        [0, 2],
        (x) => x.flip(),
        [0, 2],
        () => [],
      ),
      moving(
        "rank 0",
        [],
        (x) => x.flip(),
        [],
        () => [],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [shapeError(() => g.flip(zeros(2), 1), "[flip] axis 1 is out of range for rank 1; use -1 to 0")],
  },
  roll: {
    names: { torch: "roll", numpy: "roll" },
    samples: [
      moving(
        "one axis",
        [2, 5],
        (x) => g.roll(x, 2, 1),
        [2, 5],
        ([i, j]) => [i as number, ((j as number) + 3) % 5],
      ),
      moving(
        "backwards",
        [2, 5],
        (x) => g.roll(x, -7, -1),
        [2, 5],
        ([i, j]) => [i as number, ((j as number) + 7) % 5],
      ),
      moving(
        "two axes",
        [2, 3],
        (x) => g.roll(x, [1, 1], [0, 1]),
        [2, 3],
        ([i, j]) => [((i as number) + 1) % 2, ((j as number) + 2) % 3],
      ),
      moving(
        "all in order",
        [2, 3],
        (x) => g.roll(x, 1),
        [2, 3],
        ([i, j]) => {
          const from = ((i as number) * 3 + (j as number) + 5) % 6;
          return [Math.floor(from / 3), from % 3];
        },
      ),
      moving(
        "by its size",
        [3],
        (x) => g.roll(x, 3, 0),
        [3],
        (p) => p,
      ),
      moving(
        "empty",
        [0, 2],
        (x) => g.roll(x, 1, 0),
        [0, 2],
        () => [],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      argumentError(() => g.roll(zeros(2), 0.5), "[roll] needs one whole number per axis, got [0.5] and no axes"),
      argumentError(() => g.roll(zeros(2), [1, 2], 0), "[roll] needs one whole number per axis, got [1,2] and [0]"),
    ],
  },
  rot90: {
    names: { torch: "rot90", numpy: "rot90" },
    samples: [
      moving(
        "once",
        [2, 3],
        (x) => g.rot90(x),
        [3, 2],
        ([i, j]) => [j as number, 2 - (i as number)],
      ),
      moving(
        "twice",
        [2, 3],
        (x) => g.rot90(x, 2),
        [2, 3],
        ([i, j]) => [1 - (i as number), 2 - (j as number)],
      ),
      moving(
        "backwards",
        [2, 3],
        (x) => g.rot90(x, -1),
        [3, 2],
        ([i, j]) => [1 - (j as number), i as number],
      ),
      moving(
        "other axes",
        [2, 2, 3],
        (x) => g.rot90(x, 1, 1, 2),
        [2, 3, 2],
        ([n, i, j]) => [n as number, j as number, 2 - (i as number)],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => g.rot90(zeros(2, 2), 1, 0, -2), "[rot90] the two axes must differ, got 0 and -2"),
      argumentError(() => g.rot90(zeros(2, 2), 0.5), "[rot90] turns are a whole number, got 0.5"),
    ],
  },
  zeroPad: {
    names: { torch: "nn.functional.pad", numpy: "pad", tfjs: "pad" },
    samples: [
      moving(
        "both sides",
        [2, 3],
        (x) => x.zeroPad([1, 0], [0, 2]),
        [3, 5],
        ([i, j]) => (i === 0 || (j as number) > 2 ? undefined : [(i as number) - 1, j as number]),
      ),
      moving(
        "nothing",
        [2],
        (x) => x.zeroPad([0], [0]),
        [2],
        (p) => p,
      ),
      moving(
        "an empty one",
        [0],
        (x) => x.zeroPad([1], [2]),
        [3],
        () => undefined,
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => zeros(2, 2).zeroPad([1], [1]), "[pad] needs one amount before and after per dimension of [2,2]"),
      argumentError(() => zeros(2).zeroPad([-1], [0]), "[pad] amounts are whole numbers >= 0, got -1"),
    ],
  },
  diagonal: {
    names: { torch: "diagonal", numpy: "diagonal" },
    samples: [
      moving(
        "main",
        [3, 3],
        (x) => g.diagonal(x),
        [3],
        ([i]) => [i, i] as number[],
      ),
      moving(
        "above",
        [3, 4],
        (x) => g.diagonal(x, 2),
        [2],
        ([i]) => [i as number, (i as number) + 2],
      ),
      moving(
        "below",
        [4, 2],
        (x) => g.diagonal(x, -1),
        [2],
        ([i]) => [(i as number) + 1, i as number],
      ),
      moving(
        "other axes",
        [3, 2, 3],
        (x) => g.diagonal(x, 0, 2, 0),
        [2, 3],
        ([j, i]) => [i, j, i] as number[],
      ),
      moving(
        "outside",
        [2, 2],
        (x) => g.diagonal(x, 5),
        [0],
        () => [],
      ),
      moving(
        "a batch",
        [2, 3, 2],
        (x) => g.diagonal(x, -1, 1, 2),
        [2, 2],
        ([n, i]) => [n as number, (i as number) + 1, i as number],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => g.diagonal(zeros(2, 2), 0, 1, -1), "[diagonal] the two axes must differ, got 1 and -1"),
      argumentError(() => g.diagonal(zeros(2, 2), 0.5), "[diagonal] the diagonal is a whole number, got 0.5"),
    ],
  },
  slidingWindows: {
    names: { torch: "Tensor.unfold", numpy: "lib.stride_tricks.sliding_window_view" },
    samples: [
      moving(
        "by 1",
        [5],
        (x) => g.slidingWindows(x, 0, 3),
        [3, 3],
        ([i, j]) => [(i as number) + (j as number)],
      ),
      moving(
        "by 2, dilated",
        [2, 8],
        (x) => g.slidingWindows(x, 1, 3, 2, 2),
        [2, 2, 3],
        ([n, i, j]) => [n as number, 2 * (i as number) + 2 * (j as number)],
      ),
      moving(
        "apart",
        [7, 2],
        (x) => g.slidingWindows(x, 0, 2, 3),
        [2, 2, 2],
        ([i, n, j]) => [3 * (i as number) + (j as number), n as number],
      ),
      moving(
        "too long",
        [2],
        (x) => g.slidingWindows(x, 0, 3),
        [0, 3],
        () => [],
      ),
      moving(
        "of padding",
        [3],
        (x) => g.slidingWindows(x.zeroPad([1], [1]), 0, 3),
        [3, 3],
        ([i, j]) => {
          const place = (i as number) + (j as number) - 1;
          return place < 0 || place > 2 ? undefined : [place];
        },
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      argumentError(
        () => g.slidingWindows(zeros(3), 0, 0),
        "[slidingWindows] size, step and dilation are whole numbers >= 1, got 0, 1 and 1",
      ),
    ],
  },
} satisfies Rows;
