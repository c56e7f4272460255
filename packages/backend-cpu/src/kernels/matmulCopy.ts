import type { KernelInput, View } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import { type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import { storeLanes } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import type { I32, I32Like, Local } from "../wasm/value.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import type { Element } from "./matmulElement.ts";
import { inTurn } from "./matmulUnits.ts";
import { Positions } from "./positions.ts";

/** An input to be written out in full, converted to the accumulator's type. */
export interface Copy {
  readonly input: number;
  readonly view: View;
  /** Where in the scratch memory. */
  readonly offset: number;
}

/** Nanoseconds per element. */
const copyCost = 0.5;

/** Adds the phase that makes the copies; its units are their rows, one copy after the other. */
export const addCopies = (
  module: ModuleBuilder,
  options: CompileOptions,
  kernel: { readonly inputs: readonly KernelInput[]; readonly outputs: readonly unknown[] },
  element: Element,
  copies: readonly Copy[],
): Phase[] => {
  if (copies.length === 0) return [];
  const rows = copies.map(({ view }) => sizeOf(view.shape.slice(0, -1)));
  const units = rows.reduce((sum, n) => sum + n, 0);
  const elements = copies.reduce((sum, { view }) => sum + sizeOf(view.shape), 0);
  addPhase(module, "copy", (f, args) => {
    const s = new Scope(module, f, element.lanes, options.relaxed);
    const writers = copies.map(({ input, view, offset }) => {
      const last = view.shape.length - 1;
      const n = view.shape[last] as number;
      const column = f.local("i32");
      let at: I32Like[] = [];
      const inputs = kernel.inputs.map((other, i) => (i === input ? { ...other, view } : other));
      const nodes = [{ op: "load", type: element.type, input } as const];
      const positions = new Positions(
        s,
        { nodes, inputs, outputs: [] },
        {
          dimensions: view.shape.map((_, d) => ({
            level: d === last ? 2 : 1,
            at: () => (d === last ? column : (at[d] as I32Like)),
          })),
          vector: last,
        },
        args,
      );
      positions.enter(0);
      const scratch = scratchSlot(kernel.inputs.length + kernel.outputs.length);
      return (row: Local<"i32">): void => {
        at = unravel(f, row, view.shape.slice(0, -1)).map((i) => (typeof i === "number" ? i : f.i32(i)));
        positions.enter(1);
        const line = f.i32(i32.add(i32.load(args, scratch), i32.add(i32.mul(row, n * element.bytes), offset)));
        const target = (): I32 => i32.add(line, i32.mul(column, element.bytes));
        vectorLoop(s, column, { from: 0, to: n, multiple: 1 }, 1, (count, ahead) => {
          positions.count = count;
          positions.ahead = ahead;
          positions.enter(2);
          const place = { address: target, offset: ahead * element.bytes, stride: 1 };
          storeLanes(s, element.type, place, positions.load(input), count);
        });
      };
    });
    return (unit) => inTurn(f, unit, rows, (i, row) => (writers[i] as (row: Local<"i32">) => void)(row));
  });
  return [{ name: "copy", units, cost: copyCost * elements }];
};
