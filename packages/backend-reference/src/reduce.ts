import type { ComputeType, NodeId, ReduceKernel, Reduction, RowKernel } from "@gradloom/backend";
import { highest, levelsOf, lowest, sizeOf } from "@gradloom/backend";
import { nodesBehind, storeOf } from "./map.ts";
import { blockSize } from "./positions.ts";
import { binaryFormula, wrap } from "./scalarOps.ts";
import { type Data, type Registers, type Step, stepOf } from "./steps.ts";

/** Folds `length` values per row of `values` into the rows' totals; the first value of each row stands at position `base`. */
interface Fold {
  begin(rows: number): void;
  add(values: Float64Array, rows: number, length: number, base: number): void;
  end(rows: number, to: Float64Array): void;
}

/** Totals are calculated as the type's binary operation; those of float32 are kept in float64 and rounded at the end. */
const total = (op: "add" | "mul" | "max" | "min" | "or" | "and", type: ComputeType, identity: number): Fold => {
  const totals = new Float64Array(blockSize);
  const f = binaryFormula(op, type);
  const step = type === "float32" ? f : (a: number, b: number) => wrap[type](f(a, b));
  return {
    begin: (rows) => void totals.fill(identity, 0, rows),
    add: (values, rows, length) => {
      for (let row = 0, i = 0; row < rows; row++) {
        let sum = totals[row] as number;
        for (const end = i + length; i < end; i++) sum = step(sum, values[i] as number);
        totals[row] = sum;
      }
    },
    end: (rows, to) => {
      for (let row = 0; row < rows; row++) to[row] = wrap[type](totals[row] as number);
    },
  };
};

/** A float sum that carries what rounding loses (Neumaier, 1974), so that it does not depend on the order by more than its last digit. */
const compensatedSum = (type: ComputeType): Fold => {
  const totals = new Float64Array(blockSize);
  const lost = new Float64Array(blockSize);
  return {
    begin: (rows) => {
      totals.fill(0, 0, rows);
      lost.fill(0, 0, rows);
    },
    add: (values, rows, length) => {
      for (let row = 0, i = 0; row < rows; row++) {
        let sum = totals[row] as number;
        let rest = lost[row] as number;
        for (const end = i + length; i < end; i++) {
          const x = values[i] as number;
          const next = sum + x;
          rest += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
          sum = next;
        }
        totals[row] = sum;
        lost[row] = rest;
      }
    },
    end: (rows, to) => {
      for (let row = 0; row < rows; row++) {
        const sum = totals[row] as number;
        to[row] = wrap[type](Number.isFinite(sum) ? sum + (lost[row] as number) : sum);
      }
    },
  };
};

/** The position of the first value that `beats` all others; NaN beats numbers. */
const extreme = (beats: (a: number, b: number) => boolean): Fold => {
  const best = new Float64Array(blockSize);
  const positions = new Float64Array(blockSize);
  return {
    begin: (rows) => void positions.fill(-1, 0, rows),
    add: (values, rows, length, base) => {
      for (let row = 0, i = 0; row < rows; row++) {
        for (let k = 0; k < length; k++, i++) {
          const x = values[i] as number;
          const y = best[row] as number;
          if ((positions[row] as number) < 0 || beats(x, y) || (Number.isNaN(x) && !Number.isNaN(y))) {
            best[row] = x;
            positions[row] = base + k;
          }
        }
      }
    },
    end: (rows, to) => {
      for (let row = 0; row < rows; row++) to[row] = Math.max(0, positions[row] as number);
    },
  };
};

const folds: Readonly<Record<Reduction, (type: ComputeType) => Fold>> = {
  sum: (type) => (type === "float32" || type === "float64" ? compensatedSum(type) : total("add", type, 0)),
  prod: (type) => total("mul", type, 1),
  max: (type) => total("max", type, lowest(type)),
  min: (type) => total("min", type, highest(type)),
  any: () => total("or", "bool", 0),
  all: () => total("and", "bool", 1),
  argmax: () => extreme((a, b) => a > b),
  argmin: () => extreme((a, b) => a < b),
};

