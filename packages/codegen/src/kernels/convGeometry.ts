import type { ConvKernel, KernelInput } from "@gradloom/backend";

/** One spatial dimension of a convolution of x (`input` long) into y (`output` long). */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly window: number;
  readonly stride: number;
  /** Padding in front. */
  readonly low: number;
  readonly dilation: number;
}

/** The parts of a convolution. */
export interface ConvGeometry {
  readonly batch: number;
  readonly axes: readonly Axis[];
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
  const axes = x.slice(1, -1).map(
    (input, d): Axis => ({
      input,
      output: y[d + 1] as number,
      window: filter[d] as number,
      stride: kernel.stride[d] as number,
      low: (kernel.padding[d] as readonly [number, number])[0],
      dilation: kernel.dilation[d] as number,
    }),
  );
  return {
    batch: x[0] as number,
    axes,
    groups: kernel.groups,
    inner: filter.at(-2) as number,
    outer: (filter.at(-1) as number) / kernel.groups,
  };
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * How the gradient of x gathers from y along one dimension. Positions of x with the same remainder by the stride, a phase, meet the same
 * taps: position `phase + t stride` meets taps `first[phase] + j period` below the window, and there y at `t + at[phase] - j step`.
 */
export interface Phases {
  readonly phases: number;
  /** Positions of a phase, and taps, at most. */
  readonly positions: number;
  readonly taps: number;
  readonly first: readonly number[];
  readonly at: readonly number[];
  readonly period: number;
  readonly step: number;
}

export const phasesOf = ({ input, window, stride, low, dilation }: Axis): Phases => {
  const period = stride / gcd(stride, dilation);
  const phases = Math.max(1, Math.min(stride, input));
  const first: number[] = [];
  const at: number[] = [];
  for (let phase = 0; phase < phases; phase++) {
    let tap = 0;
    while (tap < window && (phase + low - tap * dilation) % stride !== 0) tap++;
    first.push(tap);
    at.push(tap < window ? (phase + low - tap * dilation) / stride : 0);
  }
  const taps = Math.ceil(window / period);
  return { phases, positions: Math.ceil(input / stride), taps, first, at, period, step: (period * dilation) / stride };
};
