import type { Device, DType, TensorData } from "@gradloom/tensor";
import {
  ArgumentError,
  currentDevice,
  formatShape,
  isFloat,
  ShapeError,
  sameShape,
  Tensor,
  tensor,
} from "@gradloom/tensor";

/** Predictions and targets on one device. */
export interface Batch {
  readonly op: string;
  readonly predictions: Tensor;
  readonly targets: Tensor;
  /** The type in which numbers are added up: float64 where the device has it. */
  readonly wide: DType;
}

const wideOn = ({ backend }: Device): DType =>
  backend.traits.compute.has("float64") && backend.traits.storage.has("float64") ? "float64" : "float32";

const onDevice = (x: Tensor | TensorData, device: Device, wide: DType): Tensor => {
  if (x instanceof Tensor) return x;
  return ArrayBuffer.isView(x) ? tensor(x, { device }) : tensor(x, { device, dtype: wide });
};

/** A batch as tensors; host values go to the device of the other operand. */
export const batchOf = (op: string, predictions: Tensor | TensorData, targets: Tensor | TensorData): Batch => {
  const device = [predictions, targets].find((x) => x instanceof Tensor)?.device ?? currentDevice();
  const wide = wideOn(device);
  const batch = {
    op,
    predictions: onDevice(predictions, device, wide),
    targets: onDevice(targets, device, wide),
    wide,
  };
  if (batch.predictions.size === 0) {
    throw new ShapeError(op, `takes at least one prediction, got ${formatShape(batch.predictions.shape)}`);
  }
  return batch;
};

/** Refuses predictions and targets of different shapes. */
export const requireSameShape = ({ op, predictions, targets }: Batch): void => {
  if (!sameShape(predictions.shape, targets.shape)) {
    throw new ShapeError(
      op,
      `needs one target per prediction, got ${formatShape(predictions.shape)} and ${formatShape(targets.shape)}`,
    );
  }
};

/** Whole-number labels. */
export const asLabels = (x: Tensor): Tensor => x.cast("int32");

/** Whether predictions have a last axis of scores, one per class, that the targets lack. */
export const hasScores = ({ predictions, targets }: Batch): boolean =>
  predictions.rank === targets.rank + 1 && sameShape(predictions.shape.slice(0, -1), targets.shape);

/** Scores [..., classes] and their labels [...], which may be given as one-hot rows or probabilities too. */
export const scoresAndLabels = (batch: Batch): { readonly scores: Tensor; readonly labels: Tensor } => {
  const { op, predictions, targets } = batch;
  if (hasScores(batch)) return { scores: predictions, labels: asLabels(targets) };
  if (predictions.rank > 0 && sameShape(predictions.shape, targets.shape)) {
    return { scores: predictions, labels: targets.argmax(-1) };
  }
  throw new ShapeError(
    op,
    `takes scores [..., classes] and labels [...] or one-hot [..., classes], got ${formatShape(predictions.shape)} and ${formatShape(targets.shape)}`,
  );
};

export interface ClassOptions {
  /** The number of classes. */
  readonly classes: number;
  /** The probability above which the second of two classes is predicted. */
  readonly threshold: number;
}

export const classDefaults: ClassOptions = { classes: 2, threshold: 0.5 };

export const checkClasses = (op: string, { classes }: ClassOptions): void => {
  if (!Number.isInteger(classes) || classes < 2) {
    throw new ArgumentError(op, `classes is a whole number >= 2, got ${classes}`);
  }
};

/**
 * Labels of predictions and targets. Scores [..., classes] count by their largest; float predictions of the targets' shape are
 * probabilities of the second of two classes, or labels where there are more.
 */
export const labelsOf = (batch: Batch, { classes, threshold }: ClassOptions): { p: Tensor; t: Tensor } => {
  const { op, predictions, targets } = batch;
  const oneHot =
    sameShape(predictions.shape, targets.shape) && predictions.rank > 1 && predictions.shape.at(-1) === classes;
  if (hasScores(batch) || (oneHot && isFloat(predictions.dtype))) {
    const { scores, labels } = scoresAndLabels(batch);
    if (scores.shape.at(-1) !== classes) {
      throw new ShapeError(op, `has ${classes} classes, got scores ${formatShape(scores.shape)}`, "set { classes }");
    }
    return { p: scores.argmax(-1).flatten(), t: labels.flatten() };
  }
  requireSameShape(batch);
  const p = classes === 2 && isFloat(predictions.dtype) ? predictions.greater(threshold) : predictions;
  return { p: asLabels(p).flatten(), t: asLabels(targets).flatten() };
};
