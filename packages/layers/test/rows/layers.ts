import type { AnyModule } from "@gradloom/layers";
import * as L from "@gradloom/layers";
import { relu, zeros } from "@gradloom/tensor";
import type { LayerRow } from "../support/row.ts";

/** The layers: classes of modules. A class or wrapper that is exported and has no row here does not compile. */
export type LayerName = {
  [K in keyof typeof L]: (typeof L)[K] extends new (...options: never[]) => AnyModule ? K : never;
}[keyof typeof L];
export type WrapperName = "weightNorm" | "spectralNorm";

/** Modules that are no functions of tensors have tests of their own. */
type Structure = "ModuleList" | "ModuleDict";

const call = (layer: AnyModule, ...shape: number[]): unknown => layer.call(zeros(shape));

const plain = (make: () => AnyModule, output: readonly number[], bad: () => unknown, message: string): LayerRow => ({
  make,
  output,
  parameters: {},
  bad,
  message,
});

/** Elementwise functions refuse nothing of their own; what a hook does wrong shows that the layer is named. */
const elementwise = (make: () => AnyModule, more: Partial<LayerRow> = {}): LayerRow => ({
  make,
  output: [4, 5],
  parameters: {},
  bad: () => {
    const layer = make();
    layer.registerForwardHook((_, __, y) => y.reshape([7]));
    return call(layer, 2, 3);
  },
  message: `[${make().constructor.name}] reshape: 6 elements do not fill 7, got [2,3] and [7]; give a shape of the same size, or -1 for one of its sizes`,
  ...more,
});

const gate = (make: () => AnyModule): LayerRow => {
  const { name } = make().constructor;
  return plain(make, [3, 3], () => call(make(), 2, 3), `[${name}] axis -1 must have an even size, got [2,3]`);
};

const pool = (make: () => AnyModule, output: readonly number[], takes: string): LayerRow => {
  const { name } = make().constructor;
  return plain(make, output, () => call(make(), 2, 3), `[${name}] takes [${takes}], got [2,3]; reshape it first`);
};

const spatial = ["batch, length, channels", "batch, height, width, channels", "batch, depth, height, width, channels"];
const [length, area, volume] = spatial as [string, string, string];

