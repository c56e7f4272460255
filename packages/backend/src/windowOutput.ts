import type { Window } from "./kernel.ts";
import type { Shape } from "./shape.ts";

/** The sizes of a convolution's or a pool's result: floor((n + padding - dilation (window - 1) - 1) / stride) + 1, at least 0. */
export const windowOutput = (geometry: Window, spatial: Shape, window: Shape): number[] =>
  spatial.map((n, d) => {
    const [low, high] = geometry.padding[d] as readonly [number, number];
    const reach = ((window[d] as number) - 1) * (geometry.dilation[d] as number) + 1;
    return Math.max(0, Math.floor((n + low + high - reach) / (geometry.stride[d] as number)) + 1);
  });
