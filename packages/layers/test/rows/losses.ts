import * as L from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { logSoftmax, zeros } from "@gradloom/tensor";
import type { LossRow } from "../support/row.ts";

/** The losses: functions of two or more tensors. One that is exported and has no row here does not compile. */
export type LossName = {
  [K in keyof typeof L]: (typeof L)[K] extends (a: Tensor, b: Tensor, ...rest: never[]) => Tensor ? K : never;
}[keyof typeof L];

type Inputs = readonly [Tensor, Tensor, Tensor];
type Apply = LossRow["apply"];
type Loss = (a: Tensor, b: Tensor, options?: L.LossOptions) => Tensor;

/** A loss of two tensors with fixed options. */
const pair =
  (loss: Loss, options: object = {}): Apply =>
  ([a, b], reduction) =>
    loss(a as Tensor, b as Tensor, { ...options, reduction });

/** A loss whose third input is an option. */
const optional =
  (loss: Loss, name: string, options: object = {}): Apply =>
  ([a, b, third], reduction) =>
    loss(a as Tensor, b as Tensor, { ...options, [name]: third, reduction });

const triple =
  (loss: (a: Tensor, b: Tensor, c: Tensor, options?: L.LossOptions) => Tensor, options: object = {}): Apply =>
  (inputs, reduction) =>
    loss(...(inputs as Inputs), { ...options, reduction });

/** A loss of two tensors of one shape, with plain extreme values. */
const alike = (name: string, loss: Loss, options: object = {}, extreme: object = {}): LossRow => ({
  apply: pair(loss, options),
  cases: { extreme: pair(loss, extreme) },
  bad: () => loss(zeros([2, 3]), zeros([3])),
  message: `[${name}] takes two tensors of one shape, got [2,3] and [3]; reshape one of them`,
});

const integers = { dtype: "int32" } as const;

const ctc =
  (options: L.CtcOptions): Apply =>
  ([logits, labels], reduction) =>
    L.ctcLoss(logSoftmax(logits as Tensor), labels as Tensor, { ...options, reduction });

