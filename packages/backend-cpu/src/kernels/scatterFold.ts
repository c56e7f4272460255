import type { ComputeType, DType, ScatterKernel, View } from "@gradloom/backend";
import type { Scope } from "../scalar/scope.ts";
import { type Binary, binaryTable } from "../scalar/table.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32x4 } from "../wasm/simd.ts";
import type { I32, I32Like, Local, V128 } from "../wasm/value.ts";
import type { Finding } from "./coordinates.ts";
import { Positions } from "./positions.ts";

/** The part of a scatter kernel that folds updates into a target that holds the initial values. */
export interface ScatterFold {
  readonly kernel: ScatterKernel;
  /** Shapes of the target and of the updates, of rank 1 or more. */
  readonly shape: readonly number[];
  readonly updates: readonly number[];
  /** How the target is stored, and the place of its address in the block of arguments. */
  readonly dtype: DType;
  readonly strides: readonly number[];
  readonly slot: number;
}

/** Fewer updates than this are not worth several threads that all look at every index. */
export const fewUpdates = 4096;

const operations = { add: binaryTable.add, mul: binaryTable.mul, max: binaryTable.max, min: binaryTable.min };

/** The new value of an element. */
export const combine = (
  s: Scope,
  mode: ScatterKernel["mode"],
  type: ComputeType,
  old: () => V128,
  value: V128,
): V128 => {
  if (mode === "set") return value;
  const row: Readonly<Partial<Record<ComputeType, Binary>>> = operations[mode];
  return (row[type] as Binary)(s, old(), value);
};

/** One dimension of size 1 where there is none. */
export const atLeast1 = (shape: readonly number[]): readonly number[] => (shape.length === 0 ? [1] : shape);

export const widen = (view: View): View =>
  view.shape.length > 0 ? view : { shape: [1], strides: [0], offset: view.offset, valid: undefined };

/** Positions of updates and of the inputs that hold indices; lanes lie along dimension `vector`. */
export const updatePositions = (
  s: Scope,
  { kernel }: ScatterFold,
  at: readonly Local<"i32">[],
  vector: number,
  args: Local<"i32">,
): Positions => {
  const inputs = kernel.inputs.map((input) => ({ dtype: input.dtype, view: widen(input.view) }));
  const indices = kernel.coordinates.flatMap((coordinate) => ("input" in coordinate ? [coordinate.input] : []));
  return new Positions(
    s,
    { inputs, outputs: [], nodes: [] },
    { dimensions: at.map((local, d) => ({ level: d === vector ? 2 : 1, at: () => local })), vector },
    args,
    { loads: new Set([1, ...indices]) },
  );
};

/** Coordinates where all lanes are at one position; each index is loaded once. */
export const scalarFinding = (f: FunctionBuilder, positions: Positions, at: readonly Local<"i32">[]): Finding => {
  const found = new Map<number, Local<"i32">>();
  return {
    position: (d): I32Like => at[d] as Local<"i32">,
    index: (input): I32 => {
      let known = found.get(input);
      if (known === undefined) {
        known = f.i32(i32x4.extractLane(positions.load(input), 0));
        found.set(input, known);
      }
      return known;
    },
  };
};
