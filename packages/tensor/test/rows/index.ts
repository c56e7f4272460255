import type { OperationName, OpRow } from "../support/row.ts";
import { activations } from "./activations.ts";
import { adaptivePoolings } from "./adaptivePooling.ts";
import { arithmetic } from "./arithmetic.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { creation } from "./creation.ts";
import { decompositions } from "./decompositions.ts";
import { gathering } from "./gathering.ts";
import { joining } from "./joining.ts";
import { logical } from "./logical.ts";
import { mathematics } from "./mathematics.ts";
import { movement } from "./movement.ts";
import { poolings } from "./pooling.ts";
import { products } from "./products.ts";
import { random } from "./random.ts";
import { reductions } from "./reductions.ts";
import { reshaping } from "./reshaping.ts";
import { resizing } from "./resizing.ts";
import { rounding } from "./rounding.ts";
import { scattering } from "./scattering.ts";
import { searching } from "./searching.ts";
import { softmax } from "./softmax.ts";
import { solving } from "./solving.ts";
import { sorting } from "./sorting.ts";
import { special } from "./special.ts";
import { statistics } from "./statistics.ts";

/** Every operation has a row: a public function without one fails the compiler. */
export const rows: { readonly [Name in OperationName]: OpRow } = {
  ...activations,
  ...adaptivePoolings,
  ...arithmetic,
  ...attentions,
  ...convolutions,
  ...creation,
  ...decompositions,
  ...gathering,
  ...joining,
  ...logical,
  ...mathematics,
  ...movement,
  ...poolings,
  ...products,
  ...random,
  ...reductions,
  ...reshaping,
  ...resizing,
  ...rounding,
  ...scattering,
  ...searching,
  ...softmax,
  ...solving,
  ...sorting,
  ...special,
  ...statistics,
};
