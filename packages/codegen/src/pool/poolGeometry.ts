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
  readonly dilation: number;
  /** How many taps; a number where all windows have as many. */
  readonly count: string | number;
}

/** The part inside x of the window at an output position, axis by axis. */
export const spansOf = (s: Source, axes: readonly PoolAxis[], output: readonly string[]): Span[] =>
  axes.map(({ n, out, window, stride, low, dilation, reach }, d) => {
    const start = s.let("int32", address([stride], [output[d] as string], -low), "start");
    const clipsLow = low > 0;
    const clipsHigh = (out - 1) * stride - low + reach > n;
    const first = dilation === 1 ? `-${start}` : `(${dilation - 1} - ${start}) / ${dilation}`;
    const from = clipsLow ? s.let("int32", `max(0, ${first})`, "from") : "0";
    const beyond = dilation === 1 ? `${n} - ${start}` : `(${n + dilation - 1} - ${start}) / ${dilation}`;
    const to = clipsHigh ? s.let("int32", `min(${window}, ${beyond})`, "to") : `${window}`;
    return { start, from, to, dilation, count: clipsLow || clipsHigh ? `(${to} - ${from})` : window };
  });

/** How many taps lie inside x: a number, or text of an int32. */
export const tapCount = (spans: readonly Span[]): number | string => {
  const product = spans.reduce((n, { count }) => (typeof count === "number" ? n * count : n), 1);
  const texts = spans.flatMap(({ count }) => (typeof count === "string" ? [count] : []));
  return texts.length === 0 ? product : [...texts, ...(product === 1 ? [] : [`${product}`])].join(" * ");
};

/** Visits the positions of taps inside x, in row-major order. */
export const forTaps = (s: Source, spans: readonly Span[], body: (position: readonly string[]) => void): void => {
  const visit = (d: number, position: readonly string[]): void => {
    const span = spans[d];
    if (span === undefined) {
      body(position);
      return;
    }
    s.for(span.from, span.to, (k) => {
      visit(d + 1, [...position, s.let("int32", address([1, span.dilation], [span.start, k]), "p")]);
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
