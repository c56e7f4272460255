/**
 * One typed row per operation. To add an operation: export it from `src/index.ts`, put its row into one of the tables in
 * `test/rows/` (or a new one, listed in `test/rows/index.ts`), and let `npm test -- packages/tensor` say what is missing. A public
 * function without a row fails the compiler. A table's own test is three lines, see `test/elementwise.test.ts`.
 *
 * The runner (`support/runner.ts`) takes every row through
 * - the samples on every device of `support/devices.ts`, in float32 and float64, against an independent float64 reference;
 * - all element types: the result's type is `dtypes(type)`, or the operation refuses with a DTypeError;
 * - derivatives up to `order`, in float64 along random directions against central differences;
 * - `derivatives`: exact gradients at kinks, ties, zeros and other points where wrong ones come easily;
 * - `errors`: class and exact text.
 */
import type { DType, GradloomError } from "@gradloom/backend";
import type * as api from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";
import type { Scale } from "./compare.ts";
import type { Values } from "./values.ts";

/** Exports that are no operations. Whatever is not in this list needs a row. */
export const notOperations = [
  "ArgumentError",
  "DeviceError",
  "DeviceLostError",
  "DTypeError",
  "FormatError",
  "GradloomError",
  "OutOfMemoryError",
  "ShapeError",
  "StaleTensorError",
  "UnsupportedError",
  "NonFiniteError",
  "Device",
  "Tensor",
  "Variable",
  "assign",
  "compile",
  "currentDevice",
  "openDevice",
  "useDevice",
  "setDebug",
  "memory",
  "statistics",
  "explain",
  "profile",
  "evaluate",
  "randomState",
  "seed",
  "setRandomState",
  "isFloat",
  "isInteger",
  "sameShape",
  "formatShape",
  "withGradient",
  "promoteTypes",
  "definePrimitive",
] as const satisfies readonly (keyof typeof api)[];

export type OperationName = Exclude<keyof typeof api, (typeof notOperations)[number]>;

/** What an operation gives; it is awaited. */
export type Results = Tensor | readonly Tensor[];

/** One call with given inputs, and what it must give. */
export interface Sample {
  /** Shown when it fails. */
  readonly name?: string;
  readonly inputs: readonly Values[];
  call(...inputs: Tensor[]): Results | Promise<Results>;
  /** The result or results, or a function of the inputs as rounded to the type under test. */
  readonly expected: Values | readonly Values[] | ((...inputs: Values[]) => Values | readonly Values[]);
  /** False where the derivative does not exist or finite differences cannot see it: kinks, NaN, infinities. */
  readonly smooth?: boolean;
  /** Only these element types of the input; all under test by default. */
  readonly only?: readonly DType[];
}

/** The gradient of the sum of the results at given inputs, exactly; one list of numbers per input. */
export interface Derivative {
  readonly name: string;
  readonly inputs: readonly Values[];
  call(...inputs: Tensor[]): Tensor;
  readonly expected: readonly (readonly number[])[];
}

export interface BadCall {
  call(): unknown;
  readonly error: new (where: string, problem: string, remedy?: string) => GradloomError;
  readonly text: string;
}

export interface OpRow {
  /** The same operation elsewhere, for those who come from there; a missing name means that there is none. */
  readonly names: { readonly torch?: string; readonly numpy?: string; readonly tfjs?: string };
  readonly samples: readonly Sample[];
  /** Element type of the (first) result for inputs of a type; undefined where the operation refuses. Left out for operations without inputs. */
  readonly dtypes?: (dtype: DType) => DType | undefined;
  /** The sample that runs in all element types; the first by default. Its values are rounded to the type. */
  readonly typed?: Sample;
  /** Whether there is a derivative. */
  readonly gradient: boolean;
  /** Highest derivative that is checked: 2 by default. */
  readonly order?: 1 | 2 | 3;
  /** Allowed error in units of rounding (2^-24 of float32 results, ...): 4 by default. */
  readonly tolerance?: number;
  /** What the error is measured by: each element by default. */
  readonly scale?: Scale;
  readonly derivatives?: readonly Derivative[];
  readonly errors: readonly BadCall[];
}

/** A table: some of the rows. */
export type Rows = { readonly [Name in OperationName]?: OpRow };
