import type { DType, Shape } from "@gradloom/backend";
import { contiguousStrides, sizeOf } from "@gradloom/backend";

/** A small float64 array on the host: what samples are made of, and what references calculate with. */
export interface Values {
  readonly shape: Shape;
  readonly data: readonly number[];
  /** Set where the element type is part of the sample (indices, masks); else the sample runs in every type under test. */
  readonly dtype?: DType;
}

type Nested = number | boolean | readonly Nested[];

/** Nested lists as values. */
export const values = (nested: Nested, dtype?: DType): Values => {
  const shape: number[] = [];
  for (let level = nested; Array.isArray(level); level = level[0] as Nested) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const data: number[] = [];
  const visit = (level: Nested): void => {
    if (typeof level === "object") for (const part of level) visit(part);
    else data.push(Number(level));
  };
  visit(nested);
  return dtype === undefined ? { shape, data } : { shape, data, dtype };
};

/** Elements in row-major order under a shape. */
export const shaped = (shape: Shape, data: readonly number[], dtype?: DType): Values =>
  dtype === undefined ? { shape, data } : { shape, data, dtype };

/** Fixed pseudo-random numbers in [low, high), other ones for another `seed`. */
export const random = (shape: Shape, low = -2, high = 2, seed = 1): Values => {
  let state = (seed * 2654435761) >>> 0;
  const data = Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0;
    return low + ((mixed ^ (mixed >>> 15)) >>> 0) * 2 ** -32 * (high - low);
  });
  return { shape, data };
};

/** The element at a position; dimensions of size 1 and missing leading ones repeat. */
export const at = ({ shape, data }: Values, position: readonly number[]): number => {
  const strides = contiguousStrides(shape);
  const lead = position.length - shape.length;
  const place = shape.reduce(
    (sum, n, d) => sum + (n === 1 ? 0 : (position[d + lead] as number)) * (strides[d] as number),
    0,
  );
  return data[place] as number;
};

/** Every position of a shape, in row-major order. */
export const positionsOf = (shape: Shape): number[][] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => {
    let rest = i;
    const position = new Array<number>(shape.length);
    for (let d = shape.length - 1; d >= 0; d--) {
      position[d] = rest % (shape[d] as number);
      rest = Math.floor(rest / (shape[d] as number));
    }
    return position;
  });

/** An array by its elements. */
export const generate = (shape: Shape, element: (position: number[]) => number): Values => ({
  shape,
  data: positionsOf(shape).map(element),
});

/** Elementwise function with broadcasting. */
export const zip = (f: (...elements: number[]) => number, ...inputs: readonly Values[]): Values => {
  const rank = Math.max(0, ...inputs.map(({ shape }) => shape.length));
  const shape = Array.from({ length: rank }, (_, d) =>
    inputs.reduce((n, input) => {
      const m = input.shape[d - rank + input.shape.length] ?? 1;
      return m === 1 ? n : m;
    }, 1),
  );
  return generate(shape, (position) => f(...inputs.map((input) => at(input, position))));
};

/** Folds the elements over some axes (all of them by default) by a function of their list. */
export const fold = (
  x: Values,
  axes: readonly number[] | undefined,
  f: (elements: number[]) => number,
  keepDims = false,
): Values => {
  const rank = x.shape.length;
  const over = (axes ?? x.shape.map((_, d) => d)).map((d) => (d < 0 ? d + rank : d));
  const kept = x.shape.map((n, d) => (over.includes(d) ? 1 : n));
  const inner = x.shape.map((n, d) => (over.includes(d) ? n : 1));
  const data = positionsOf(kept).map((outer) =>
    f(
      positionsOf(inner).map((step) =>
        at(
          x,
          step.map((i, d) => i + (outer[d] as number)),
        ),
      ),
    ),
  );
  return { shape: keepDims ? kept : x.shape.filter((_, d) => !over.includes(d)), data };
};

/** Replaces each line along `axis` by a function of it, which may change its length. */
export const alongAxis = (x: Values, axis: number, f: (line: number[]) => number[]): Values => {
  const rank = x.shape.length;
  const d = axis < 0 ? axis + rank : axis;
  const n = x.shape[d] as number;
  const lines = new Map<string, number[]>();
  const line = (position: number[]): number[] => {
    const key = position.map((i, e) => (e === d ? 0 : i)).join(",");
    let made = lines.get(key);
    if (made === undefined) {
      made = f(
        Array.from({ length: n }, (_, i) =>
          at(
            x,
            position.map((p, e) => (e === d ? i : p)),
          ),
        ),
      );
      lines.set(key, made);
    }
    return made;
  };
  const length = n === 0 ? f([]).length : line(x.shape.map(() => 0)).length;
  const shape = x.shape.map((m, e) => (e === d ? length : m));
  return generate(shape, (position) => line(position)[position[d] as number] as number);
};
