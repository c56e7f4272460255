import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, ShapeError, sameShape } from "@gradloom/tensor";

/** What becomes of the losses of single elements: their mean (the default), their sum, or nothing. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  readonly reduction?: Reduction;
}

const reductions: Readonly<Record<Reduction, (losses: Tensor) => Tensor>> = {
  mean: (losses) => losses.mean(),
  sum: (losses) => losses.sum(),
  none: (losses) => losses,
};

/** The reduction that the options name; refuses unknown names. */
export const reductionOf = (op: string, { reduction = "mean" }: LossOptions): Reduction => {
  if (!Object.hasOwn(reductions, reduction)) {
    throw new ArgumentError(op, `unknown reduction "${String(reduction)}"`, 'use "mean", "sum" or "none"');
  }
  return reduction;
};

export const reduceLosses = (op: string, losses: Tensor, options: LossOptions): Tensor =>
  reductions[reductionOf(op, options)](losses);

/** Refuses tensors of different shapes: losses do not broadcast, because that is nearly always a mistake. */
export const requireSame = (op: string, a: Tensor, b: Tensor): void => {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      op,
      `takes two tensors of one shape, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "reshape one of them",
    );
  }
};
