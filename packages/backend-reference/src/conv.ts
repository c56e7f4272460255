import type { ConvKernel, HostArray, KernelInput } from "@gradloom/backend";
import { computeType, sizeOf } from "@gradloom/backend";
import { compileExpression } from "./map.ts";
import { type MultiplyAdd, multiplyAdd, roundAll } from "./multiplyAdd.ts";
import { readView } from "./positions.ts";
import type { Data, Registers } from "./steps.ts";
import { tapsOf } from "./taps.ts";

/** The channels of one tap: `inner` input channels per group, `outer` output channels per group. */
interface Channels {
  readonly groups: number;
  readonly inner: number;
  readonly outer: number;
}

type Tap = (x: number, y: number, w: number) => void;

/**
 * With i an input channel and o an output channel of one group: y[o] += x[i] f[i,o] forward, x[i] += y[o] f[i,o] for the input's
 * gradient, f[i,o] += x[i] y[o] for the filter's.
 */
const tapOf: Readonly<
  Record<
    ConvKernel["direction"],
    (channels: Channels, step: MultiplyAdd, x: Float64Array, y: Float64Array, f: Float64Array) => Tap
  >
> = {
  forward: (channels, step, x, y, f) => (xAt, yAt, w) =>
    forChannels(channels, xAt, yAt, w, (i, o, k) => {
      y[o] = step(y[o] as number, x[i] as number, f[k] as number);
    }),
  inputGradient: (channels, step, x, y, f) => (xAt, yAt, w) =>
    forChannels(channels, xAt, yAt, w, (i, o, k) => {
      x[i] = step(x[i] as number, y[o] as number, f[k] as number);
    }),
  weightGradient: (channels, step, x, y, f) => (xAt, yAt, w) =>
    forChannels(channels, xAt, yAt, w, (i, o, k) => {
      f[k] = step(f[k] as number, x[i] as number, y[o] as number);
    }),
};

const forChannels = (
  { groups, inner, outer }: Channels,
  x: number,
  y: number,
  w: number,
  visit: (x: number, y: number, f: number) => void,
): void => {
  const cout = groups * outer;
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < inner; i++) {
      const from = (x * groups + g) * inner + i;
      const row = (w * inner + i) * cout + g * outer;
      const to = y * cout + g * outer;
      for (let o = 0; o < outer; o++) visit(from, to + o, row + o);
    }
  }
};

/** Convolution as a sum over taps, in float64 (integers wrap), rounded once. */
export const compileConv = (kernel: ConvKernel, registers: Registers): ((data: Data) => void) => {
  const epilogue = compileExpression(kernel, registers);
  const [first, second] = kernel.inputs as readonly [KernelInput, KernelInput];
  const [x, y, f] = {
    forward: [first.view.shape, kernel.shape, second.view.shape],
    inputGradient: [kernel.shape, first.view.shape, second.view.shape],
    weightGradient: [first.view.shape, second.view.shape, kernel.shape],
  }[kernel.direction] as [readonly number[], readonly number[], readonly number[]];
  const taps = tapsOf(kernel, x[0] as number, x.slice(1, -1), y.slice(1, -1), f.slice(0, -2));
  const channels = {
    groups: kernel.groups,
    inner: f.at(-2) as number,
    outer: (f.at(-1) as number) / kernel.groups,
  };
  const type = computeType(first.dtype);
  return (data) => {
    const a = readView(first, data.inputs[0] as HostArray);
    const b = readView(second, data.inputs[1] as HostArray);
    const result = new Float64Array(sizeOf(kernel.shape));
    const [xs, ys, fs] = { forward: [a, result, b], inputGradient: [result, a, b], weightGradient: [a, b, result] }[
      kernel.direction
    ] as [Float64Array, Float64Array, Float64Array];
    taps(tapOf[kernel.direction](channels, multiplyAdd(type), xs, ys, fs));
    data.accumulator = roundAll(result, type);
    epilogue(data);
  };
};
