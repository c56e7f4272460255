import type { CompileOptions } from "../compiled.ts";
import { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { ExpressionEmitter, lanesFor } from "./expression.ts";
import { vectorLoop } from "./loops.ts";
import type { Element } from "./matmulElement.ts";
import type { Epilogue } from "./matmulProblem.ts";
import { Positions } from "./positions.ts";
import { storeOutputs } from "./store.ts";

/** A block of sums in memory; distances in bytes. */
export interface Sums {
  readonly element: Element;
  readonly rowBytes: number;
  /** Blocks that are added up, and the distance between them. */
  readonly parts: number;
  readonly partBytes: number;
  /** Where a row stands for every so many positions of the result's dimension. */
  readonly rowStep?: number;
}

/** The columns that a block has: all of them, or those that arguments name. */
export type Columns = { readonly all: number } | { readonly multiple: number };

/** Calls the function that `addEpilogue` added. */
export type CallEpilogue = (
  f: FunctionBuilder,
  args: Local<"i32">,
  sums: I32,
  rows: { readonly from: I32Like; readonly to: I32Like },
  columns: { readonly from: I32Like; readonly to: I32Like },
  outer: readonly I32Like[],
) => void;

/**
 * Adds a function that evaluates the expression for a block of sums and stores its outputs: rows and columns of the last two
 * dimensions of the epilogue's shape at one position of the others.
 */
export const addEpilogue = (
  module: ModuleBuilder,
  options: CompileOptions,
  epilogue: Epilogue,
  { element, rowBytes, parts, partBytes, rowStep = 1 }: Sums,
  columns: Columns,
): CallEpilogue => {
  const rank = epilogue.shape.length;
  const params = Array<"i32">(6 + rank - 2).fill("i32");
  const callee = module.add(undefined, params, [], (f, ...locals) => {
    const [args, sums, row, rowEnd, from, to, ...outer] = locals as [I, I, I, I, I, I, ...I[]];
    const s = new Scope(module, f, lanesFor(epilogue.nodes), options.relaxed);
    const column = f.local("i32");
    const line = f.local("i32");
    const load = (address: I32, offset: number): V128 =>
      s.lanes < element.lanes ? v128.load64Zero(address, offset) : v128.load(address, offset);
    const sum = (): V128 => {
      const address = f.i32(i32.add(line, i32.mul(column, element.bytes)));
      const offset = positions.ahead * element.bytes;
      if (parts === 1) return load(address, offset);
      const total = f.local("v128", load(address, offset));
      const part = f.local("i32");
      f.loop(part, 1, parts, 1, () => {
        f.increment(address, partBytes);
        f.set(total, element.add(total, load(address, offset)));
      });
      return total;
    };
    const positions: Positions = new Positions(
      s,
      epilogue,
      {
        dimensions: epilogue.shape.map((_, d) => ({
          level: d === rank - 1 ? 2 : d === rank - 2 ? 1 : 0,
          at: () => (d === rank - 1 ? column : d === rank - 2 ? row : (outer[d] as I)),
        })),
        vector: rank - 1,
      },
      args,
      { accumulator: { level: 2, value: sum } },
    );
    const roots = epilogue.outputs.map(({ node }) => node);
    const emitter = new ExpressionEmitter(s, epilogue.nodes, positions, roots);
    emitter.enter(0);
    f.set(line, "all" in columns ? sums : i32.sub(sums, i32.mul(from, element.bytes)));
    const span =
      "all" in columns ? { from: 0, to: columns.all, multiple: 1 } : { from, to, multiple: columns.multiple };
    f.while(
      () => i32.ltS(row, rowEnd),
      () => {
        emitter.enter(1);
        vectorLoop(s, column, span, epilogue.nodes.length > 12 ? 1 : 2, (count, ahead) => {
          positions.count = count;
          positions.ahead = ahead;
          emitter.enter(2);
          storeOutputs(s, epilogue, positions, (id) => emitter.value(id));
        });
        f.increment(line, rowBytes);
        f.increment(row, rowStep);
      },
    );
  });
  return (f, args, sums, rows, span, outer) =>
    f.call(callee, args, sums, ...[rows.from, rows.to, span.from, span.to, ...outer].map((value) => asI32(value)));
};

type I = Local<"i32">;
