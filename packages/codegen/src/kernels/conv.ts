import type { ConvKernel, KernelInput, Shape } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { type Affine, affine, type Check, combine, type Sizes, type Space, term } from "../product/affine.ts";
import { compileProduct } from "../product/compileProduct.ts";
import { compileDirect } from "../product/direct.ts";
import { operandThrough, type Product } from "../product/product.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { type Axis, type ConvGeometry, convGeometry, phasesOf } from "./convGeometry.ts";

/** From this many channels on the sum over them is a loop of its own, inside that over the taps of the window. */
const manyChannels = 16;

/** Channel number `channel` of the group that the batch counts. */
const inGroup = (channel: Affine, channels: number): Affine =>
  combine(0, [affine(0, term("batch", 0)), channel], [channels, 1]);

/** Where position `o` of y and tap `t` of the window are in x. */
const place = ({ stride, dilation, low }: Axis, o: Affine, t: Affine): Affine =>
  combine(-low, [o, t], [stride, dilation]);

const indices = (space: Space, count: number, first = 0): Affine[] =>
  Array.from({ length: count }, (_, d) => affine(0, term(space, first + d)));

/** Taps and channels that are summed over, in one loop or in two. */
const depths = (
  taps: Shape,
  channels: number,
): { sizes: Pick<Sizes, "outer" | "inner">; taps: Affine[]; channel: Affine } => {
  if (channels >= manyChannels) {
    return {
      sizes: { outer: taps, inner: [channels] },
      taps: indices("outer", taps.length),
      channel: affine(0, term("inner", 0)),
    };
  }
  return {
    sizes: { outer: [], inner: [...taps, channels] },
    taps: indices("inner", taps.length),
    channel: affine(0, term("inner", taps.length)),
  };
};

/** y[n, o, co] = sum over t and c of x[n, o stride + t dilation - low, c] filter[t, c, co]. */
const forward = (kernel: ConvKernel, { batch, axes, groups, inner, outer }: ConvGeometry): Product => {
  const depth = depths(
    axes.map(({ window }) => window),
    inner,
  );
  const row = [batch, ...axes.map(({ output }) => output)];
  const sizes = { batch: [groups], row, column: [outer], ...depth.sizes };
  const [n, ...o] = indices("row", row.length) as [Affine, ...Affine[]];
  const x = axes.map((axis, d) => place(axis, o[d] as Affine, depth.taps[d] as Affine));
  const out = inGroup(affine(0, term("column", 0)), outer);
  return {
    kernel,
    sizes,
    left: operandThrough(kernel, 0, [n, ...x, inGroup(depth.channel, inner)], sizes),
    right: operandThrough(kernel, 1, [...depth.taps, depth.channel, out], sizes),
    when: [],
    position: [n, ...o, out],
    inside: [],
  };
};

/** filter[t, c, co] = sum over n and o of x[n, o stride + t dilation - low, c] y[n, o, co]. */
const weightGradient = (kernel: ConvKernel, { batch, axes, groups, inner, outer }: ConvGeometry): Product => {
  const row = [...axes.map(({ window }) => window), inner];
  const sizes = {
    batch: [groups],
    row,
    column: [outer],
    outer: [],
    inner: [batch, ...axes.map(({ output }) => output)],
  };
  const taps = indices("row", axes.length);
  const channel = affine(0, term("row", axes.length));
  const [n, ...o] = indices("inner", sizes.inner.length) as [Affine, ...Affine[]];
  const x = axes.map((axis, d) => place(axis, o[d] as Affine, taps[d] as Affine));
  const out = inGroup(affine(0, term("column", 0)), outer);
  return {
    kernel,
    sizes,
    left: operandThrough(kernel, 0, [n, ...x, inGroup(channel, inner)], sizes),
    right: operandThrough(kernel, 1, [n, ...o, out], sizes),
    when: [],
    position: [...taps, channel, out],
    inside: [],
  };
};

/** x[n, i, c] = sum over t and co of y[n, (i + low - t dilation) / stride, co] filter[t, c, co], where that is whole. */
const inputGradient = (kernel: ConvKernel, { batch, axes, groups, inner, outer }: ConvGeometry): Product => {
  const phases = axes.map(phasesOf);
  const taps = phases.map((axis) => axis.taps);
  // Phases differ in their taps: each is a batch of its own, and taps that it does not have are passed over.
  const isWhole = axes.every(({ stride }) => stride === 1);
  const depth = depths(taps, isWhole ? outer : Math.max(outer, manyChannels));
  const sizes = {
    batch: [groups, ...phases.map((axis) => axis.phases)],
    row: [batch, ...phases.map(({ positions }) => positions)],
    column: [inner],
    outer: depth.sizes.outer,
    inner: depth.sizes.outer.length > 0 ? [outer] : depth.sizes.inner,
  };
  const [n, ...t] = indices("row", sizes.row.length) as [Affine, ...Affine[]];
  const filterTaps = phases.map(({ first, period }, d) =>
    combine(0, [affine(0, term("batch", 1 + d, first)), depth.taps[d] as Affine], [1, period]),
  );
  const y = phases.map(({ at, step }, d) =>
    combine(0, [t[d] as Affine, affine(0, term("batch", 1 + d, at)), depth.taps[d] as Affine], [1, 1, -step]),
  );
  const i = axes.map(({ stride }, d) => combine(0, [t[d] as Affine, affine(0, term("batch", 1 + d))], [stride, 1]));
  const channel = inGroup(affine(0, term("column", 0)), inner);
  const out = inGroup(depth.channel, outer);
  const right = operandThrough(kernel, 1, [...filterTaps, affine(0, term("column", 0)), out], sizes);
  const { valid } = (kernel.inputs[1] as KernelInput).view;
  return {
    kernel,
    sizes,
    left: operandThrough(kernel, 0, [n, ...y, out], sizes),
    // Only taps that there are are asked for.
    right: valid === undefined ? { ...right, access: { ...right.access, checks: [] } } : right,
    when: filterTaps.map((index, d): Check => ({ index, low: 0, high: (axes[d] as Axis).window })),
    position: [n, ...i, channel],
    inside: i.map((index, d): Check => ({ index, low: 0, high: (axes[d] as Axis).input })),
  };
};

const products = { forward, inputGradient, weightGradient } as const;

/** A convolution as a product of matrices; of many small ones where each channel of x is a group. */
export const compileConv = (kernel: ConvKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const geometry = convGeometry(kernel);
  const product = products[kernel.direction](kernel, geometry);
  const isDepthwise = geometry.inner === 1 && geometry.groups > 1;
  return (isDepthwise ? compileDirect : compileProduct)(product, dialect, limits);
};
