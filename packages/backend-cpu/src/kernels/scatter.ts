import {
  byteSize,
  type ComputeType,
  computeType,
  contiguousStrides,
  type DType,
  isMasked,
  type KernelInput,
  type ScatterKernel,
  sizeOf,
  type View,
} from "@gradloom/backend";
import { bufferSlot, type CompiledKernel, type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import { type Count, loadLanes, storeLanes } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import { type Binary, binaryTable } from "../scalar/table.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { i32x4 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { both, plus, times } from "./arithmetic.ts";
import { placeOf } from "./coordinates.ts";
import { addElementwise } from "./elementwise.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { Positions } from "./positions.ts";

/** Columns of a unit; fewer than these many column blocks are supplemented by ranges of target rows. */
const blockColumns = 64;
const wantedUnits = 8;
/** Fewer updates than this are not worth several threads that all look at every index. */
const fewUpdates = 4096;

/** float16 and bfloat16 are folded in float32 and rounded once; all else in the output itself. */
const foldsInScratch = ({ mode, outputs }: ScatterKernel): boolean => {
  const dtype = outputs[0]?.dtype;
  return (mode === "add" || mode === "mul") && (dtype === "float16" || dtype === "bfloat16");
};

const operations = { add: binaryTable.add, mul: binaryTable.mul, max: binaryTable.max, min: binaryTable.min };

const combine = (s: Scope, mode: ScatterKernel["mode"], type: ComputeType, old: () => V128, value: V128): V128 => {
  if (mode === "set") return value;
  const row: Readonly<Partial<Record<ComputeType, Binary>>> = operations[mode];
  return (row[type] as Binary)(s, old(), value);
};

/** One dimension of size 1 where there is none. */
const atLeast1 = (shape: readonly number[]): readonly number[] => (shape.length === 0 ? [1] : shape);
const widen = (view: View): View =>
  view.shape.length > 0 ? view : { shape: [1], strides: [0], offset: view.offset, valid: undefined };

/** The target dimension along which rows of updates go whole; -1 where every element has a place of its own. */
const rowsAlong = ({ updates, coordinates, inputs, shape }: ScatterKernel): number => {
  const last = updates.length - 1;
  let along = -1;
  for (const [d, coordinate] of coordinates.entries()) {
    if ("input" in coordinate) {
      const { view } = inputs[coordinate.input] as KernelInput;
      if (isMasked(view, last) || (view.shape[last] !== 1 && view.strides[last] !== 0)) return -1;
    } else if (coordinate.dim === last) {
      if (along >= 0 || (updates[last] as number) > (shape[d] as number)) return -1;
      along = d;
    }
  }
  return along;
};

/**
 * Scatter kernels: a copy of the initial values, then the updates in their order. Units own columns of the target, or ranges of its
 * rows, so that each element is folded by one thread alone.
 */
export const compileScatter = (kernel: ScatterKernel, options: CompileOptions): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const initial = kernel.inputs[0] as KernelInput;
  const output = kernel.outputs[0] as ScatterKernel["outputs"][number];
  const type = computeType(output.dtype);
  if (sizeOf(kernel.shape) === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const shape = atLeast1(kernel.shape);
  const updates = atLeast1(kernel.updates);
  const inScratch = foldsInScratch(kernel);
  const buffers = kernel.inputs.length + 1;
  const foldType: DType = inScratch ? "float32" : output.dtype;
  const strides = inScratch ? contiguousStrides(shape) : atLeast1(output.strides);
  const phases: Phase[] = [];

  const values = { dtype: initial.dtype, view: widen(initial.view) };
  const load = { nodes: [{ op: "load", type, input: 0 } as const], shape };
  if (output.over === undefined || inScratch) {
    const target = inScratch ? buffers : kernel.inputs.length;
    phases.push(
      addElementwise(
        module,
        { ...load, inputs: [values], outputs: [{ dtype: foldType, node: 0, strides: strides }] },
        { ...options, name: "copy", slots: [0, target] },
      ),
    );
  }
  const along = rowsAlong({ ...kernel, updates });
  const last = updates.length - 1;
  const n = updates[last] as number;
  const rowShape = along < 0 ? updates : updates.slice(0, -1);
  const rowCount = sizeOf(rowShape);
  const columns = along < 0 ? 1 : Math.min(n, blockColumns);
  const columnBlocks = along < 0 ? 1 : Math.ceil(n / blockColumns);
  const parts = rowCount * n < fewUpdates ? 1 : Math.max(1, Math.ceil(wantedUnits / columnBlocks));
  const bytes = byteSize(foldType);
  const foldView: View = { shape, strides: strides, offset: 0, valid: undefined };
  const rows = contiguousStrides(shape.map((size, d) => (d === along ? 1 : size)));
  const rowView: View = { shape, strides: rows, offset: 0, valid: undefined };
  if (sizeOf(updates) > 0) {
    addPhase(module, "fold", (f, args) => {
      const s = new Scope(module, f, type === "float64" ? 2 : 4, options.relaxed);
      const at: Local<"i32">[] = updates.map(() => f.local("i32"));
      const inner = along < 0 ? -1 : last;
      const inputs = kernel.inputs.map((input) => ({ dtype: input.dtype, view: widen(input.view) }));
      const indexInputs = kernel.coordinates.flatMap((coordinate) => ("input" in coordinate ? [coordinate.input] : []));
      const positions = new Positions(
        s,
        { inputs, outputs: [], nodes: [] },
        {
          dimensions: at.map((local, d) => ({ level: d === inner ? 2 : 1, at: () => local })),
          vector: inner,
        },
        args,
        { loads: new Set([1, ...indexInputs]) },
      );
      positions.enter(0);
      const base = f.i32(i32.load(args, inScratch ? scratchSlot(buffers) : bufferSlot(kernel.inputs.length)));
      const row = f.local("i32");
      const pointer = f.local("i32");
      return (unit) => {
        const [part, block] = unravel(f, unit, [parts, columnBlocks]) as [I32Like, I32Like];
        const left = columnBlocks === 1 ? 0 : f.i32(times(block, columns));
        const end = columnBlocks === 1 ? 0 : f.i32(plus(left, columns));
        const right = columnBlocks === 1 ? columns : f.i32(select(i32.ltS(end as I32, n), end as I32, i32.const(n)));
        const partIndex = f.i32(part);
        f.loop(row, 0, rowCount, 1, () => {
          unravel(f, row, rowShape).forEach((position, d) => {
            f.set(at[d] as Local<"i32">, asI32(position));
          });
          positions.enter(1);
          positions.count = 1;
          positions.ahead = 0;
          const found = new Map<number, Local<"i32">>();
          const finding = {
            position: (d: number): I32Like => at[d] as Local<"i32">,
            index: (input: number): I32 => {
              let known = found.get(input);
              if (known === undefined) {
                known = f.i32(i32x4.extractLane(positions.load(input), 0));
                found.set(input, known);
              }
              return known;
            },
          };
          const extent = (d: number): number => updates[d] as number;
          const place = placeOf(f, foldView, kernel.coordinates, extent, finding, along);
          f.set(pointer, asI32(plus(base, times(place.offset, bytes))));
          let mine = place.inRange;
          if (parts > 1) {
            const order = placeOf(f, rowView, kernel.coordinates, extent, finding, along).offset;
            mine = both(mine, i32.eq(partOf(order, parts, along), partIndex));
          }
          const apply = (count: Count, ahead: number): void => {
            positions.count = count;
            positions.ahead = ahead;
            const stride = along < 0 ? 0 : (foldView.strides[along] as number);
            const target = {
              address: (): I32 =>
                asI32(inner < 0 ? pointer : plus(pointer, times(at[inner] as I32Like, stride * bytes))),
              offset: ahead * stride * bytes,
              stride,
            };
            const value = s.keep(positions.load(1));
            const result = combine(s, kernel.mode, type, () => loadLanes(s, foldType, target, count), value);
            storeLanes(s, foldType, target, result, count);
          };
          const line = (): void => {
            if (inner < 0) {
              apply(1, 0);
              return;
            }
            vectorLoop(
              s,
              at[inner] as Local<"i32">,
              { from: left, to: right, multiple: n % columns === 0 ? columns : 1 },
              1,
              (count, ahead) => {
                apply(count, ahead);
              },
            );
          };
          if (mine === undefined) line();
          else f.if(mine, line);
        });
      };
    });
    phases.push({ name: "fold", units: parts * columnBlocks, cost: 2 * rowCount * (n + parts) });
  }
  if (inScratch) {
    const view: View = { shape, strides: contiguousStrides(shape), offset: 0, valid: undefined };
    phases.push(
      addElementwise(
        module,
        {
          ...load,
          inputs: [{ dtype: "float32", view }],
          outputs: [{ dtype: output.dtype, node: 0, strides: atLeast1(output.strides) }],
        },
        { ...options, name: "round", slots: [buffers, kernel.inputs.length] },
      ),
    );
  }
  return { code: module.toBytes(), phases, scratchBytes: inScratch ? 4 * sizeOf(shape) : 0 };
};

/** Which of `parts` owns a row or element of the target: neighbours go to different ones, so that all have work. */
const partOf = (order: I32Like, parts: number, along: number): I32 =>
  i32.remU(along < 0 ? i32.shrU(asI32(order), 4) : asI32(order), parts);
