import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, isFloat, oneHot, ShapeError } from "@gradloom/tensor";

/**
 * Targets that give the share `smoothing` evenly to all classes: `(1 - smoothing) y + smoothing / classes` (Szegedy et al., "Rethinking
 * the inception architecture", 2016).
 *
 * @param labels Probabilities or one-hot rows [..., classes], or whole-number labels of any shape together with `classes`.
 * @throws ArgumentError for a smoothing outside [0, 1], or whole numbers without `classes`; ShapeError without a last axis.
 * @example smoothLabels(tensor([0, 2], { dtype: "int32" }), 0.1, { classes: 3 })
 */
export const smoothLabels = (
  labels: Tensor,
  smoothing = 0.1,
  { classes }: { readonly classes?: number } = {},
): Tensor => {
  const op = "smoothLabels";
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new ArgumentError(op, `the smoothing lies in [0, 1], got ${smoothing}`);
  }
  if (!isFloat(labels.dtype) && classes === undefined) {
    throw new ArgumentError(op, `got labels of ${labels.dtype} without a number of classes`, "give { classes }");
  }
  const y = isFloat(labels.dtype) ? labels : oneHot(labels, classes as number);
  const last = y.shape.at(-1);
  if (last === undefined || (classes !== undefined && classes !== last)) {
    throw new ShapeError(op, `takes [..., ${classes ?? "classes"}], got ${formatShape(y.shape)}`);
  }
  return y.mul(1 - smoothing).add(smoothing / last);
};
