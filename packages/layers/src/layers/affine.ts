import type { CreateOptions, Shape, Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, isFloat, ones, promoteTypes, zeros } from "@gradloom/tensor";
import { parameter } from "./parameter.ts";

/** What normalisation layers with a scale and a shift let you choose. */
export interface NormOptions extends CreateOptions {
  /** Added to the variance, 1e-5 by default. */
  readonly epsilon?: number;
  /** Whether the result is scaled and shifted by parameters. */
  readonly affine?: boolean;
  /** Whether `affine` shifts too; true by default. */
  readonly bias?: boolean;
}

/** Scale and shift after a normalisation; they start as ones and zeros. */
export interface Affine {
  readonly weight: Variable | undefined;
  readonly bias: Variable | undefined;
}

export const affineParameters = (shape: Shape, options: NormOptions, standard = true): Affine => {
  const { affine = standard, bias = true } = options;
  return {
    weight: affine ? parameter("weight", ones, shape, options) : undefined,
    bias: affine && bias ? parameter("bias", zeros, shape, options) : undefined,
  };
};

export const scaleAndShift = (x: Tensor, { weight, bias }: Affine): Tensor => {
  const y = weight === undefined ? x : x.mul(weight.value);
  return bias === undefined ? y : y.add(bias.value);
};

/** Normalises narrow floats in the element type of the parameters, float32 at least; the result has that of x. */
export const inWideType = (x: Tensor, { weight }: Affine, fn: (x: Tensor) => Tensor): Tensor => {
  const wide = promoteTypes(x.dtype, weight?.dtype ?? "float32");
  const y = fn(x.cast(promoteTypes(wide, "float32")));
  return isFloat(x.dtype) ? y.cast(x.dtype) : y;
};

export const requireEpsilon = (layer: string, epsilon: number): void => {
  if (!(epsilon >= 0)) throw new ArgumentError(layer, `epsilon is a number >= 0, got ${epsilon}`);
};
