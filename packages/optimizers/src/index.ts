export type { AdadeltaSettings } from "./Adadelta.ts";
export { Adadelta } from "./Adadelta.ts";
export type { AdafactorSettings } from "./Adafactor.ts";
export { Adafactor } from "./Adafactor.ts";
export type { AdagradSettings } from "./Adagrad.ts";
export { Adagrad } from "./Adagrad.ts";
export { Adam } from "./Adam.ts";
export { Adamax } from "./Adamax.ts";
export { AdamW } from "./AdamW.ts";
export type { AdamSettings, MomentSettings } from "./adamStep.ts";
export { clipByGlobalNorm, clipByNorm, clipByValue, globalNorm } from "./clip.ts";
export { GradientAccumulation } from "./GradientAccumulation.ts";
export { LAMB } from "./LAMB.ts";
export type { LBFGSSettings } from "./LBFGS.ts";
export { LBFGS } from "./LBFGS.ts";
export type { LionSettings } from "./Lion.ts";
export { Lion } from "./Lion.ts";
export type { LookaheadOptions } from "./Lookahead.ts";
export { Lookahead } from "./Lookahead.ts";
export type { MuonSettings } from "./Muon.ts";
export { Muon } from "./Muon.ts";
export type { Momentum, OneCycleMomentumOptions } from "./momentum.ts";
export { oneCycleMomentum } from "./momentum.ts";
export type { NAdamSettings } from "./NAdam.ts";
export { NAdam } from "./NAdam.ts";
export type { OptimizerClass, OptimizerOptions, StepOptions } from "./Optimizer.ts";
export { defineOptimizer, Optimizer } from "./Optimizer.ts";
export type { GroupOptions, ParameterGroup, ParameterList } from "./ParameterGroup.ts";
export type { RAdamSettings } from "./RAdam.ts";
export { RAdam } from "./RAdam.ts";
export type { PlateauOptions, PlateauState } from "./ReduceOnPlateau.ts";
export { ReduceOnPlateau } from "./ReduceOnPlateau.ts";
export type { RMSpropSettings } from "./RMSprop.ts";
export { RMSprop } from "./RMSprop.ts";
export type { CommonSettings, RuleResult, RuleState, RuleStep, RuleUpdate, UpdateRule } from "./rule.ts";
export type { Rated } from "./Scheduler.ts";
export { Scheduler } from "./Scheduler.ts";
export type { SGDSettings } from "./SGD.ts";
export { SGD } from "./SGD.ts";
export type { OneCycleOptions, Schedule, ScheduleOptions } from "./schedules.ts";
export {
  chained,
  constantRate,
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  sequential,
  stepDecay,
} from "./schedules.ts";
export type { SettingRange, SettingRanges } from "./settings.ts";
export type { Assignment, NextUpdates, StatefulTransform, Transform, TransformFunction } from "./Transform.ts";
export { exponentialAverage, stochasticAverage, WeightAverage } from "./WeightAverage.ts";
