import type { ConvKernel, HostArray, KernelInput } from "@gradloom/backend";
import { computeType, sizeOf } from "@gradloom/backend";
import { compileExpression } from "./map.ts";
import { readView } from "./positions.ts";
import { type Products, productsOf, roundAll } from "./products.ts";
import type { Data, Registers } from "./steps.ts";
import { tapsOf } from "./taps.ts";

/** The channels of one tap: `inner` input channels per group, `outer` output channels per group. */
interface Channels {
  readonly groups: number;
  readonly inner: number;
  readonly outer: number;
}

type Tap = (x: number, y: number, w: number) => void;

/** Visits every input channel of a tap: where it lies in x, and where the output channels of its group begin in y and the filter. */
const channelsOf = ({ groups, inner, outer }: Channels, visit: (i: number, o: number, k: number) => void): Tap => {
  const cout = groups * outer;
  return (x, y, w) => {
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < inner; c++) {
        visit((x * groups + g) * inner + c, y * cout + g * outer, (w * inner + c) * cout + g * outer);
      }
    }
  };
};

type Convolution = (channels: Channels, products: Products, x: Float64Array, y: Float64Array, f: Float64Array) => Tap;

/** y[o] += x[i] f[i,o] forward, x[i] += Σ y[o] f[i,o] for the input's gradient, f[i,o] += x[i] y[o] for the filter's. */
const convolutions: Readonly<Record<ConvKernel["direction"], Convolution>> = {
  forward: (channels, { addMultiple }, x, y, f) =>
    channelsOf(channels, (i, o, k) => addMultiple(y, o, x[i] as number, f, k, channels.outer)),
  inputGradient: (channels, { addDot }, x, y, f) =>
    channelsOf(channels, (i, o, k) => {
      x[i] = addDot(x[i] as number, y, o, f, k, channels.outer);
    }),
  weightGradient: (channels, { addMultiple }, x, y, f) =>
    channelsOf(channels, (i, o, k) => addMultiple(f, k, x[i] as number, y, o, channels.outer)),
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
    taps(convolutions[kernel.direction](channels, productsOf(type), xs, ys, fs));
    data.accumulator = roundAll(result, type);
    epilogue(data);
  };
};
