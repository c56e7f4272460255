import type { PoolKernel } from "@gradloom/backend";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32 } from "../wasm/numeric.ts";
import type { I32, I32Like, Local } from "../wasm/value.ts";
import { both, plus, times } from "./arithmetic.ts";

/** Window geometry of one spatial dimension: x has `n` positions, y has `out`. */
export interface Axis {
  readonly n: number;
  readonly out: number;
  readonly size: number;
  readonly stride: number;
  readonly low: number;
  readonly dilation: number;
}

export const axesOf = (kernel: PoolKernel, x: readonly number[], y: readonly number[]): Axis[] =>
  kernel.window.map((size, d) => ({
    n: x[d + 1] as number,
    out: y[d + 1] as number,
    size,
    stride: kernel.stride[d] as number,
    low: kernel.padding[d]?.[0] as number,
    dilation: kernel.dilation[d] as number,
  }));

/** Whether every tap of every window lies on the input. */
export const allInside = (axes: readonly Axis[]): boolean =>
  axes.every(({ n, out, size, stride, low, dilation }) => low === 0 && (out - 1) * stride + (size - 1) * dilation < n);

/** One position of the window, in row-major order. */
export interface Tap {
  /** Bytes from the window's image to the element, without the channel. */
  readonly offset: (strides: readonly number[]) => I32Like;
  /** Whether it lies on the input; undefined when it always does. */
  readonly inside: I32 | undefined;
}

/** The taps of the window at `y`, one by one; positions and limits of each dimension are calculated once. */
export const tapsAt = (f: FunctionBuilder, axes: readonly Axis[], y: readonly I32Like[]): Tap[] => {
  const inside = allInside(axes);
  const lines = axes.map(({ n, size, stride, low, dilation }, d) => {
    const start = f.i32(plus(times(y[d] as I32Like, stride), -low));
    return Array.from({ length: size }, (_, k) => {
      const at: Local<"i32"> = k === 0 ? start : f.i32(plus(start, k * dilation));
      return { at, valid: inside ? undefined : f.i32(i32.ltU(at, n)) };
    });
  });
  const taps: Tap[] = [];
  const nest = (d: number, at: readonly Local<"i32">[], valid: readonly (Local<"i32"> | undefined)[]): void => {
    if (d === axes.length) {
      taps.push({
        offset: (strides) =>
          at.reduce((sum: I32Like, position, k) => plus(sum, times(position, strides[k] as number)), 0),
        inside: valid.reduce((sum: I32 | undefined, one) => (one === undefined ? sum : both(sum, one)), undefined),
      });
      return;
    }
    for (const one of lines[d] as (typeof lines)[number]) nest(d + 1, [...at, one.at], [...valid, one.valid]);
  };
  nest(0, [], []);
  return taps;
};
