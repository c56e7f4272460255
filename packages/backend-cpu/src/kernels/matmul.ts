import type { MatmulKernel } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { addPhase, unravel } from "./loops.ts";
import { addBlock, panelVectors, quad } from "./matmulBlock.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { addPack } from "./matmulPack.ts";
import { matmulPlan } from "./matmulPlan.ts";
import { batchSize, matmulProblem, type Operand } from "./matmulProblem.ts";
import { compileThin, isThin } from "./matmulThin.ts";
import { Area, ceilTo, distance, inTurn, least, Places, ravel } from "./matmulUnits.ts";

/** Nanoseconds of a multiply-add, of packing an element, and of storing a result. */
const multiplyCost = { float32: 0.05, float64: 0.1, int32: 0.06 } as const;
const packCost = 0.3;
const storeCost = 0.5;
/** Elements that a unit of packing copies. */
const packUnit = 1 << 14;

/**
 * Matrix products by outer products of register tiles over packed panels (Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008). A unit calculates a block of the result over all of k and then runs the epilogue on it while it is in cache.
 */
export const compileMatmul = (kernel: MatmulKernel, options: CompileOptions): CompiledKernel => {
  const problem = matmulProblem(kernel);
  if (isThin(problem)) return compileThin(kernel, problem, options);
  const { batch, m, n, k, left, right, epilogue } = problem;
  const plan = matmulPlan(problem, options.relaxed);
  const { element, depth } = plan;
  const { bytes, lanes } = element;
  const module = new ModuleBuilder(options);
  const batches = batchSize(problem);
  if (batches * m * n === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };

  const width = panelVectors * lanes;
  const blocks = Math.ceil(k / depth);
  const quads = Math.ceil(m / quad);
  const panels = Math.ceil(n / width);
  const quadBytes = depth * quad * bytes;
  const panelBytes = depth * panelVectors * 16;
  const restColumns = n % width;
  const restVectors = Math.ceil(restColumns / lanes);
  const rowBlocks = Math.ceil(m / plan.rows);
  const columnBlocks = Math.ceil(n / plan.columns);

  const scratch = new Area();
  const own = new Area();
  const copies: Copy[] = [];
  const home = (operand: Operand): number | undefined => {
    if (operand.copyOf === undefined) return undefined;
    const size = operand.copyOf.shape.reduce((product, length) => product * length, 1);
    const offset = scratch.take(size * bytes);
    copies.push({ input: operand.input, view: operand.copyOf, offset });
    return offset;
  };
  const homes = { left: home(left), right: home(right) };
  const same = (operand: Operand): boolean => operand.batch.every((stride) => stride === 0);
  const sides = {
    left: {
      operand: left,
      home: homes.left,
      source: plan.left,
      panels: quads,
      panelBytes: quadBytes,
      width: quad,
      batches: same(left) ? 1 : batches,
      pack: {
        width: quad,
        across: left.outer * bytes,
        along: left.inner * bytes,
        panelBytes: quadBytes,
        rest: m % quad,
        restVectors: quad / lanes,
      },
    },
    right: {
      operand: right,
      home: homes.right,
      source: plan.right,
      panels,
      panelBytes,
      width,
      batches: same(right) ? 1 : batches,
      pack: {
        width,
        across: right.outer * bytes,
        along: right.inner * bytes,
        panelBytes,
        rest: restColumns,
        restVectors,
      },
    },
  };
  type Side = (typeof sides)["left"];
  const scratchOf = (args: I): I32 => new Places(args, kernel).scratch(0);
  /** Address of the operand's element (0, 0) at a position of the batch. */
  const base = (args: I, { operand, home: copy }: Side, at: readonly I32Like[]): I32Like =>
    plus(
      new Places(args, kernel).input(operand.input, copy, operand.offset * bytes),
      times(distance(at, operand.batch), bytes),
    );

  const phases: Phase[] = [...addCopies(module, options, kernel, element, copies)];

  // Panels that all units share.
  const shared = [sides.left, sides.right].filter(({ source }) => source === "shared");
  const sharedOffset = new Map(
    shared.map((side) => [side, scratch.take(side.batches * blocks * side.panels * side.panelBytes)]),
  );
  const packers = new Map(
    [sides.left, sides.right]
      .filter(({ source }) => source !== "direct")
      .map((side) => [side, addPack(module, element, side.pack)]),
  );
  const ownOffset = new Map(
    [sides.left, sides.right]
      .filter(({ source }) => source === "unit")
      .map((side) => {
        const most = side === sides.left ? Math.ceil(plan.rows / quad) : Math.ceil(plan.columns / width);
        return [side, own.take(most * side.panelBytes)];
      }),
  );
  /** Address of the packed panels of one block of k. */
  const panelsAt = (args: I, side: Side, at: I32Like, block: I32Like, panel: I32Like): I32Like => {
    const index = plus(times(plus(times(side.batches === 1 ? 0 : at, blocks), block), side.panels), panel);
    return plus(scratchOf(args), plus(times(index, side.panelBytes), sharedOffset.get(side) as number));
  };
  if (shared.length > 0) {
    const shapes = shared.map((side) => {
      const group = Math.max(1, Math.floor(packUnit / (depth * side.width)));
      return { side, group, groups: Math.ceil(side.panels / group) };
    });
    const units = shapes.map(({ side, groups }) => side.batches * blocks * groups);
    addPhase(
      module,
      "pack",
      (f, args) => (unit) =>
        inTurn(f, unit, units, (i, rest) => {
          const { side, group, groups } = shapes[i] as (typeof shapes)[number];
          const shape = side.batches === 1 ? batch.map(() => 1) : batch;
          const position = unravel(f, rest, [...shape, blocks, groups]);
          const at = position.slice(0, -2);
          const [block, part] = position.slice(-2) as [I32Like, I32Like];
          const k0 = f.i32(times(block, depth));
          const first = f.i32(times(part, group));
          const last = f.i32(i32.add(first, group));
          const whole = side.pack.rest > 0 ? side.panels - 1 : side.panels;
          f.call(
            packers.get(side) as FunctionBuilder,
            asI32(
              plus(base(args, side, at), plus(times(k0, side.pack.along), times(first, side.width * side.pack.across))),
            ),
            asI32(panelsAt(args, side, ravel(at, shape), block, first)),
            i32.sub(least(f, last, whole), first),
            i32.gtS(last, whole),
            least(f, i32.sub(i32.const(k), k0), depth),
          );
        }),
    );
    const elements = shared.reduce((sum, side) => sum + side.batches * k * (side === sides.left ? m : n), 0);
    phases.push({ name: "pack", units: units.reduce((sum, count) => sum + count, 0), cost: packCost * elements });
  }

  // The sums of a block lie in the thread's memory, or, where k is split, in scratch memory until all parts are there.
  const split = plan.splits > 1;
  const tileColumns = Math.min(plan.columns, ceilTo(n, lanes));
  const cRow = ceilTo(split ? n : tileColumns, lanes) * bytes + (split ? 0 : 64);
  const partBytes = batches * m * cRow;
  const sumsOffset = split ? scratch.take(plan.splits * partBytes) : own.take(plan.rows * cRow);
  const direct = plan.left === "direct";
  const block = addBlock(module, element, {
    aRow: direct ? left.outer * bytes : bytes,
    aStep: direct ? bytes : quad * bytes,
    aQuad: direct ? quad * left.outer * bytes : quadBytes,
    bPanel: panelBytes,
    cRow,
    restVectors,
    wholeQuads: m % quad === 0,
  });
  const finish = addEpilogue(
    module,
    options,
    epilogue,
    { element, rowBytes: cRow, parts: plan.splits, partBytes },
    split || columnBlocks === 1 ? { all: n } : { multiple: restColumns === 0 ? width : 1 },
  );
  addPhase(module, "multiply", (f, args, mine) => (unit) => {
    const position = unravel(f, unit, [...batch, plan.splits, rowBlocks, columnBlocks]);
    const at = position.slice(0, batch.length);
    const [part, rowBlock, columnBlock] = position.slice(batch.length) as [I32Like, I32Like, I32Like];
    const flat = ravel(at, batch);
    const row = f.i32(times(rowBlock, plan.rows));
    const column = f.i32(times(columnBlock, plan.columns));
    const rowEnd = least(f, i32.add(row, plan.rows), m);
    const columnEnd = least(f, i32.add(column, plan.columns), n);
    const rows = f.i32(i32.sub(rowEnd, row));
    const firstPanel = f.i32(times(columnBlock, plan.columns / width));
    const wholePanels = f.i32(i32.divU(i32.sub(columnEnd, column), width));
    const hasRest = restColumns === 0 ? 0 : f.i32(i32.gtS(i32.remU(i32.sub(columnEnd, column), width), 0));
    const sums = f.i32(
      split
        ? plus(
            plus(scratchOf(args), sumsOffset),
            plus(times(part, partBytes), plus(times(plus(times(flat, m), row), cRow), times(column, bytes))),
          )
        : plus(mine, sumsOffset),
    );
    if (k === 0) f.fillBytes(sums, 0, i32.mul(rows, cRow));
    const start = f.i32(times(part, plan.splitDepth));
    const end = least(f, i32.add(start, plan.splitDepth), k);
    const leftAt = f.i32(plus(base(args, sides.left, at), times(row, left.outer * bytes)));
    const rightAt = f.i32(plus(base(args, sides.right, at), times(column, right.outer * bytes)));
    const k0 = f.local("i32");
    f.loop(k0, start, end, depth, () => {
      const steps = least(f, i32.sub(end, k0), depth);
      const panelsOf = (side: Side, address: I, panel: I32Like, count: I32Like, rest: I32Like): I32 => {
        const here = plus(address, times(k0, side.pack.along));
        if (side.source === "direct") return asI32(here);
        if (side.source === "shared") return asI32(panelsAt(args, side, flat, i32.divU(k0, depth), panel));
        const target = f.i32(plus(mine, ownOffset.get(side) as number));
        f.call(packers.get(side) as FunctionBuilder, asI32(here), target, asI32(count), asI32(rest), steps);
        return target;
      };
      const b = f.i32(panelsOf(sides.right, rightAt, firstPanel, wholePanels, hasRest));
      const a = f.i32(panelsOf(sides.left, leftAt, i32.shrU(row, 2), i32.shrU(rows, 2), i32.and(rows, quad - 1)));
      f.call(block, a, b, sums, rows, wholePanels, asI32(hasRest), steps, i32.gtS(k0, start));
    });
    if (!split) finish(f, args, sums, { from: row, to: rowEnd }, { from: column, to: columnEnd }, at);
  });
  phases.push({
    name: "multiply",
    units: batches * plan.splits * rowBlocks * columnBlocks,
    cost: batches * m * n * (k * multiplyCost[element.type] + storeCost),
  });
  if (split) {
    const rows = Math.max(1, Math.min(m, Math.ceil(packUnit / n)));
    const groups = Math.ceil(m / rows);
    addPhase(module, "sum", (f, args) => (unit) => {
      const position = unravel(f, unit, [...batch, groups]);
      const at = position.slice(0, -1);
      const row = f.i32(times(position[batch.length] as I32Like, rows));
      const rowEnd = least(f, i32.add(row, rows), m);
      const sums = plus(plus(scratchOf(args), sumsOffset), times(plus(times(ravel(at, batch), m), row), cRow));
      finish(f, args, asI32(sums), { from: row, to: rowEnd }, { from: 0, to: n }, at);
    });
    phases.push({ name: "sum", units: batches * groups, cost: batches * m * n * plan.splits * storeCost });
  }
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

type I = Local<"i32">;
