import type { OperationName, OpRow } from "../support/row.ts";
import { activations } from "./activations.ts";
import { arithmetic } from "./arithmetic.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { creation } from "./creation.ts";
import { decompositions } from "./decompositions.ts";
import { indexing } from "./indexing.ts";
import { joining } from "./joining.ts";
import { logical } from "./logical.ts";
import { mathematics } from "./mathematics.ts";
import { movement } from "./movement.ts";
import { poolings } from "./pooling.ts";
import { products } from "./products.ts";
import { random } from "./random.ts";
import { reductions } from "./reductions.ts";
import { rounding } from "./rounding.ts";
import { softmax } from "./softmax.ts";
import { sorting } from "./sorting.ts";
import { special } from "./special.ts";

/** Operations whose rows are still to be written. */
type Waiting = "standardize";

/** Every operation has a row: a public function without one fails the compiler. */
export const rows: { readonly [Name in Exclude<OperationName, Waiting>]: OpRow } = {
  ...activations,
  ...arithmetic,
  ...attentions,
  ...convolutions,
  ...creation,
  ...decompositions,
  ...indexing,
  ...joining,
  ...logical,
  ...mathematics,
  ...movement,
  ...poolings,
  ...products,
  ...random,
  ...reductions,
  ...rounding,
  ...softmax,
  ...sorting,
  ...special,
};
