import type { BinaryOp, ComparisonOp, ComputeType, CustomKernel, Kernel, UnaryOp } from "@gradloom/backend";
import type { Limits, Pass } from "./program.ts";

/** A type of local values. */
export type ValueType =
  | ComputeType
  | "float16"
  | "vec2<uint32>"
  | `vec4<${"float32" | "float16" | "int32" | "uint32"}>`;

/** The elements that a binding is declared with; "atomic" words are written by several invocations. */
export type ElementType = ValueType | "atomic<uint32>" | "atomic<int32>";

/** Makes a library function available to the code that is being printed. */
export type Use = (name: string) => void;

/** A buffer as the code sees it. */
export interface DeclaredBuffer {
  readonly name: string;
  readonly element: ElementType;
  readonly access: "read" | "write";
}

/** The pieces of a complete source text. */
export interface Module {
  readonly buffers: readonly DeclaredBuffer[];
  /** Number of scalar arguments. */
  readonly scalars: number;
  readonly shared: readonly { readonly name: string; readonly element: ElementType; readonly length: number }[];
  /** Library functions in use. */
  readonly functions: ReadonlySet<string>;
  /** Functions of this kernel alone, in order. */
  readonly helpers: readonly string[];
  readonly body: readonly string[];
  readonly workgroup: number;
  readonly gridX: number;
  /** Extensions of the language in use: `f16`, `subgroups`. */
  readonly features: readonly string[];
}

/**
 * What tells one C-like language from another. All else (operators, calls, `if`, assignments, indexing) is printed alike. Expressions
 * are text; arguments that a row repeats are names or literals.
 */
export interface Dialect {
  readonly name: "wgsl" | "cuda";
  /** Loads what the kernel's operations need, before any of it is printed. */
  load(kernel: Kernel): Promise<void>;
  type(type: ValueType): string;
  /** A value that does not change. */
  let(type: ValueType, name: string, value: string): string;
  /** A variable; zero where no value is given. */
  variable(type: ValueType, name: string, value?: string): string;
  /** An array of the invocation's own. */
  array(type: ValueType, name: string, length: number): string;
  /** The head of a loop over an int32. */
  for(name: string, from: string, to: string, step: string): string;
  /** Waits for the workgroup and makes its writes to shared memory visible. */
  readonly barrier: string;
  /** A function of this kernel. */
  function(
    name: string,
    parameters: readonly (readonly [string, ValueType])[],
    result: ValueType,
    body: string,
  ): string;
  constant(type: ComputeType, value: number, use: Use): string;
  /** Scalar argument number `slot`. */
  scalar(type: ComputeType, slot: number): string;
  select(condition: string, yes: string, no: string): string;
  convert(from: ComputeType, to: ComputeType, x: string, use: Use): string;
  /** The same bits as a signed or an unsigned integer. */
  toInt(x: string): string;
  toUint(x: string): string;
  bitcast(from: ComputeType, to: ComputeType, x: string): string;
  /** `roundTo(dtype, x)` of a value that already has the dtype's compute type. */
  narrow(dtype: "float16" | "bfloat16" | "int8" | "uint8", x: string, use: Use): string;
  unary(op: UnaryOp, type: ComputeType, x: string, use: Use): string;
  binary(op: BinaryOp, type: ComputeType, a: string, b: string, use: Use): string;
  /** `type` is that of the arguments. */
  comparison(op: ComparisonOp, type: ComputeType, a: string, b: string, use: Use): string;
  threefry(key0: string, key1: string, counter0: string, counter1: string, use: Use): string;
  /** `a * b + c`, rounded once where that is fast. */
  multiplyAdd(a: string, b: string, c: string): string;
  vector(type: ValueType, parts: readonly string[]): string;
  /** A native 16-bit float as a float32. */
  widen(x: string): string;
  /** The value of invocation number `lane` of the subgroup; in uniform control flow only. */
  broadcast(x: string, lane: number): string;
  /** The value of the invocation of the subgroup whose number differs in the bits of `mask`; in uniform control flow only. */
  shuffleXor(x: string, mask: number): string;
  atomicLoad(place: string): string;
  atomicAnd(place: string, value: string): string;
  atomicOr(place: string, value: string): string;
  atomicAdd(place: string, value: string): string;
  atomicMax(place: string, value: string): string;
  atomicMin(place: string, value: string): string;
  /** A library function by the name that all dialects know it by. */
  call(name: LibraryFunction, args: readonly string[], use: Use): string;
  module(module: Module, limits: Limits): string;
  /** The code that a user wrote in this language, and its grid; undefined where there is none. */
  custom(kernel: CustomKernel): (Pick<Pass, "workgroup" | "grid"> & { readonly source: string }) | undefined;
}

/** Library functions that templates call. */
export type LibraryFunction =
  | "isNaN"
  | "infinity"
  | "nan"
  | "fromFloat16"
  | "toFloat16"
  | "fromBfloat16"
  | "toBfloat16";