interface Reducing {
  readonly fold: Fold;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** One walk over the reduced dimensions: what is calculated at each position, and what is folded or stored there. */
interface Pass {
  readonly before: readonly Step[];
  readonly inside: readonly Step[];
  /** Registers of kept-level nodes, and those that repeat them along their rows. */
  readonly spread: readonly (readonly [Float64Array, Float64Array])[];
  readonly reducing: readonly Reducing[];
  readonly stores: readonly Step[];
}

/** Reduce and row kernels: passes over groups of whole rows, or over pieces of one long row. */
export const compileReduce = (kernel: ReduceKernel | RowKernel, registers: Registers): ((data: Data) => void) => {
  const leading = kernel.shape.length - kernel.reduced;
  const { kept, depth } = levelsOf(kernel);
  const count = kernel.nodes.length;
  const register = (id: NodeId) => registers.get(id);
  const spreadRegister = (id: NodeId) => registers.get(kept[id] ? count + id : id);
  const step = (id: NodeId): Step => {
    const node = kernel.nodes[id] as Parameters<typeof stepOf>[1];
    const dimensions = kept[id] ? leading : kernel.shape.length;
    return stepOf(kernel, node, dimensions, kept[id] ? register : spreadRegister, register(id));
  };
  const isKeptOutput = (number: number) => kernel.outputs[number]?.strides.length === leading;
  const outputs = kernel.outputs.map((_, i) => i);
  const last = Math.max(0, ...depth);
  const passes: Pass[] = [];
  for (let d = 0; d <= last; d++) {
    const reductions = kernel.nodes.flatMap((node, id) =>
      node.op === "reduce" && depth[id] === d + 1 ? [{ node, id }] : [],
    );
    const full = d === last ? outputs.filter((i) => !isKeptOutput(i)) : [];
    const roots = [
      ...reductions.map(({ node }) => node.args[0]),
      ...full.map((i) => kernel.outputs[i]?.node as NodeId),
    ];
    const needed = nodesBehind(kernel, roots, (id) => kept[id] === true);
    passes.push({
      before: kernel.nodes.flatMap((node, id) =>
        kept[id] && depth[id] === d && node.op !== "reduce" ? [step(id)] : [],
      ),
      spread: needed.filter((id) => kept[id]).map((id) => [register(id), spreadRegister(id)] as const),
      inside: needed.filter((id) => !kept[id]).map(step),
      reducing: reductions.map(({ node, id }) => ({
        fold: folds[node.reduction](kernel.nodes[node.args[0]]?.type as ComputeType),
        from: spreadRegister(node.args[0]),
        to: register(id),
      })),
      stores: full.map((i) => storeOf(kernel, i, spreadRegister(kernel.outputs[i]?.node as NodeId))),
    });
  }
  const keptStores = outputs
    .filter(isKeptOutput)
    .map((i) => storeOf(kernel, i, register(kernel.outputs[i]?.node as NodeId)));
  const rows = sizeOf(kernel.shape.slice(0, leading));
  const length = sizeOf(kernel.shape.slice(leading));
  const group = length === 0 ? blockSize : Math.max(1, Math.floor(blockSize / length));

  const runPass = (pass: Pass, data: Data, row: number, many: number): void => {
    for (const before of pass.before) before(data, row, many);
    for (const { fold } of pass.reducing) fold.begin(many);
    const piece = Math.min(length, blockSize);
    if (pass.reducing.length + pass.stores.length > 0) {
      for (let base = 0; base < length; base += piece) {
        const here = Math.min(piece, length - base);
        const start = row * length + base;
        for (const [from, to] of pass.spread) {
          for (let r = 0; r < many; r++) to.fill(from[r] as number, r * here, (r + 1) * here);
        }
        for (const inside of pass.inside) inside(data, start, many * here);
        for (const { fold, from } of pass.reducing) fold.add(from, many, here, base);
        for (const store of pass.stores) store(data, start, many * here);
      }
    }
    for (const { fold, to } of pass.reducing) fold.end(many, to);
  };

  return (data) => {
    for (let row = 0; row < rows; row += group) {
      const many = Math.min(group, rows - row);
      for (const pass of passes) runPass(pass, data, row, many);
      for (const store of keptStores) store(data, row, many);
    }
  };
};
