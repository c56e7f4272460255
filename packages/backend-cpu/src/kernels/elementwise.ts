import {
  type ExpressionNode,
  isMasked,
  type KernelInput,
  type KernelOutput,
  sizeOf,
  type View,
} from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { elementCost } from "./cost.ts";
import { ExpressionEmitter, lanesFor } from "./expression.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { Positions, type Provided } from "./positions.ts";
import { storeOutputs } from "./store.ts";

/** An expression over all positions of a shape of rank 1 or more. */
export interface Elementwise {
  readonly shape: readonly number[];
  readonly inputs: readonly KernelInput[];
  readonly nodes: readonly ExpressionNode[];
  readonly outputs: readonly KernelOutput[];
}

/** The loops around an accumulator. */
export interface Surroundings {
  readonly s: Scope;
  readonly f: FunctionBuilder;
  readonly args: Local<"i32">;
  /** Position in each dimension; lanes lie along the last one, `positions.ahead` after it. */
  readonly at: readonly Local<"i32">[];
  readonly positions: Positions;
}

/** What a kernel calculates before its expression. */
export interface Accumulator extends Provided {
  /** Called before all loops. */
  readonly enter?: () => void;
  /** Called inside the loop over rows, where all positions but the last are known. */
  readonly enterRow?: () => void;
}

export interface ElementwiseOptions extends CompileOptions {
  readonly name: string;
  readonly accumulator?: (around: Surroundings) => Accumulator;
  /** Inputs that the accumulator loads by `positions.load`. */
  readonly loads?: readonly number[];
  /** Places in the block of arguments of inputs, then outputs, where they are not in order; the scratch memory comes last. */
  readonly slots?: readonly number[];
  /** Buffers in the block of arguments, where they are not as many as inputs and outputs. */
  readonly buffers?: number;
  /** Nanoseconds per element of the accumulator. */
  readonly accumulatorCost?: number;
}

export const rowLevel = 2;
export const innerLevel = 4;

/** Work of a unit, in nanoseconds, and its limits in elements. */
const unitCost = 20000;
const leastUnit = 1024;
const mostUnit = 16384;
/** Rows and columns of a block where something is read or written across rows. */
const blockRows = 128;
const blockColumns = 16;
/** Expressions that take fewer nanoseconds for an element are written several times in the body of long loops. */
const shortElement = 0.7;
const longLine = 64;
/** More edges of masked views along the vector are looked at lane by lane. */
const mostEdges = 12;

/** How the last two dimensions are cut into units. */
interface Tiling {
  /** The dimension walked as rows, and its share of a unit. */
  readonly row: number;
  readonly rows: number;
  readonly columns: number;
}

const tilingOf = (kernel: Elementwise, views: readonly View[], cost: number): Tiling => {
  const { shape } = kernel;
  const last = shape.length - 1;
  const strides = [...views.map((view) => view.strides), ...kernel.outputs.map((output) => output.strides)];
  const across = strides.find((list) => Math.abs(list[last] as number) > 8);
  if (across !== undefined && last > 0) {
    let row = last - 1;
    for (let d = 0; d < last; d++) {
      const better = Math.abs(across[d] as number) < Math.abs(across[row] as number);
      if (across[d] !== 0 && (better || across[row] === 0)) row = d;
    }
    return {
      row,
      rows: Math.min(blockRows, shape[row] as number),
      columns: Math.min(blockColumns, shape[last] as number),
    };
  }
  const size = Math.max(leastUnit, Math.min(mostUnit, unitCost / cost));
  const n = shape[last] as number;
  // Whole vectors, and pieces of equal size.
  const pieces = Math.max(1, Math.round(n / size));
  const columns = pieces === 1 ? n : Math.ceil(n / pieces / 16) * 16;
  const rows = last === 0 ? 1 : Math.min(shape[last - 1] as number, Math.max(1, Math.floor(size / n)));
  return { row: last - 1, rows, columns };
};

/** Positions along the last dimension, of size `n`, at which a masked view begins or ends. */
const edgesOf = (views: readonly View[], n: number, last: number): number[] => {
  const edges = views.flatMap((view) => (isMasked(view, last) ? (view.valid?.[last] ?? []) : []));
  return [...new Set(edges)].filter((edge) => edge > 0 && edge < n).sort((a, b) => a - b);
};

