import type { PoolKernel, Shape } from "@gradloom/backend";
import { address } from "../position.ts";
import type { Source } from "../source.ts";

/** One spatial dimension of a pool: `n` positions of x, `out` of y. */
export interface PoolAxis {
  readonly n: number;
  readonly out: number;
  readonly window: number;
  readonly stride: number;
  readonly low: number;
  readonly dilation: number;
  /** Positions from the first to the last of a window. */
  readonly reach: number;
}

/** The shapes of x and y, and what lies between them. */
export interface PoolGeometry {
  readonly x: Shape;
  readonly y: Shape;
  readonly axes: readonly PoolAxis[];
}

export const geometryOf = (kernel: PoolKernel): PoolGeometry => {
  const other = kernel.inputs[kernel.mode === "max" ? 1 : 0]?.view.shape as Shape;
  const [x, y] = kernel.direction === "forward" ? [other, kernel.shape] : [kernel.shape, other];
  const axes = kernel.window.map((window, d): PoolAxis => {
    const dilation = kernel.dilation[d] as number;
    return {
      n: x[d + 1] as number,
      out: y[d + 1] as number,
      window,
      stride: kernel.stride[d] as number,
      low: (kernel.padding[d] as readonly [number, number])[0],
      dilation,
      reach: (window - 1) * dilation + 1,
    };
  });
  return { x, y, axes };
};

/** The part of a window inside x along one axis: taps `from` to, without, `to`, tap k at position `start + k * dilation`. */
interface Span {
  readonly start: string;
  readonly from: string;
  readonly to: string;
  /** How many taps; a number where all windows have as many. */
  readonly count: string | number;
}

const spanOf = (s: Source, axis: PoolAxis, output: string): Span => {
  const { n, out, window, stride, low, dilation, reach } = axis;
  const start = s.let("int32", address([stride], [output], -low), "start");
  const clipsLow = low > 0;
  const clipsHigh = (out - 1) * stride - low + reach > n;
  const from = clipsLow
    ? s.let("int32", `max(0, ${dilation === 1 ? `-${start}` : `(${dilation - 1} - ${start}) / ${dilation}`})`, "from")
    : "0";
  const beyond = dilation === 1 ? `${n} - ${start}` : `(${n + dilation - 1} - ${start}) / ${dilation}`;
  const to = clipsHigh ? s.let("int32", `min(${window}, ${beyond})`, "to") : `${window}`;
  return { start, from, to, count: clipsLow || clipsHigh ? `(${to} - ${from})` : window };
};

/** How many taps of the window at an output position lie inside x: a number, or text of an int32. */
export const tapCount = (s: Source, axes: readonly PoolAxis[], output: readonly string[]): number | string => {
  const counts = axes.map((axis, d) => spanOf(s, axis, output[d] as string).count);
  const product = counts.reduce<number>((n, count) => (typeof count === "number" ? n * count : n), 1);
  const texts = counts.filter((count) => typeof count === "string");
  if (texts.length === 0) return product;
  return [...texts, ...(product === 1 ? [] : [`${product}`])].join(" * ");
};

/** Visits the positions inside x of the window at an output position, in row-major order. */
export const forTaps = (
  s: Source,
  axes: readonly PoolAxis[],
  output: readonly string[],
  body: (position: readonly string[]) => void,
): void => {
  const spans = axes.map((axis, d) => spanOf(s, axis, output[d] as string));
  const visit = (d: number, position: readonly string[]): void => {
    if (d === axes.length) {
      body(position);
      return;
    }
    const { start, from, to } = spans[d] as Span;
    const { dilation } = axes[d] as PoolAxis;
    s.for(from, to, (k) => {
      visit(d + 1, [...position, s.let("int32", `${start} + ${k}${dilation === 1 ? "" : ` * ${dilation}`}`, "p")]);
    });
  };
  visit(0, []);
};

/** Visits the output positions whose windows hold a position of x, in row-major order. */
export const forWindows = (
  s: Source,
  axes: readonly PoolAxis[],
  position: readonly string[],
  body: (output: readonly string[]) => void,
): void => {
  const bounds = axes.map(({ out, stride, low, reach }, d) => {
    const at = s.let("int32", address([1], [position[d] as string], low), "at");
    const from = s.let("int32", `max(0, ${address([1], [at], stride - reach)} / ${stride})`, "from");
    const to = s.let("int32", `min(${out}, ${at} / ${stride} + 1)`, "to");
    return { at, from, to };
  });
  const visit = (d: number, output: readonly string[]): void => {
    if (d === axes.length) {
      body(output);
      return;
    }
    const { at, from, to } = bounds[d] as (typeof bounds)[number];
    const { stride, dilation } = axes[d] as PoolAxis;
    s.for(from, to, (o) => {
      const next = (): void => visit(d + 1, [...output, o]);
      if (dilation === 1) next();
      else s.if(`(${at} - ${o} * ${stride}) % ${dilation} == 0`, next);
    });
  };
  visit(0, []);
};