export const layerRows: Record<Exclude<LayerName, Structure> | WrapperName, LayerRow> = {
  Linear: {
    make: (options) => new L.Linear(5, 4, options),
    parameters: { weight: [5, 4], bias: [4] },
    output: [2, 3, 4],
    bad: () => call(new L.Linear(5, 4), 2, 4),
    message: "[Linear] takes [..., 5], got [2,4]; fix inFeatures or reshape the input",
  },
  Bilinear: {
    make: (options) => new L.Bilinear(3, 4, 2, options),
    parameters: { weight: [3, 4, 2], bias: [2] },
    output: [2, 5, 2],
    bad: () => new L.Bilinear(3, 4, 2).call(zeros([2, 3]), zeros([3, 4])),
    message:
      "[Bilinear] takes [..., 3] and [..., 4] of one batch, got [2,3] and [3,4]; fix the features or reshape the inputs",
  },
  Embedding: {
    make: (options) => new L.Embedding(6, 3, { ...options, paddingIndex: -4 }),
    parameters: { weight: [6, 3] },
    output: [2, 3, 3],
    bad: () => new L.Embedding(6, 3, { paddingIndex: 6 }),
    message: "[Embedding] paddingIndex is one of -6 to 5, got 6",
  },

  Conv1d: {
    make: (options) => new L.Conv1d(3, 4, 3, { ...options, stride: 2, padding: 1 }),
    parameters: { weight: [3, 3, 4], bias: [4] },
    output: [2, 4, 4],
    bad: () => new L.Conv1d(3, 4, 0),
    message: "[Conv1d] the window is a whole number >= 1, got 0",
  },
  Conv2d: {
    make: (options) =>
      new L.Conv2d(4, 6, [3, 2], { ...options, stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 }),
    parameters: { weight: [3, 2, 2, 6], bias: [6] },
    output: [2, 3, 8, 6],
    bad: () => call(new L.Conv2d(4, 6, 3), 1, 5, 5, 3),
    message:
      "[Conv2d] input has 3 channels but the filter expects 4, got [1,5,5,3] and [3,3,4,6]; pass groups or fix the filter",
    cases: {
      "Conv2d reflect": {
        make: (options) => new L.Conv2d(2, 3, 3, { ...options, padding: [1, 2], paddingMode: "reflect", bias: false }),
        parameters: { weight: [3, 3, 2, 3] },
        output: [1, 4, 7, 3],
        bad: () => new L.Conv2d(2, 3, 3, { padding: "same", paddingMode: "reflect" }),
        message: '[Conv2d] padding "same" has no mode "reflect"; give padding as numbers',
      },
    },
  },
  Conv3d: {
    make: (options) => new L.Conv3d(2, 3, 2, { ...options, stride: 2 }),
    parameters: { weight: [2, 2, 2, 2, 3], bias: [3] },
    output: [1, 2, 2, 2, 3],
    bad: () => new L.Conv3d(2, 3, [2, 2]),
    message: "[Conv3d] the window is a whole number >= 1, or 3 of them, got [2,2]",
  },
  ConvTranspose1d: {
    make: (options) => new L.ConvTranspose1d(3, 4, 3, { ...options, stride: 2, padding: 1, outputPadding: 1 }),
    parameters: { weight: [3, 4, 3], bias: [4] },
    output: [2, 8, 4],
    bad: () => call(new L.ConvTranspose1d(3, 4, 3), 1, 5, 4),
    message:
      "[ConvTranspose1d] input has 4 channels but the filter expects 3, got [1,5,4] and [3,4,3]; the filter is [...window, output channels / groups, input channels]",
  },
  ConvTranspose2d: {
    make: (options) =>
      new L.ConvTranspose2d(4, 6, [3, 2], {
        ...options,
        stride: [2, 3],
        padding: [1, 0],
        dilation: [1, 2],
        groups: 2,
      }),
    parameters: { weight: [3, 2, 3, 4], bias: [6] },
    output: [2, 5, 12, 6],
    bad: () => new L.ConvTranspose2d(4, 6, 3, { groups: 4 }),
    message: "[ConvTranspose2d] groups divide both channels, got 4 for 4 and 6",
  },
  ConvTranspose3d: {
    make: (options) => new L.ConvTranspose3d(2, 3, 2, { ...options, stride: 2 }),
    parameters: { weight: [2, 2, 2, 3, 2], bias: [3] },
    output: [1, 4, 6, 4, 3],
    bad: () => new L.ConvTranspose3d(0, 3, 2),
    message: "[ConvTranspose3d] inChannels is a whole number >= 1, got 0",
  },
  DepthwiseConv2d: {
    make: (options) => new L.DepthwiseConv2d(3, 3, { ...options, multiplier: 2, padding: "same" }),
    parameters: { weight: [3, 3, 3, 2], bias: [6] },
    output: [2, 4, 5, 6],
    bad: () => call(new L.DepthwiseConv2d(3, 3), 1, 4, 4, 2),
    message: "[DepthwiseConv2d] input has 2 channels but the filter 3, got [1,4,4,2] and [3,3,3,1]; fix the filter",
  },
  SeparableConv2d: {
    make: (options) => new L.SeparableConv2d(3, 4, 3, { ...options, multiplier: 2, padding: "same" }),
    parameters: { depthwise: [3, 3, 3, 2], pointwise: [1, 1, 6, 4], bias: [4] },
    output: [2, 4, 5, 4],
    bad: () => new L.SeparableConv2d(3, 4, 3, { multiplier: 0.5 }),
    message: "[SeparableConv2d] multiplier is a whole number >= 1, got 0.5",
  },

  ReLU: elementwise(() => new L.ReLU()),
  ReLU6: elementwise(() => new L.ReLU6()),
  LeakyReLU: elementwise(() => new L.LeakyReLU(0.2)),
  ELU: elementwise(() => new L.ELU(1.5)),
  SELU: elementwise(() => new L.SELU()),
  CELU: elementwise(() => new L.CELU(0.5), {
    bad: () => call(new L.CELU(0), 2),
    message: "[CELU] alpha must not be 0",
  }),
  GELU: elementwise(() => new L.GELU(), {
    cases: { "GELU tanh": elementwise(() => new L.GELU({ approximate: "tanh" })) },
  }),
  SiLU: elementwise(() => new L.SiLU()),
  Mish: elementwise(() => new L.Mish()),
  Sigmoid: elementwise(() => new L.Sigmoid()),
  LogSigmoid: elementwise(() => new L.LogSigmoid()),
  HardSigmoid: elementwise(() => new L.HardSigmoid()),
  HardSwish: elementwise(() => new L.HardSwish()),
  Tanh: elementwise(() => new L.Tanh()),
  HardTanh: elementwise(() => new L.HardTanh(-2, 0.5), {
    bad: () => call(new L.HardTanh(1, -1), 2),
    message: "[HardTanh] the lower bound is above the upper, got 1 and -1",
  }),
  Tanhshrink: elementwise(() => new L.Tanhshrink()),
  Hardshrink: elementwise(() => new L.Hardshrink()),
  Softshrink: elementwise(() => new L.Softshrink(), {
    bad: () => call(new L.Softshrink(-1), 2),
    message: "[Softshrink] lambda is a number >= 0, got -1",
  }),
  Softplus: elementwise(() => new L.Softplus(2, 10), {
    bad: () => call(new L.Softplus(0), 2),
    message: "[Softplus] beta is a number above 0, got 0",
  }),
  Softsign: elementwise(() => new L.Softsign()),
  Threshold: elementwise(() => new L.Threshold(0.1, 20)),
  Softmax: elementwise(() => new L.Softmax(0), {
    bad: () => call(new L.Softmax(2), 2),
    message: "[Softmax] axis 2 is out of range for rank 1; use -1 to 0",
  }),
  LogSoftmax: elementwise(() => new L.LogSoftmax(), {
    bad: () => call(new L.LogSoftmax()),
    message: "[LogSoftmax] axis -1 is out of range for rank 0; a rank-0 tensor has no axes",
  }),
  Softmin: elementwise(() => new L.Softmin()),
  GLU: gate(() => new L.GLU()),
  SwiGLU: gate(() => new L.SwiGLU()),
  GEGLU: gate(() => new L.GEGLU()),
  Maxout: plain(
    () => new L.Maxout(3),
    [3, 3],
    () => call(new L.Maxout(4), 2, 6),
    "[Maxout] axis -1 of [2,6] cannot be divided into 4 groups",
  ),
  PReLU: {
    make: (options) => new L.PReLU(5, options),
    parameters: { weight: [5] },
    output: [4, 5],
    bad: () => new L.PReLU(0),
    message: "[PReLU] channels is a whole number >= 1, got 0",
  },
  RReLU: elementwise(() => new L.RReLU(0.1, 0.3), {
    differs: true,
    random: true,
    bad: () => new L.RReLU(1, 0),
    message: "[RReLU] needs lower <= upper, got 1 and 0",
  }),

  MaxPool1d: pool(() => new L.MaxPool1d(3, { stride: 2, padding: 1 }), [2, 5, 3], length),
  MaxPool2d: pool(() => new L.MaxPool2d([2, 3], { stride: [2, 1], padding: 1, ceilMode: true }), [2, 3, 6, 3], area),
  MaxPool3d: pool(() => new L.MaxPool3d(2), [1, 2, 2, 2, 2], volume),
  AveragePool1d: pool(() => new L.AveragePool1d(3, { stride: 2, padding: 1, countPadding: false }), [2, 5, 3], length),
  AveragePool2d: pool(() => new L.AveragePool2d([2, 3], { stride: 2, padding: 1 }), [2, 3, 3, 3], area),
  AveragePool3d: pool(() => new L.AveragePool3d(2), [1, 2, 2, 2, 2], volume),
  LpPool1d: pool(() => new L.LpPool1d(2, 3), [2, 3, 3], length),
  LpPool2d: pool(() => new L.LpPool2d(3, 2, { stride: 1 }), [2, 4, 5, 3], area),
  LpPool3d: pool(() => new L.LpPool3d(2, 2), [1, 2, 2, 2, 2], volume),
  AdaptiveAveragePool1d: pool(() => new L.AdaptiveAveragePool1d(4), [2, 4, 3], length),
  AdaptiveAveragePool2d: pool(() => new L.AdaptiveAveragePool2d([2, 4]), [2, 2, 4, 3], area),
  AdaptiveAveragePool3d: pool(() => new L.AdaptiveAveragePool3d(2), [1, 2, 2, 2, 2], volume),
  AdaptiveMaxPool1d: pool(() => new L.AdaptiveMaxPool1d(4), [2, 4, 3], length),
  AdaptiveMaxPool2d: pool(() => new L.AdaptiveMaxPool2d([2, 4]), [2, 2, 4, 3], area),
  AdaptiveMaxPool3d: pool(() => new L.AdaptiveMaxPool3d(2), [1, 2, 2, 2, 2], volume),
  GlobalAveragePool: plain(
    () => new L.GlobalAveragePool(),
    [2, 3],
    () => call(new L.GlobalAveragePool(), 2, 3),
    "[GlobalAveragePool] takes [batch, ...spatial, channels], got [2,3]",
  ),
  GlobalMaxPool: plain(
    () => new L.GlobalMaxPool(),
    [2, 3],
    () => call(new L.GlobalMaxPool(), 2, 3),
    "[GlobalMaxPool] takes [batch, ...spatial, channels], got [2,3]",
  ),

  Flatten: plain(
    () => new L.Flatten(),
    [2, 90],
    () => call(new L.Flatten(3), 2, 3),
    "[Flatten] axis 3 is out of range for rank 2; use -2 to 1",
  ),
  Reshape: plain(
    () => new L.Reshape([6, -1]),
    [2, 6, 15],
    () => call(new L.Reshape([6])),
    "[Reshape] takes a batch, got rank 0; use reshape",
  ),
  Permute: plain(
    () => new L.Permute([0, 3, 1, 2]),
    [2, 3, 5, 6],
    () => call(new L.Permute([0, 0]), 2, 3),
    "[Permute] axes must name each dimension of [2,3] once, got [0,0]",
  ),
  Pad: plain(
    () =>
      new L.Pad(
        [
          [2, 0],
          [1, 2],
        ],
        { axes: [1, 2] },
      ),
    [2, 7, 9, 3],
    () => call(new L.Pad(-1), 2),
    "[Pad] amounts are whole numbers >= 0, got -1; use slice to cut",
  ),
  Upsample: plain(
    () => new L.Upsample(2, { mode: "linear" }),
    [2, 10, 12, 3],
    () => call(new L.Upsample(0.5), 1, 4, 4, 1),
    "[Upsample] the factor is a whole number >= 1, or 2 of them, got 0.5",
  ),
  PixelShuffle: plain(
    () => new L.PixelShuffle(2),
    [1, 4, 6, 2],
    () => call(new L.PixelShuffle(2), 1, 4, 4, 3),
    "[PixelShuffle] 3 channels do not divide by 4, got [1,4,4,3]",
  ),
  PixelUnshuffle: plain(
    () => new L.PixelUnshuffle(2),
    [1, 2, 3, 8],
    () => call(new L.PixelUnshuffle(2), 1, 3, 4, 3),
    "[PixelUnshuffle] height and width do not divide by 2, got [1,3,4,3]",
  ),
  Identity: elementwise(() => new L.Identity()),

  BatchNorm: {
    make: (options) => new L.BatchNorm(3, options),
    parameters: { weight: [3], bias: [3] },
    buffers: { runningMean: [3], runningVar: [3] },
    output: [2, 5, 6, 3],
    differs: true,
    bad: () => call(new L.BatchNorm(3), 1, 3),
    message: "[BatchNorm] needs several values per channel in training, got [1,3]; use a larger batch, or eval()",
    cases: {
      "BatchNorm 1d": {
        make: (options) => new L.BatchNorm(3, { ...options, epsilon: 1e-3, momentum: 0.3, affine: false }),
        parameters: {},
        buffers: { runningMean: [3], runningVar: [3] },
        output: [6, 3],
        differs: true,
        bad: () => new L.BatchNorm(3, { momentum: 2 }),
        message: "[BatchNorm] momentum lies in [0, 1], got 2; use null to average over all batches",
      },
      "BatchNorm 3d": {
        make: (options) => new L.BatchNorm(2, { ...options, momentum: null }),
        parameters: { weight: [2], bias: [2] },
        buffers: { runningMean: [2], runningVar: [2], batchesTracked: [] },
        output: [1, 4, 5, 4, 2],
        differs: true,
        bad: () => call(new L.BatchNorm(2), 4, 3),
        message: "[BatchNorm] takes [batch, ..., 2], got [4,3]; fix channels",
      },
      "BatchNorm untracked": {
        make: (options) => new L.BatchNorm(3, { ...options, trackRunningStats: false }),
        parameters: { weight: [3], bias: [3] },
        output: [2, 5, 6, 3],
        bad: () => new L.BatchNorm(3, { epsilon: -1 }),
        message: "[BatchNorm] epsilon is a number >= 0, got -1",
      },
    },
  },
  InstanceNorm: {
    make: (options) => new L.InstanceNorm(3, { ...options, affine: true, trackRunningStats: true }),
    parameters: { weight: [3], bias: [3] },
    buffers: { runningMean: [3], runningVar: [3] },
    output: [2, 5, 6, 3],
    differs: true,
    bad: () => call(new L.InstanceNorm(3), 2, 1, 3),
    message: "[InstanceNorm] needs several spatial elements, got [2,1,3]",
    cases: {
      "InstanceNorm plain": {
        make: (options) => new L.InstanceNorm(3, options),
        parameters: {},
        output: [2, 9, 3],
        bad: () => call(new L.InstanceNorm(3), 2, 3),
        message: "[InstanceNorm] takes [batch, ...spatial, 3], got [2,3]; fix channels",
      },
    },
  },
  GroupNorm: {
    make: (options) => new L.GroupNorm(2, 4, options),
    parameters: { weight: [4], bias: [4] },
    output: [2, 3, 3, 4],
    bad: () => new L.GroupNorm(3, 4),
    message: "[GroupNorm] groups divide the channels, got 3 for 4",
  },
  LayerNorm: {
    make: (options) => new L.LayerNorm([4, 3], options),
    parameters: { weight: [4, 3], bias: [4, 3] },
    output: [2, 5, 4, 3],
    bad: () => call(new L.LayerNorm([4, 3]), 2, 3),
    message: "[LayerNorm] takes [..., 4,3], got [2,3]; fix the shape",
  },
  RMSNorm: {
    make: (options) => new L.RMSNorm(6, { ...options, epsilon: 1e-6 }),
    parameters: { weight: [6] },
    output: [2, 3, 6],
    bad: () => new L.RMSNorm([]),
    message: "[RMSNorm] normalises at least one dimension, got []",
  },
  LocalResponseNorm: {
    ...plain(
      () => new L.LocalResponseNorm(3, { alpha: 0.5, beta: 0.6, k: 2 }),
      [2, 3, 3, 6],
      () => new L.LocalResponseNorm(0),
      "[LocalResponseNorm] size is a whole number >= 1, got 0",
    ),
    cases: {
      "LocalResponseNorm even": plain(
        () => new L.LocalResponseNorm(4, { alpha: 0.5 }),
        [2, 3, 5],
        () => call(new L.LocalResponseNorm(4)),
        "[LocalResponseNorm] takes [..., channels], got []",
      ),
    },
  },

  weightNorm: {
    make: (options) => L.weightNorm(new L.Conv1d(3, 4, 2, { ...options, bias: false })),
    parameters: { "weight.magnitude": [1, 1, 4], "weight.direction": [2, 3, 4] },
    output: [2, 4, 4],
    bad: () => L.weightNorm(new L.ReLU()),
    message: '[weightNorm] ReLU has no parameter "weight" of its own; name one with { parameter }',
  },
  spectralNorm: {
    make: (options) => L.spectralNorm(new L.Linear(5, 3, { ...options, bias: false }), { iterations: 2 }),
    parameters: { "weight.original": [5, 3] },
    buffers: { "weight.u": [3], "weight.v": [5] },
    output: [2, 3],
    bad: () => L.spectralNorm(new L.PReLU(3)),
    message: "[spectralNorm] needs a weight [...window, in, out], got [3]",
  },

  Sequential: {
    make: (options) => new L.Sequential(new L.Linear(4, 4, options), relu, new L.Linear(4, 4, options)),
    parameters: { "0.weight": [4, 4], "0.bias": [4], "2.weight": [4, 4], "2.bias": [4] },
    output: [3, 4],
    bad: () => call(new L.Sequential(relu, new L.Linear(3, 4)), 2, 4),
    message: "[1 Linear] takes [..., 3], got [2,4]; fix inFeatures or reshape the input",
  },
  Residual: {
    make: (options) => new L.Residual(new L.Linear(4, 4, options), new L.Linear(4, 4, options)),
    parameters: { "body.weight": [4, 4], "body.bias": [4], "shortcut.weight": [4, 4], "shortcut.bias": [4] },
    output: [3, 4],
    bad: () => call(new L.Residual(new L.Linear(4, 3)), 2, 4),
    message: "[Residual] the body gives [2,3], the shortcut [2,4]; pass a shortcut that brings x to the body's shape",
  },
  Concat: {
    make: (options) => new L.Concat([new L.Linear(4, 4, options), new L.Linear(4, 4, options)]),
    parameters: {
      "branches.0.weight": [4, 4],
      "branches.0.bias": [4],
      "branches.1.weight": [4, 4],
      "branches.1.bias": [4],
    },
    output: [3, 8],
    bad: () => call(new L.Concat([new L.Linear(4, 3), new L.Flatten()], 0), 2, 4),
    message: "[Concat] sizes beside axis 0 differ, got [2,3] and [2,4]; reshape or slice the tensors first",
  },
  Lambda: elementwise(() => new L.Lambda((x) => x.square())),
};
