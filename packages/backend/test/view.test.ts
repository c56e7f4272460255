import type { Shape, View } from "@gradloom/backend";
import {
  contiguousView,
  diagonalView,
  expandView,
  isContiguous,
  isMasked,
  padView,
  permuteView,
  reshapeView,
  sizeOf,
  sliceView,
  windowsView,
} from "@gradloom/backend";

/** A tensor as a list: what each position holds, in row-major order; 0 stands for a missing element. */
interface Dense {
  readonly shape: Shape;
  readonly values: readonly number[];
}

const positionsOf = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((list, n) => list.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);

const at = ({ shape, values }: Dense, position: readonly number[]): number => {
  const index = position.reduce((sum, i, d) => sum * (shape[d] as number) + i, 0);
  return position.every((i, d) => i >= 0 && i < (shape[d] as number)) ? (values[index] as number) : 0;
};

const dense = (shape: Shape, value: (position: number[]) => number): Dense => ({
  shape,
  values: positionsOf(shape).map(value),
});

/** What a view reads from a buffer that holds 1, 2, 3, ... */
const read = (view: View): Dense =>
  dense(view.shape, (position) => {
    const exists = position.every((i, d) => {
      const [low, high] = view.valid?.[d] ?? [0, view.shape[d] as number];
      return i >= low && i < high;
    });
    return exists ? 1 + position.reduce((sum, i, d) => sum + i * (view.strides[d] as number), view.offset) : 0;
  });

interface Both {
  readonly view: View;
  readonly expected: Dense;
}

const start = (shape: Shape): Both => {
  let next = 1;
  return { view: contiguousView(shape), expected: dense(shape, () => next++) };
};

/** Movements on a view and, by index arithmetic, on its list of elements. */
const moves = {
  permute: ({ view, expected }: Both, axes: readonly number[]): Both => ({
    view: permuteView(view, axes),
    expected: dense(
      axes.map((d) => expected.shape[d] as number),
      (position) => {
        const from: number[] = [];
        axes.forEach((axis, d) => {
          from[axis] = position[d] as number;
        });
        return at(expected, from);
      },
    ),
  }),
  expand: ({ view, expected }: Both, shape: Shape): Both => ({
    view: expandView(view, shape),
    expected: dense(shape, (position) => {
      const tail = position.slice(shape.length - expected.shape.length);
      return at(
        expected,
        tail.map((i, d) => (expected.shape[d] === 1 ? 0 : i)),
      );
    }),
  }),
  slice: (
    { view, expected }: Both,
    from: readonly number[],
    size: readonly number[],
    step: readonly number[],
  ): Both => ({
    view: sliceView(view, from, size, step),
    expected: dense(size, (position) =>
      at(
        expected,
        position.map((i, d) => (from[d] as number) + i * (step[d] as number)),
      ),
    ),
  }),
  pad: ({ view, expected }: Both, low: readonly number[], high: readonly number[]): Both => ({
    view: padView(view, low, high),
    expected: dense(
      expected.shape.map((n, d) => n + (low[d] as number) + (high[d] as number)),
      (position) =>
        at(
          expected,
          position.map((i, d) => i - (low[d] as number)),
        ),
    ),
  }),
  diagonal: ({ view, expected }: Both, axis1: number, axis2: number, k: number): Both => {
    const result = diagonalView(view, axis1, axis2, k);
    const rest = expected.shape.map((_, d) => d).filter((d) => d !== axis1 && d !== axis2);
    return {
      view: result,
      expected: dense(result.shape, (position) => {
        const from: number[] = [];
        rest.forEach((axis, d) => {
          from[axis] = position[d] as number;
        });
        const i = position.at(-1) as number;
        from[axis1] = i + Math.max(0, -k);
        from[axis2] = i + Math.max(0, k);
        return at(expected, from);
      }),
    };
  },
  windows: ({ view, expected }: Both, axis: number, size: number, step: number, dilation: number): Both | undefined => {
    const result = windowsView(view, axis, size, step, dilation);
    return (
      result && {
        view: result,
        expected: dense(result.shape, (position) => {
          const from = position.slice(0, -1);
          from[axis] = (position[axis] as number) * step + (position.at(-1) as number) * dilation;
          return at(expected, from);
        }),
      }
    );
  },
  reshape: ({ view, expected }: Both, shape: Shape): Both | undefined => {
    const result = reshapeView(view, shape);
    return result && { view: result, expected: { shape, values: expected.values } };
  },
};

const agree = ({ view, expected }: Both): void => {
  expect(view.shape).toEqual(expected.shape);
  expect(read(view).values).toEqual(expected.values);
  expect(view.strides).toHaveLength(view.shape.length);
  view.valid?.forEach(([low, high], d) => {
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeGreaterThanOrEqual(low);
    expect(high).toBeLessThanOrEqual(view.shape[d] as number);
  });
};

