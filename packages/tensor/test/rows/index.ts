import type { OperationName, OpRow } from "../support/row.ts";
import { activations } from "./activations.ts";
import { arithmetic } from "./arithmetic.ts";
import { creation } from "./creation.ts";
import { indexing } from "./indexing.ts";
import { joining } from "./joining.ts";
import { logical } from "./logical.ts";
import { mathematics } from "./mathematics.ts";
import { movement } from "./movement.ts";
import { products } from "./products.ts";
import { random } from "./random.ts";
import { reductions } from "./reductions.ts";
import { rounding } from "./rounding.ts";
import { softmax } from "./softmax.ts";
import { sorting } from "./sorting.ts";
import { special } from "./special.ts";

/** Operations whose rows are still to be written. */
type Waiting =
  | "adaptiveAveragePool1d"
  | "adaptiveAveragePool2d"
  | "adaptiveAveragePool3d"
  | "adaptiveMaxPool1d"
  | "adaptiveMaxPool2d"
  | "adaptiveMaxPool3d"
  | "averagePool1d"
  | "averagePool2d"
  | "averagePool3d"
  | "cholesky"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "convTranspose1d"
  | "convTranspose2d"
  | "convTranspose3d"
  | "depthwiseConv2d"
  | "det"
  | "eigh"
  | "fold"
  | "globalAveragePool"
  | "globalMaxPool"
  | "inv"
  | "lpPool1d"
  | "lpPool2d"
  | "lpPool3d"
  | "maxPool1d"
  | "maxPool2d"
  | "maxPool3d"
  | "pixelShuffle"
  | "pixelUnshuffle"
  | "qr"
  | "resize"
  | "scaledDotProductAttention"
  | "separableConv2d"
  | "slogdet"
  | "solve"
  | "standardize"
  | "svd"
  | "triangularSolve"
  | "unfold"
  | "upsample";

/** Every operation has a row: a public function without one fails the compiler. */
export const rows: { readonly [Name in Exclude<OperationName, Waiting>]: OpRow } = {
  ...activations,
  ...arithmetic,
  ...creation,
  ...indexing,
  ...joining,
  ...logical,
  ...mathematics,
  ...movement,
  ...products,
  ...random,
  ...reductions,
  ...rounding,
  ...softmax,
  ...sorting,
  ...special,
};
