import type { ConvKernel, KernelInput } from "@gradloom/backend";

/** One spatial dimension of a convolution of x (`input` long) into y (`output` long). */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly window: number;
  readonly stride: number;
  readonly low: number;
  readonly dilation: number;
}

/** The parts of a convolution, always with three spatial dimensions; the first ones may have size 1. */
export interface ConvGeometry {
  readonly batch: number;
  readonly axes: readonly [Axis, Axis, Axis];
  /** Spatial dimensions of the kernel itself. */
  readonly spatial: number;
  readonly groups: number;
  /** Channels per group of x and of y. */
  readonly inner: number;
  readonly outer: number;
}

export const convGeometry = (kernel: ConvKernel): ConvGeometry => {
  const [first, second] = kernel.inputs as readonly [KernelInput, KernelInput];
  const [x, y, filter] = (
    {
      forward: [first.view.shape, kernel.shape, second.view.shape],
      inputGradient: [kernel.shape, first.view.shape, second.view.shape],
      weightGradient: [first.view.shape, second.view.shape, kernel.shape],
    } as const
  )[kernel.direction];
  const spatial = x.length - 2;
  const axis = (i: number): Axis => {
    const d = i - (3 - spatial);
    if (d < 0) return { input: 1, output: 1, window: 1, stride: 1, low: 0, dilation: 1 };
    return {
      input: x[d + 1] as number,
      output: y[d + 1] as number,
      window: filter[d] as number,
      stride: kernel.stride[d] as number,
      low: (kernel.padding[d] as readonly [number, number])[0],
      dilation: kernel.dilation[d] as number,
    };
  };
  return {
    batch: x[0] as number,
    axes: [axis(0), axis(1), axis(2)],
    spatial,
    groups: kernel.groups,
    inner: filter.at(-2) as number,
    outer: (filter.at(-1) as number) / kernel.groups,
  };
};

/**
 * How results along one dimension gather what they are made of: result `start + step t` for `t < count` is a sum over taps `j` of the
 * source at `t stride + offset + j spacing` times the filter at `taps[j]`.
 */
export interface Gather {
  readonly start: number;
  readonly step: number;
  readonly count: number;
  readonly stride: number;
  readonly offset: number;
  readonly spacing: number;
  readonly taps: readonly number[];
}

/** y gathers from x. */
export const forwardGather = ({ output, window, stride, low, dilation }: Axis): Gather => ({
  start: 0,
  step: 1,
  count: output,
  stride,
  offset: -low,
  spacing: dilation,
  taps: Array.from({ length: window }, (_, i) => i),
});

/**
 * x gathers from y: position i of x meets position (i + low - tap dilation) / stride of y, where that is whole. Positions with the
 * same remainder by the stride meet the same taps, so each remainder is a gather of its own, and no zeros are multiplied.
 */
export const gradientGathers = ({ input, window, stride, low, dilation }: Axis): Gather[] => {
  const gathers: Gather[] = [];
  for (let start = 0; start < Math.min(stride, input); start++) {
    const taps: number[] = [];
    // Descending taps give ascending positions.
    for (let tap = window - 1; tap >= 0; tap--) if ((start + low - tap * dilation) % stride === 0) taps.push(tap);
    const at = (tap: number): number => (start + low - tap * dilation) / stride;
    const [first, second] = taps;
    gathers.push({
      start,
      step: stride,
      count: Math.ceil((input - start) / stride),
      stride: 1,
      offset: first === undefined ? 0 : at(first),
      spacing: first === undefined || second === undefined ? 1 : at(second) - at(first),
      taps,
    });
  }
  return gathers;
};
