import { type Shape, sizeOf, type View } from "@gradloom/backend";
import { type Affine, type Check, canFail, combine, type Sizes, type Space, transposed } from "./affine.ts";

/** Where a buffer is read or written, as a function of the position; 0 is read where a check fails. */
export interface Access {
  readonly address: Affine;
  readonly checks: readonly Check[];
}

/** The access through a view at `indices`, one for each of its dimensions. */
export const accessThrough = (view: View, indices: readonly Affine[], sizes: Sizes): Access => {
  const checks = view.shape.flatMap((n, d): Check[] => {
    const [low, high] = view.valid?.[d] ?? [0, n];
    const check = { index: indices[d] as Affine, low, high };
    return canFail(check, sizes) ? [check] : [];
  });
  return { address: combine(view.offset, indices, view.strides), checks };
};

export const transposedAccess = ({ address, checks }: Access): Access => ({
  address: transposed(address),
  checks: checks.map((check) => ({ ...check, index: transposed(check.index) })),
});

/** The dimension of a space that runs fastest. */
const fastest = (shape: Shape): number => {
  let d = shape.length - 1;
  while (d >= 0 && shape[d] === 1) d--;
  return d;
};

/** Whether aligned groups of four neighbours in a space are aligned groups of four in memory, and exist together. */
export const isVector = ({ address, checks }: Access, space: Space, sizes: Sizes): boolean => {
  const shape = sizes[space];
  const d = fastest(shape);
  if (d < 0 || (shape[d] as number) % 4 !== 0 || sizeOf(shape) === 0) return false;
  const along = ({ terms }: Affine) => terms.find((one) => one.space === space && one.dim === d);
  if (along(address)?.by !== 1 || address.constant % 4 !== 0) return false;
  if (checks.some(({ index }) => along(index) !== undefined)) return false;
  return address.terms.every(
    (one) =>
      (one.space === space && one.dim === d) ||
      (sizes[one.space][one.dim] as number) === 1 ||
      (typeof one.by === "number" ? one.by % 4 === 0 : one.by.every((value) => value % 4 === 0)),
  );
};