/** The size of a diagonal, by counting. */
test("diagonals have as many elements as positions on them", () => {
  for (const [rows, columns] of [
    [3, 5],
    [5, 3],
    [1, 4],
    [0, 3],
  ] as const) {
    for (let k = -6; k <= 6; k++) {
      let count = 0;
      for (let i = 0; i < rows; i++) if (i + k >= 0 && i + k < columns) count++;
      const both = moves.diagonal(start([rows, columns]), 0, 1, k);
      expect(both.view.shape).toEqual([count]);
      agree(both);
    }
  }
});

test("slices with steps in both directions", () => {
  for (let from = 0; from < 7; from++) {
    for (const step of [-3, -2, -1, 1, 2, 3]) {
      const most = step > 0 ? Math.ceil((7 - from) / step) : Math.floor(from / -step) + 1;
      for (let size = 0; size <= most; size++) agree(moves.slice(start([2, 7]), [0, from], [2, size], [1, step]));
    }
  }
});

test("slices of padded views", () => {
  const padded = moves.pad(start([4]), [3], [2]);
  for (let from = 0; from < 9; from++) {
    for (const step of [-4, -3, -2, -1, 1, 2, 3, 4]) {
      const most = step > 0 ? Math.ceil((9 - from) / step) : Math.floor(from / -step) + 1;
      for (let size = 0; size <= most; size++) agree(moves.slice(padded, [from], [size], [step]));
    }
  }
});

test("padding of padding, of nothing, and of slices", () => {
  agree(moves.pad(moves.pad(start([2, 3]), [1, 0], [0, 2]), [0, 1], [2, 0]));
  agree(moves.pad(start([0, 3]), [1, 0], [1, 0]));
  agree(moves.pad(moves.slice(start([6]), [5], [3], [-2]), [1], [2]));
  expect(moves.pad(start([2, 3]), [0, 0], [0, 0]).view.valid).toBeUndefined();
});

test("broadcasting keeps what is missing", () => {
  const hidden = moves.slice(moves.pad(start([3]), [2], [0]), [0], [1], [1]);
  agree(moves.expand(hidden, [4, 5]));
  agree(moves.expand(moves.pad(start([1, 3]), [0, 1], [0, 1]), [2, 4, 5]));
  agree(moves.expand(start([]), [2, 3]));
  agree(moves.expand(start([1, 3]), [0, 3]));
});

test("windows", () => {
  for (const [size, step, dilation] of [
    [3, 1, 1],
    [2, 2, 1],
    [3, 2, 2],
    [1, 1, 1],
    [9, 1, 1],
    [10, 1, 1],
  ] as const) {
    const both = moves.windows(start([2, 9, 2]), 1, size, step, dilation);
    expect(both).toBeDefined();
    if (both) agree(both);
  }
  expect(moves.windows(moves.pad(start([4]), [1], [0]), 0, 2, 1, 1)).toBeUndefined();
  const other = moves.windows(moves.pad(start([4, 3]), [0, 1], [0, 1]), 0, 2, 1, 1);
  expect(other).toBeDefined();
  if (other) agree(other);
});

/** All shapes with `size` elements, up to `rank` dimensions. */
const shapesOf = (size: number, rank: number): number[][] => {
  if (rank === 0) return size === 1 ? [[]] : [];
  const longer: number[][] = [];
  for (let n = 1; n <= size; n++) {
    if (size % n === 0) for (const rest of shapesOf(size / n, rank - 1)) longer.push([n, ...rest]);
  }
  return longer;
};

test("a contiguous view takes every shape", () => {
  const shapes = [0, 1, 2, 3, 4].flatMap((rank) => shapesOf(12, rank));
  for (const from of shapes) {
    for (const to of shapes) {
      const both = moves.reshape(start(from), to);
      expect(both).toBeDefined();
      if (both) {
        agree(both);
        expect(isContiguous(both.view)).toBe(true);
      }
    }
  }
});

/** True when some strides read the elements in the same order under another shape. */
const hasStrides = (view: View, shape: Shape): boolean => {
  const { values } = read(view);
  const list: Dense = { shape, values };
  const unit = shape.map((n, d) =>
    n > 1
      ? at(
          list,
          shape.map((_, e) => Number(d === e)),
        ) - (values[0] as number)
      : 0,
  );
  return positionsOf(shape).every(
    (position, i) =>
      values[i] === (values[0] as number) + position.reduce((sum, p, d) => sum + p * (unit[d] as number), 0),
  );
};

