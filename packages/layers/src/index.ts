export { constant } from "./initializers/constant.ts";
export type { Fans } from "./initializers/fans.ts";
export { fans } from "./initializers/fans.ts";
export type { Nonlinearity } from "./initializers/gain.ts";
export { gain } from "./initializers/gain.ts";
export { dirac, identity } from "./initializers/identity.ts";
export type { Initializer } from "./initializers/initializer.ts";
export { orthogonal } from "./initializers/orthogonal.ts";
export type { KaimingOptions, XavierOptions } from "./initializers/scaled.ts";
export {
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  xavierNormal,
  xavierUniform,
} from "./initializers/scaled.ts";
export {
  CELU,
  ELU,
  GEGLU,
  GELU,
  GLU,
  HardSigmoid,
  HardSwish,
  Hardshrink,
  HardTanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Maxout,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softmin,
  Softplus,
  Softshrink,
  Softsign,
  SwiGLU,
  Tanh,
  Tanhshrink,
  Threshold,
} from "./layers/activations.ts";
export type { NormOptions } from "./layers/affine.ts";
export { BatchNorm } from "./layers/batchNorm.ts";
export { Bilinear } from "./layers/bilinear.ts";
export type { ConvLayerOptions } from "./layers/convolution.ts";
export { Conv1d, Conv2d, Conv3d } from "./layers/convolution.ts";
export type { EmbeddingOptions } from "./layers/embedding.ts";
export { Embedding } from "./layers/embedding.ts";
export type { FunctionLayer } from "./layers/functionLayer.ts";
export { GroupNorm } from "./layers/groupNorm.ts";
export { InstanceNorm } from "./layers/instanceNorm.ts";
export { LayerNorm } from "./layers/layerNorm.ts";
export { Linear } from "./layers/linear.ts";
export type { LocalResponseNormOptions } from "./layers/localResponseNorm.ts";
export { LocalResponseNorm } from "./layers/localResponseNorm.ts";
export type { WeightOptions } from "./layers/parameter.ts";
export {
  AdaptiveAveragePool1d,
  AdaptiveAveragePool2d,
  AdaptiveAveragePool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AveragePool1d,
  AveragePool2d,
  AveragePool3d,
  GlobalAveragePool,
  GlobalMaxPool,
  LpPool1d,
  LpPool2d,
  LpPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from "./layers/pooling.ts";
export type { PReLUOptions } from "./layers/prelu.ts";
export { PReLU } from "./layers/prelu.ts";
export { RMSNorm } from "./layers/rmsNorm.ts";
export { RReLU } from "./layers/rrelu.ts";
export type { RunningOptions } from "./layers/runningStatistics.ts";
export type { DepthwiseOptions } from "./layers/separableConvolution.ts";
export { DepthwiseConv2d, SeparableConv2d } from "./layers/separableConvolution.ts";
export {
  Flatten,
  Identity,
  Pad,
  Permute,
  PixelShuffle,
  PixelUnshuffle,
  Reshape,
  Upsample,
} from "./layers/shaping.ts";
export type { SpectralNormOptions } from "./layers/spectralNorm.ts";
export { spectralNorm } from "./layers/spectralNorm.ts";
export type { ConvTransposeLayerOptions } from "./layers/transposedConvolution.ts";
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./layers/transposedConvolution.ts";
export type { WeightNormOptions } from "./layers/weightNorm.ts";
export { weightNorm } from "./layers/weightNorm.ts";
export type { BinaryCrossEntropyOptions } from "./losses/binaryCrossEntropy.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./losses/binaryCrossEntropy.ts";
export { ntXentLoss } from "./losses/contrastive.ts";
export type { CrossEntropyOptions, NllOptions } from "./losses/crossEntropy.ts";
export { crossEntropy, nllLoss } from "./losses/crossEntropy.ts";
export type { CtcOptions } from "./losses/ctcLoss.ts";
export { ctcLoss } from "./losses/ctcLoss.ts";
export { gaussianNllLoss, klDivergence, poissonNllLoss } from "./losses/likelihood.ts";
export type { MarginOptions, TripletOptions } from "./losses/margin.ts";
export {
  cosineEmbeddingLoss,
  hingeLoss,
  marginRankingLoss,
  squaredHingeLoss,
  tripletMarginLoss,
} from "./losses/margin.ts";
export type { LossOptions, Reduction } from "./losses/reduction.ts";
export { huberLoss, maeLoss, mseLoss, smoothL1Loss } from "./losses/regression.ts";
export { diceLoss, focalLoss } from "./losses/segmentation.ts";
export { Concat, compose, Residual } from "./module/compose.ts";
export { Lambda } from "./module/lambda.ts";
export type { AnyModule, ForwardHook, ForwardPreHook } from "./module/module.ts";
export { Module } from "./module/module.ts";
export { ModuleDict } from "./module/moduleDict.ts";
export { ModuleList } from "./module/moduleList.ts";
export type { Layer } from "./module/sequential.ts";
export { Sequential } from "./module/sequential.ts";
export type { LoadOptions, LoadReport } from "./module/state.ts";
export type { Summary, SummaryRow } from "./module/summary.ts";
