import type { MatmulKernel } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { addPhase, unravel } from "./loops.ts";
import { type AxpyLayout, addAxpy } from "./matmulAxpy.ts";
import { addDot } from "./matmulDot.ts";
import { type Element, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { batchSize, type MatmulProblem } from "./matmulProblem.ts";
import { Area, ceilTo, distance, least, Places, ravel } from "./matmulUnits.ts";

/** More rows make good use of packed panels. */
const mostRows = 7;
/** Bytes of the right matrix that are worth a unit, columns that a unit should have at least, and units that are enough. */
const unitBytes = 1 << 17;
const leastColumns = 512;
const leastDepth = 128;
const mostUnits = 32;
/** Columns whose sums stay in the first-level cache, and steps of k that a dot product sums up in one go. */
const mostColumns = 1024;
const dotDepth = 2048;
const byteCost = 0.03;
const multiplyCost = 0.06;
const storeCost = 1;

/** Whether few rows meet a matrix that can be read in place. */
export const isThin = ({ m, left, right }: MatmulProblem): boolean => {
  if (m > mostRows || left.copyOf !== undefined || right.copyOf !== undefined) return false;
  if (left.outer < 0 || left.inner < 0 || right.outer < 0 || right.inner < 0) return false;
  return right.outer === 1 || (right.inner === 1 && left.inner === 1);
};

/** Distances in bytes. */
interface ThinLayout extends AxpyLayout {
  readonly bColumn: number;
}

/** Adds a function `(a, b, c, columns, k, accumulate)` that multiplies `m` rows with columns that lie along k, 4 by 4. */
const addDots = (module: ModuleBuilder, element: Element, m: number, layout: ThinLayout): FunctionBuilder => {
  const all = (columns: 1 | 4): ((f: FunctionBuilder, params: Five) => void) => {
    const pair = m > 1 ? addDot(module, element, { ...layout, rows: 2, columns }) : undefined;
    const single = m % 2 === 1 ? addDot(module, element, { ...layout, rows: 1, columns }) : undefined;
    return (f, [a, b, c, k, accumulate]) => {
      for (let row = 0; row < m; row += 2) {
        const callee = (row + 1 < m ? pair : single) as FunctionBuilder;
        f.call(callee, i32.add(a, row * layout.aRow), b, i32.add(c, row * layout.cRow), k, accumulate);
      }
    };
  };
  const four = all(4);
  const one = all(1);
  return module.add(undefined, Array<"i32">(6).fill("i32"), [], (f, ...params) => {
    const [a, b, c, columns, k, accumulate] = params as [I, I, I, I, I, I];
    const walk = (each: typeof four, size: number): void =>
      f.while(
        () => i32.geS(columns, size),
        () => {
          each(f, [a, b, c, k, accumulate]);
          f.increment(b, size * layout.bColumn);
          f.increment(c, size * element.bytes);
          f.increment(columns, -size);
        },
      );
    walk(four, 4);
    walk(one, 1);
  });
};

/** Products of a few rows with a matrix that is read once, in place: bound by memory, so nothing is packed. */
export const compileThin = (kernel: MatmulKernel, problem: MatmulProblem, options: CompileOptions): CompiledKernel => {
  const { batch, m, n, k, left, right, epilogue } = problem;
  const module = new ModuleBuilder(options);
  const batches = batchSize(problem);
  if (batches * m * n === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const element = elementOf(problem.type, options.relaxed);
  const { bytes, lanes } = element;
  const dots = right.inner === 1 && left.inner === 1 && (right.outer !== 1 || n < lanes);
  const group = dots ? 4 : 16;
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor((batches * k * n * bytes) / unitBytes)));
  const perBatch = Math.ceil(wanted / batches);
  const most = Math.min(mostColumns, Math.max(dots ? group : leastColumns, ceilTo(Math.ceil(n / perBatch), group)));
  const columns = Math.min(n, most);
  const columnBlocks = Math.ceil(n / columns);
  const splits = Math.max(1, Math.min(Math.ceil(perBatch / columnBlocks), Math.floor(k / leastDepth)));
  const splitDepth = Math.max(1, ceilTo(Math.ceil(k / splits), 4));
  const parts = Math.max(1, Math.ceil(k / splitDepth));

  const scratch = new Area();
  const own = new Area();
  // Dots write 4 elements from any column on, so a row ends with room for as many more.
  const cRow = ceilTo(parts > 1 ? n : columns, lanes) * bytes + 4 * bytes;
  const partBytes = batches * m * cRow;
  const sumsOffset = parts > 1 ? scratch.take(parts * partBytes) : own.take(m * cRow);
  const layout = {
    aRow: left.outer * bytes,
    aStep: left.inner * bytes,
    bColumn: right.outer * bytes,
    bStep: right.inner * bytes,
    cRow,
  };
  const multiply = dots ? addDots(module, element, m, layout) : addAxpy(module, element, m, layout);
  const finish = addEpilogue(
    module,
    options,
    epilogue,
    { element, rowBytes: cRow, parts, partBytes },
    parts > 1 || columnBlocks === 1 ? { all: n } : { multiple: n % group === 0 ? group : 1 },
  );
  addPhase(module, "multiply", (f, args, mine) => (unit) => {
    const places = new Places(args, kernel);
    const position = unravel(f, unit, [...batch, parts, columnBlocks]);
    const at = position.slice(0, batch.length);
    const [part, columnBlock] = position.slice(batch.length) as [I32Like, I32Like];
    const column = f.i32(times(columnBlock, columns));
    const columnEnd = least(f, i32.add(column, columns), n);
    const sums = f.i32(
      parts > 1
        ? plus(
            places.scratch(sumsOffset),
            plus(times(part, partBytes), plus(times(ravel(at, batch), m * cRow), times(column, bytes))),
          )
        : plus(mine, sumsOffset),
    );
    const base = ({ input, offset, batch: steps }: typeof left): I32Like =>
      plus(places.input(input, undefined, offset * bytes), times(distance(at, steps), bytes));
    const start = f.i32(times(part, splitDepth));
    const end = least(f, i32.add(start, splitDepth), k);
    const a = f.i32(plus(base(left), times(start, layout.aStep)));
    const b = f.i32(plus(plus(base(right), times(start, layout.bStep)), times(column, layout.bColumn)));
    const width = f.i32(i32.sub(columnEnd, column));
    if (!dots || k === 0) {
      const bytesWide = f.i32(i32.mul(i32.divU(i32.add(width, lanes - 1), lanes), 16));
      for (let row = 0; row < m; row++) f.fillBytes(i32.add(sums, row * cRow), 0, bytesWide);
    }
    if (!dots) {
      f.call(multiply, a, b, sums, width, i32.sub(end, start));
    } else {
      const k0 = f.local("i32");
      f.loop(k0, start, end, dotDepth, () => {
        f.call(multiply, a, b, sums, width, least(f, i32.sub(end, k0), dotDepth), i32.gtS(k0, start));
        f.increment(a, dotDepth * layout.aStep);
        f.increment(b, dotDepth * layout.bStep);
      });
    }
    if (parts === 1) finish(f, args, sums, { from: 0, to: m }, { from: column, to: columnEnd }, at);
  });
  const phases: Phase[] = [
    {
      name: "multiply",
      units: batches * parts * columnBlocks,
      cost: batches * n * (k * (bytes * byteCost + m * multiplyCost) + m * storeCost),
    },
  ];
  if (parts > 1) {
    addPhase(module, "sum", (f, args) => (unit) => {
      const at = unravel(f, unit, batch);
      const sums = f.i32(plus(new Places(args, kernel).scratch(sumsOffset), times(ravel(at, batch), m * cRow)));
      finish(f, args, asI32(sums), { from: 0, to: m }, { from: 0, to: n }, at);
    });
    phases.push({ name: "sum", units: batches, cost: batches * m * n * parts * storeCost });
  }
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

type I = Local<"i32">;
type Five = readonly [I, I, I, I, I];
