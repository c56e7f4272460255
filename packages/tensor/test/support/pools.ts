import * as g from "../../src/index.ts";
import type { BadCall, Sample } from "./row.ts";
import type { Values } from "./values.ts";
import { at, generate, positionsOf, random } from "./values.ts";

export const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
export const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

/** Folds each window of the last-but-one dimensions; elements outside are left out. */
export const pooled = (
  x: Values,
  window: readonly number[],
  out: readonly number[],
  { stride = window, before = window.map(() => 0) }: { stride?: readonly number[]; before?: readonly number[] },
  f: (elements: readonly number[]) => number,
): Values =>
  generate([x.shape[0] as number, ...out, x.shape.at(-1) as number], (p) => {
    const elements: number[] = [];
    for (const k of positionsOf(window)) {
      const place = k.map((i, d) => (p[d + 1] as number) * (stride[d] as number) + i - (before[d] as number));
      if (place.every((i, d) => i >= 0 && i < (x.shape[d + 1] as number))) {
        elements.push(at(x, [p[0] as number, ...place, p.at(-1) as number]));
      }
    }
    return f(elements);
  });

/** A pooling of random numbers without ties, so that the largest ones can be differentiated. */
export const pooling = (
  name: string,
  shape: readonly number[],
  call: (x: g.Tensor) => g.Tensor,
  window: readonly number[],
  out: readonly number[],
  geometry: Parameters<typeof pooled>[3],
  f: (elements: readonly number[]) => number,
): Sample => ({
  name,
  inputs: [random(shape)],
  call: (x) => call(x as g.Tensor),
  expected: (x) => pooled(x as Values, window, out, geometry, f),
});

export const most = (list: readonly number[]): number => Math.max(...list);
export const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
