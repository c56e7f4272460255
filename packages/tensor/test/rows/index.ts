import type { OperationName, OpRow } from "../support/row.ts";
import { arithmetic } from "./arithmetic.ts";

/** Operations whose rows are still to be written; must become empty. */
type Waiting = "matmul";

type Complete = { readonly [Name in Exclude<OperationName, Waiting>]: OpRow };

/** Every operation has a row here: a public function without one fails the compiler. */
export const rows = { ...arithmetic } satisfies Partial<Complete>;