test("strided views are reshaped exactly where strides exist", () => {
  const sources = [
    moves.permute(start([2, 3, 2]), [2, 1, 0]),
    moves.permute(start([2, 3, 2]), [0, 2, 1]),
    moves.permute(start([2, 6]), [1, 0]),
    moves.slice(start([4, 6]), [0, 1], [2, 6 - 1 - 2], [2, 1]),
    moves.slice(start([3, 4]), [2, 3], [3, 4], [-1, -1]),
    moves.slice(start([12]), [11], [6], [-2]),
    moves.expand(start([1, 4]), [3, 4]),
    moves.expand(start([3, 1]), [3, 4]),
    moves.expand(start([1]), [2, 6]),
    moves.slice(start([2, 3, 4]), [0, 0, 0], [2, 3, 2], [1, 1, 2]),
  ];
  for (const source of sources) {
    for (const shape of [0, 1, 2, 3, 4].flatMap((rank) => shapesOf(sizeOf(source.view.shape), rank))) {
      const both = moves.reshape(source, shape);
      if (both) agree(both);
      expect([source.view, shape, both !== undefined]).toEqual([source.view, shape, hasStrides(source.view, shape)]);
    }
  }
});

test("padded views are reshaped where ranges stay whole", () => {
  const padded = moves.pad(start([2, 6]), [1, 0], [1, 0]);
  const split = moves.reshape(padded, [4, 2, 3]);
  expect(split).toBeDefined();
  if (split) agree(split);
  expect(moves.reshape(padded, [24])).toBeUndefined();
  const rows = moves.pad(start([6]), [6], [6]);
  const grid = moves.reshape(rows, [3, 6]);
  expect(grid).toBeDefined();
  if (grid) agree(grid);
  expect(moves.reshape(rows, [2, 9])).toBeUndefined();
  const gone = moves.slice(moves.pad(start([3, 2]), [1, 0], [0, 0]), [0, 0], [1, 2], [1, 1]);
  const flat = moves.reshape(gone, [2]);
  expect(flat).toBeDefined();
  if (flat) agree(flat);
});

test("random compositions", () => {
  let state = 12345;
  const random = (low: number, high: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return low + ((state >> 8) % (high - low + 1));
  };
  let reshaped = 0;
  for (let trial = 0; trial < 1500; trial++) {
    let both = start(Array.from({ length: random(0, 3) }, () => random(trial % 9 === 0 ? 0 : 1, 4)));
    for (let step = random(1, 5); step > 0; step--) {
      const shape = both.view.shape;
      const rank = shape.length;
      const each = <T>(make: (n: number) => T): T[] => shape.map(make);
      switch (random(0, 5)) {
        case 0: {
          const axes = shape.map((_, d) => d).sort(() => random(0, 2) - 1);
          both = moves.permute(both, axes);
          break;
        }
        case 1: {
          const lead = Array.from({ length: random(0, 1) }, () => random(1, 3));
          if (sizeOf(shape) < 60) both = moves.expand(both, [...lead, ...each((n) => (n === 1 ? random(1, 3) : n))]);
          break;
        }
        case 2: {
          const step = each(() => (random(0, 1) ? 1 : -1) * random(1, 2));
          const from = each((n) => random(0, Math.max(0, n - 1)));
          const size = shape.map((n, d) => {
            const [f, s] = [from[d] as number, step[d] as number];
            return n === 0 ? 0 : random(0, s > 0 ? Math.ceil((n - f) / s) : Math.floor(f / -s) + 1);
          });
          both = moves.slice(both, from, size, step);
          break;
        }
        case 3:
          if (sizeOf(shape) < 60)
            both = moves.pad(
              both,
              each(() => random(0, 2)),
              each(() => random(0, 2)),
            );
          break;
        case 4:
          if (rank >= 2)
            both = moves.diagonal(
              both,
              ...((random(0, 1) ? [0, rank - 1] : [rank - 1, 0]) as [number, number]),
              random(-2, 2),
            );
          break;
        default: {
          const choices = [1, 2, 3].flatMap((r) => shapesOf(Math.max(1, sizeOf(shape)), r));
          const chosen = choices[random(0, choices.length - 1)] as number[];
          const next = moves.reshape(both, sizeOf(shape) === 0 ? [0, 2] : chosen);
          if (next) reshaped++;
          both = next ?? both;
        }
      }
      agree(both);
    }
  }
  expect(reshaped).toBeGreaterThan(300);
});

test("contiguity and masks", () => {
  expect(isContiguous(contiguousView([2, 3]))).toBe(true);
  expect(isContiguous(contiguousView([]))).toBe(true);
  expect(isContiguous(permuteView(contiguousView([1, 3]), [1, 0]))).toBe(true);
  expect(isContiguous(permuteView(contiguousView([2, 3]), [1, 0]))).toBe(false);
  expect(isContiguous(sliceView(contiguousView([4]), [1], [3], [1]))).toBe(false);
  expect(isContiguous(padView(contiguousView([4]), [0], [1]))).toBe(false);
  expect(isContiguous({ shape: [0, 3], strides: [7, 9], offset: 0, valid: undefined })).toBe(true);
  const padded = padView(contiguousView([2, 3]), [1, 0], [0, 0]);
  expect([isMasked(padded, 0), isMasked(padded, 1)]).toEqual([true, false]);
});
