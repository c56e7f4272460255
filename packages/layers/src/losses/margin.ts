import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, norm, relu, ShapeError, sameShape, where } from "@gradloom/tensor";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, requireSame } from "./reduction.ts";

/**
 * `max(1 - t y, 0)` for scores y and targets t of -1 and 1, as in Keras.
 *
 * @throws ShapeError unless both have one shape.
 */
export const hingeLoss = (scores: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  requireSame("hingeLoss", scores, target);
  return reduceLosses("hingeLoss", relu(scores.mul(target).neg().add(1)), options);
};

/** `max(1 - t y, 0)²`. As `hingeLoss`. */
export const squaredHingeLoss = (scores: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  requireSame("squaredHingeLoss", scores, target);
  return reduceLosses("squaredHingeLoss", relu(scores.mul(target).neg().add(1)).square(), options);
};

/** `max(x, 0)` whose gradient at 0 is 1, as that of PyTorch's `clamp_min`. */
const positivePart = (x: Tensor): Tensor => where(x.less(0), 0, x);

export interface MarginOptions extends LossOptions {
  readonly margin?: number;
}

/**
 * `max(margin - t (a - b), 0)`: a should lie above b where t is 1, below where it is -1.
 *
 * @param options.margin 0 by default.
 * @throws ShapeError unless all three have one shape.
 */
export const marginRankingLoss = (a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor => {
  const op = "marginRankingLoss";
  requireSame(op, a, b);
  requireSame(op, a, target);
  return reduceLosses(
    op,
    positivePart(
      target
        .neg()
        .mul(a.sub(b))
        .add(options.margin ?? 0),
    ),
    options,
  );
};

const requireLabels = (op: string, a: Tensor, target: Tensor): void => {
  if (a.rank === 0 || !sameShape(target.shape, a.shape.slice(0, -1))) {
    throw new ShapeError(
      op,
      `needs one target for each vector, got ${formatShape(a.shape)} and ${formatShape(target.shape)}`,
      "targets have all dimensions but the last",
    );
  }
};

/**
 * For vectors along the last axis: `1 - cos(a, b)` where the target is 1, `max(cos(a, b) - margin, 0)` where it is -1.
 *
 * @param options.margin 0 by default.
 * @throws ShapeError unless a and b have one shape and the target that without the last axis.
 */
export const cosineEmbeddingLoss = (a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor => {
  const op = "cosineEmbeddingLoss";
  requireSame(op, a, b);
  requireLabels(op, a, target);
  const squared = (x: Tensor): Tensor => x.square().sum(-1).add(1e-12);
  const cosine = a
    .mul(b)
    .sum(-1)
    .div(squared(a).mul(squared(b)).sqrt());
  const apart = positivePart(cosine.sub(options.margin ?? 0));
  const losses = where(target.equal(1), cosine.neg().add(1), where(target.equal(-1), apart, 0));
  return reduceLosses(op, losses, options);
};

export interface TripletOptions extends MarginOptions {
  /** The power of the distance, 2 by default. */
  readonly p?: number;
  /** Added to every difference, 1e-6 by default. */
  readonly epsilon?: number;
  /** Whether the negative's distance is the smaller one of those to the anchor and to the positive (Balntas et al., 2016). */
  readonly swap?: boolean;
}

/**
 * `max(d(anchor, positive) - d(anchor, negative) + margin, 0)` for vectors along the last axis and the distance
 * `d(a, b) = |a - b + epsilon|_p`.
 *
 * @param options.margin 1 by default.
 * @throws ShapeError unless all three have one shape; ArgumentError unless p is above 0.
 */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletOptions = {},
): Tensor => {
  const op = "tripletMarginLoss";
  const { margin = 1, p = 2, epsilon = 1e-6, swap = false } = options;
  requireSame(op, anchor, positive);
  requireSame(op, anchor, negative);
  if (!(p > 0)) throw new ArgumentError(op, `p is a number > 0, got ${p}`);
  if (anchor.rank === 0) throw new ShapeError(op, "takes vectors along the last axis, got rank 0");
  const distance = (a: Tensor, b: Tensor): Tensor => norm(a.sub(b).add(epsilon), p, -1);
  const far = distance(anchor, negative);
  const apart = swap ? far.minimum(distance(positive, negative)) : far;
  return reduceLosses(op, positivePart(distance(anchor, positive).sub(apart).add(margin)), options);
};
