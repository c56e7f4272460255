import { ArgumentError } from "@gradloom/tensor";

/** How often class i (row) was taken for class j (column). */
export const confusionOf = (
  targets: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): readonly (readonly number[])[] => {
  if (targets.length !== predicted.length) {
    throw new ArgumentError(
      "htmlReport",
      `needs a prediction per target, got ${predicted.length} for ${targets.length}`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) {
    const row = counts[targets[i] as number];
    const column = predicted[i] as number;
    if (row?.[column] === undefined) {
      throw new ArgumentError("htmlReport", `classes are 0 to ${classes - 1}, got ${targets[i]} and ${predicted[i]}`);
    }
    row[column]++;
  }
  return counts;
};