/** Units are blocks of rows and columns; inside, vectors run along the last dimension. */
export const compileElementwise = (kernel: Elementwise, options: ElementwiseOptions): CompiledKernel => {
  const { shape } = kernel;
  const module = new ModuleBuilder(options);
  if (sizeOf(shape) === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const phase = addElementwise(module, kernel, options);
  return { code: module.toBytes(), phases: [phase], scratchBytes: 0 };
};

/** Adds the phase of an elementwise kernel that is not empty to a module. */
export const addElementwise = (module: ModuleBuilder, kernel: Elementwise, options: ElementwiseOptions): Phase => {
  const { shape } = kernel;
  const last = shape.length - 1;
  const n = shape[last] as number;
  const cost = elementCost(kernel.nodes, [...kernel.inputs, ...kernel.outputs]) + (options.accumulatorCost ?? 0);
  const loads = new Set(options.loads);
  for (const node of kernel.nodes) if (node.op === "load") loads.add(node.input);
  const views = [...loads].map((input) => (kernel.inputs[input] as KernelInput).view);
  const { row, rows, columns } = tilingOf(kernel, views, cost);
  const blocks = shape.map((size, d) =>
    d === last ? Math.ceil(size / columns) : d === row ? Math.ceil(size / rows) : size,
  );
  const short = elementCost(kernel.nodes, []) < shortElement && options.accumulator === undefined;
  const unroll = short && columns >= longLine ? 4 : 1;
  const edges = edgesOf(views, n, last);
  const segments = views.some((view) => isMasked(view, last)) && edges.length <= mostEdges;
  addPhase(module, options.name, (f, args) => {
    const s = new Scope(module, f, lanesFor(kernel.nodes), options.relaxed);
    const at: Local<"i32">[] = shape.map(() => f.local("i32"));
    const start = f.local("i32");
    const level = (d: number): number => (d === last ? innerLevel : d === row ? rowLevel : 1);
    let accumulator: Accumulator | undefined;
    const positions = new Positions(
      s,
      kernel,
      {
        dimensions: shape.map((_, d) => ({ level: level(d), at: () => at[d] as I32 })),
        vector: last,
        segment: segments ? { level: 3, at: () => start } : undefined,
      },
      args,
      { accumulator: () => accumulator, loads, slots: options.slots, buffers: options.buffers },
    );
    accumulator = options.accumulator?.({ s, f, args, at, positions });
    const emitter = new ExpressionEmitter(
      s,
      kernel.nodes,
      positions,
      kernel.outputs.map(({ node }) => node),
    );
    positions.enter(0);
    accumulator?.enter?.();
    emitter.hoist(0);
    const body = (from: I32Like, to: Local<"i32"> | number, multiple: number): void =>
      vectorLoop(s, at[last] as Local<"i32">, { from, to, multiple }, unroll, (count, ahead) => {
        positions.count = count;
        positions.ahead = ahead;
        emitter.enter(innerLevel);
        storeOutputs(s, kernel, positions, (id) => emitter.value(id));
      });
    return (unit) => {
      const block = unravel(f, unit, blocks);
      shape.forEach((_, d) => {
        if (d !== last && d !== row) f.set(at[d] as Local<"i32">, asI32(block[d] as I32Like));
      });
      emitter.enter(1);
      const whole = blocks[last] === 1;
      const left = whole ? 0 : f.i32(times(block[last] as I32Like, columns));
      const right = whole ? n : f.i32(least(f.i32(plus(left, columns)), n));
      const line = (): void => {
        positions.enter(rowLevel);
        accumulator?.enterRow?.();
        emitter.hoist(rowLevel);
        if (!segments) {
          emitter.enter(3);
          body(left, right, whole ? n : gcd(columns, n));
          return;
        }
        f.set(start, asI32(left));
        f.while(
          () => i32.ltS(start, right),
          () => {
            const end = f.i32(right);
            for (const edge of [...edges].reverse()) {
              f.set(end, select(i32.and(i32.ltS(start, edge), i32.gtS(end, edge)), i32.const(edge), end));
            }
            emitter.enter(3);
            body(start, end, 1);
            f.set(start, end);
          },
        );
      };
      if (row < 0) line();
      else if (blocks[row] === shape[row]) {
        f.set(at[row] as Local<"i32">, asI32(block[row] as I32Like));
        line();
      } else {
        const top = f.i32(times(block[row] as I32Like, rows));
        const bottom = f.i32(least(f.i32(plus(top, rows)), shape[row] as number));
        f.loop(at[row] as Local<"i32">, top, bottom, 1, line);
      }
    };
  });
  return { name: options.name, units: sizeOf(blocks), cost: cost * sizeOf(shape) };
};

const least = (a: Local<"i32">, b: number): I32 => select(i32.ltS(a, b), a, i32.const(b));

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
