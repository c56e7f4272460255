export type {
  Backend,
  DType,
  HostArray,
  HostArrays,
  Shape,
} from "@gradloom/backend";
export {
  ArgumentError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  FormatError,
  formatShape,
  GradloomError,
  isFloat,
  isInteger,
  OutOfMemoryError,
  ShapeError,
  StaleTensorError,
  sameShape,
  UnsupportedError,
} from "@gradloom/backend";
export { compile } from "./compile.ts";
export type { CreateOptions, TensorData, TensorOptions } from "./create.ts";
export { arange, full, ones, tensor, zeros } from "./create.ts";
export { NonFiniteError, setDebug } from "./debug.ts";
export type { DeviceName, Statistics } from "./device.ts";
export { currentDevice, Device, openDevice, useDevice } from "./device.ts";
export type { RandomOptions } from "./distributions.ts";
export {
  bernoulli,
  categorical,
  dropoutMask,
  exponential,
  gumbel,
  normal,
  permutation,
  randint,
  truncatedNormal,
  uniform,
} from "./distributions.ts";
export { eye, tri } from "./eye.ts";
export type { Expressions, GradientRule, KernelTemplate, Lowering, Primitive, Result } from "./graph/primitive.ts";
export { definePrimitive } from "./graph/primitive.ts";
export type { Rule } from "./graph/ruled.ts";
export { withGradient } from "./graph/ruled.ts";
export { linspace, logspace } from "./linspace.ts";
export type { MemoryReport } from "./memory.ts";
export { memory, statistics } from "./memory.ts";
export {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  hardshrink,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  softsign,
  swish,
  tanhshrink,
  threshold,
} from "./ops/activations.ts";
export {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveAveragePool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  globalAveragePool,
  globalMaxPool,
} from "./ops/adaptivePooling.ts";
export { add, div, mul, neg, sub } from "./ops/arithmetic.ts";
export type { AttentionOptions } from "./ops/attention.ts";
export { scaledDotProductAttention } from "./ops/attention.ts";
export { bincount } from "./ops/bincount.ts";
export { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, shiftLeft, shiftRight } from "./ops/bitwise.ts";
export { cast } from "./ops/cast.ts";
export { clamp, copysign, heaviside, lerp, nanToNum } from "./ops/clamp.ts";
export {
  equal,
  greater,
  greaterEqual,
  isClose,
  isFinite,
  isInfinite,
  isNaN,
  isNegativeInfinite,
  isPositiveInfinite,
  less,
  lessEqual,
  notEqual,
} from "./ops/comparison.ts";
export { concat, stack } from "./ops/concat.ts";
export type { ConvOptions } from "./ops/convolution.ts";
export { conv1d, conv2d, conv3d, depthwiseConv2d, separableConv2d } from "./ops/convolution.ts";
export { einsum } from "./ops/einsum.ts";
export { erf, erfc, erfinv } from "./ops/errorFunction.ts";
export { exp2, expm1, log1p, log2, log10, logAddExp, logAddExp2, logit, sigmoid, xlogy } from "./ops/exponential.ts";
export { digamma, lgamma, polygamma } from "./ops/gamma.ts";
export { gatherNd, indexSelect, take, takeAlongAxis } from "./ops/gather.ts";
export type { ScatterMode } from "./ops/indexing.ts";
export type { Indices } from "./ops/indices.ts";
export { fullLike, oneHot, onesLike, tril, triu, zerosLike } from "./ops/like.ts";
export { cholesky } from "./ops/linalg/cholesky.ts";
export { det, slogdet } from "./ops/linalg/determinant.ts";
export { eigh } from "./ops/linalg/eigh.ts";
export { matrixPower } from "./ops/linalg/matrixPower.ts";
export { qr } from "./ops/linalg/qr.ts";
export { inv, solve } from "./ops/linalg/solve.ts";
export type { Svd } from "./ops/linalg/svd.ts";
export { svd } from "./ops/linalg/svd.ts";
export type { TriangularSolveOptions } from "./ops/linalg/triangularSolve.ts";
export { triangularSolve } from "./ops/linalg/triangularSolve.ts";
export { logicalAnd, logicalNot, logicalOr, logicalXor } from "./ops/logical.ts";
export { lpPool1d, lpPool2d, lpPool3d } from "./ops/lpPool.ts";
export { maskedFill, maskedSelect, nonzero } from "./ops/masking.ts";
export {
  abs,
  cos,
  exp,
  log,
  maximum,
  minimum,
  pow,
  reciprocal,
  sign,
  sin,
  sqrt,
  square,
  tanh,
} from "./ops/mathematics.ts";
export { matmul } from "./ops/matmul.ts";
export { meshgrid } from "./ops/meshgrid.ts";
export { broadcastTo, diagonal, permute, reshape, slidingWindows, stridedSlice, zeroPad } from "./ops/movement.ts";
export type { NormOrder } from "./ops/norm.ts";
export { norm } from "./ops/norm.ts";
export type { Standardized } from "./ops/normalization.ts";
export { standardize } from "./ops/normalization.ts";
export type { TensorLike } from "./ops/operands.ts";
export type { PadMode, PadOptions } from "./ops/pad.ts";
export { pad } from "./ops/pad.ts";
export { pixelShuffle, pixelUnshuffle } from "./ops/pixelShuffle.ts";
export type { AveragePoolOptions, PoolOptions } from "./ops/pooling.ts";
export {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./ops/pooling.ts";
export type { ContractedAxes } from "./ops/products.ts";
export { dot, kron, outer, tensordot, trace, vdot } from "./ops/products.ts";
export { promoteTypes } from "./ops/promotion.ts";
export type { Interpolation } from "./ops/quantile.ts";
export { median, quantile } from "./ops/quantile.ts";
export { moveAxis, roll, rot90, swapAxes } from "./ops/rearrange.ts";
export type { Axes } from "./ops/reduction.ts";
export { all, any, argmax, argmin, max, mean, min, prod, sum } from "./ops/reduction.ts";
export type { ResizeMode, ResizeOptions } from "./ops/resize.ts";
export { resize, upsample } from "./ops/resize.ts";
export { ceil, floor, floorDivide, fmod, frac, remainder, round, trunc, truncDivide } from "./ops/rounding.ts";
export type { ScanOptions } from "./ops/scan.ts";
export { cummax, cummin, cumprod, cumsum, cumulativeLogSumExp } from "./ops/scan.ts";
export type { ScatterOptions } from "./ops/scatter.ts";
export { scatter, scatterAlongAxis, scatterNd } from "./ops/scatter.ts";
export type { SearchOptions } from "./ops/searchsorted.ts";
export { searchsorted } from "./ops/searchsorted.ts";
export { sinc } from "./ops/sinc.ts";
export type { SliceRange } from "./ops/slice.ts";
export { flatten, flip, slice, squeeze, transpose, unsqueeze } from "./ops/slice.ts";
export { geglu, glu, logSoftmax, maxout, softmax, softmin, swiglu } from "./ops/softmax.ts";
export type { SortOptions, TopKOptions, ValuesAndIndices } from "./ops/sort.ts";
export { argsort, kthvalue, sort, topK } from "./ops/sort.ts";
export { chunk, split, unbind } from "./ops/split.ts";
export { countNonzero, logSumExp, std, variance } from "./ops/statistics.ts";
export { stopGradient } from "./ops/stopGradient.ts";
export { repeat, repeatInterleave, tile } from "./ops/tile.ts";
export type { ConvTransposeOptions } from "./ops/transposedConvolution.ts";
export { convTranspose1d, convTranspose2d, convTranspose3d } from "./ops/transposedConvolution.ts";
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cosh,
  degrees,
  hypot,
  radians,
  sinh,
  tan,
} from "./ops/trigonometry.ts";
export type { UnfoldOptions } from "./ops/unfold.ts";
export { fold, unfold } from "./ops/unfold.ts";
export type { Unique } from "./ops/unique.ts";
export { unique } from "./ops/unique.ts";
export { where } from "./ops/where.ts";
export type { Padding, PerDimension } from "./ops/window.ts";
export type { RandomState } from "./random.ts";
export { randomKey, randomState, seed, setRandomState, splitKey } from "./random.ts";
export { evaluate } from "./schedule/evaluate.ts";
export type { Explanation, KernelReport, KernelTiming, Profile } from "./schedule/explain.ts";
export { explain, profile } from "./schedule/explain.ts";
export type { NestedArray } from "./tensor.ts";
export { Tensor } from "./tensor.ts";
export type { VariableOptions } from "./variable.ts";
export { assign, Variable } from "./variable.ts";
