export { ActivityPenalty, activityPenalty } from "./ActivityPenalty.ts";
export type { Constraint } from "./constraints.ts";
export { constrain, constrained, maxNorm, minMaxNorm, nonNegative, unitNorm } from "./constraints.ts";
export type { NoiseOptions } from "./dropout.ts";
export {
  alphaDropout,
  dropConnect,
  dropout,
  dropPath,
  gaussianDropout,
  gaussianNoise,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from "./dropout.ts";
export type { EarlyStoppingOptions } from "./EarlyStopping.ts";
export { EarlyStopping } from "./EarlyStopping.ts";
export type { GradientNoiseOptions } from "./gradientNoise.ts";
export { gradientNoise } from "./gradientNoise.ts";
export type { DropConnectOptions, RateLayer } from "./layers.ts";
export {
  AlphaDropout,
  DropConnect,
  Dropout,
  DropPath,
  GaussianDropout,
  GaussianNoise,
  SpatialDropout1d,
  SpatialDropout2d,
  SpatialDropout3d,
} from "./layers.ts";
export type { Mixed, MixOptions } from "./mixing.ts";
export { cutmix, mixup } from "./mixing.ts";
export type { Parametrized, Penalized, PenaltyOptions } from "./penalties.ts";
export { elasticNetPenalty, l1Penalty, l2Penalty } from "./penalties.ts";
export { smoothLabels } from "./smoothLabels.ts";