export const lossRows: Record<LossName, LossRow> = {
  mseLoss: alike("mseLoss", L.mseLoss),
  maeLoss: alike("maeLoss", L.maeLoss),
  huberLoss: alike("huberLoss", L.huberLoss, { delta: 0.7 }),
  smoothL1Loss: alike("smoothL1Loss", L.smoothL1Loss, { beta: 0.7 }),
  binaryCrossEntropy: {
    ...alike("binaryCrossEntropy", L.binaryCrossEntropy),
    apply: optional(L.binaryCrossEntropy, "weights"),
  },
  binaryCrossEntropyWithLogits: {
    ...alike("binaryCrossEntropyWithLogits", L.binaryCrossEntropyWithLogits),
    apply: optional(L.binaryCrossEntropyWithLogits, "positiveWeights"),
  },
  crossEntropy: {
    apply: pair(L.crossEntropy),
    cases: {
      weights: optional(L.crossEntropy, "weights"),
      smooth: optional(L.crossEntropy, "weights", { labelSmoothing: 0.2, ignoreIndex: 2 }),
      probabilities: pair(L.crossEntropy),
      "probabilities smooth": optional(L.crossEntropy, "weights", { labelSmoothing: 0.2 }),
      extreme: pair(L.crossEntropy),
      masked: pair(L.crossEntropy),
    },
    bad: () => L.crossEntropy(zeros([2, 3]), zeros([2])),
    message:
      '[crossEntropy] needs one probability per logit, got [2,3] and [2]; labels are integers: use cast("int32")',
  },
  nllLoss: {
    apply: optional(L.nllLoss, "weights"),
    cases: { extreme: pair(L.nllLoss) },
    bad: () => L.nllLoss(zeros([2, 3]), zeros([3], integers)),
    message:
      "[nllLoss] needs one label for each element, got [2,3] and labels [3]; labels have all dimensions but the last",
  },
  klDivergence: {
    ...alike("klDivergence", L.klDivergence as Loss),
    cases: {
      extreme: pair(L.klDivergence as Loss),
      "log target": ([x, t], reduction) =>
        L.klDivergence(x as Tensor, t as Tensor, {
          reduction: reduction === "mean" ? "batchMean" : reduction,
          logTarget: true,
        }),
    },
  },
  poissonNllLoss: {
    ...alike("poissonNllLoss", L.poissonNllLoss),
    cases: {
      full: pair(L.poissonNllLoss, { logInput: false, full: true }),
      extreme: pair(L.poissonNllLoss),
    },
  },
  gaussianNllLoss: {
    apply: triple(L.gaussianNllLoss, { full: true }),
    cases: { extreme: triple(L.gaussianNllLoss) },
    bad: () => L.gaussianNllLoss(zeros([2]), zeros([2]), zeros([2]), { epsilon: 0 }),
    message: "[gaussianNllLoss] epsilon is a number > 0, got 0",
  },
  hingeLoss: alike("hingeLoss", L.hingeLoss),
  squaredHingeLoss: alike("squaredHingeLoss", L.squaredHingeLoss),
  marginRankingLoss: {
    apply: triple(L.marginRankingLoss, { margin: 0.3 }),
    cases: { extreme: triple(L.marginRankingLoss) },
    bad: () => L.marginRankingLoss(zeros([2]), zeros([2]), zeros([3])),
    message: "[marginRankingLoss] takes two tensors of one shape, got [2] and [3]; reshape one of them",
  },
  cosineEmbeddingLoss: {
    apply: triple(L.cosineEmbeddingLoss, { margin: -0.4 }),
    cases: { extreme: triple(L.cosineEmbeddingLoss) },
    bad: () => L.cosineEmbeddingLoss(zeros([2, 3]), zeros([2, 3]), zeros([3])),
    message:
      "[cosineEmbeddingLoss] needs one target for each vector, got [2,3] and [3]; targets have all dimensions but the last",
  },
  tripletMarginLoss: {
    apply: triple(L.tripletMarginLoss),
    cases: {
      swap: triple(L.tripletMarginLoss, { margin: 3, p: 3, swap: true }),
      extreme: triple(L.tripletMarginLoss),
    },
    bad: () => L.tripletMarginLoss(zeros([2]), zeros([2]), zeros([2]), { p: 0 }),
    message: "[tripletMarginLoss] p is a number > 0, got 0",
  },
  ntXentLoss: {
    apply: pair(L.ntXentLoss, { temperature: 0.3 }),
    cases: { extreme: pair(L.ntXentLoss, { temperature: 1e-3 }) },
    bad: () => L.ntXentLoss(zeros([3]), zeros([3])),
    message: "[ntXentLoss] takes [batch, features], got [3]",
  },
  focalLoss: {
    ...alike("focalLoss", L.focalLoss),
    cases: { gamma: pair(L.focalLoss, { alpha: 0.6, gamma: 1.5 }), extreme: pair(L.focalLoss) },
  },
  diceLoss: {
    ...alike("diceLoss", L.diceLoss),
    bad: () => L.diceLoss(zeros([2, 3]), zeros([2, 3])),
    message: "[diceLoss] takes [batch, ...spatial, classes], got [2,3]",
  },
  ctcLoss: {
    apply: ctc({ inputLengths: [6, 5, 6], targetLengths: [3, 2, 1] }),
    cases: {
      blank: ctc({ targetLengths: [2, 2, 0], blank: 3 }),
      unfit: ctc({ inputLengths: [3, 5, 6], targetLengths: [3, 2, 1], zeroInfinity: true }),
      extreme: ctc({ inputLengths: [6, 5, 6], targetLengths: [3, 2, 1] }),
    },
    bad: () => L.ctcLoss(zeros([2, 5, 3]), zeros([2, 4], integers), { targetLengths: [5, 1] }),
    message: "[ctcLoss] targetLengths has 2 whole numbers of 0 to 4, got [5,1]",
  },
};
