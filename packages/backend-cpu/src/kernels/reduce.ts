import { type ExpressionNode, type NodeId, sizeOf } from "@gradloom/backend";
import { type CompiledKernel, type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import type { Count } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { elementCost } from "./cost.ts";
import { type Fold, foldOf } from "./folds.ts";
import { addPhase, unravel } from "./loops.ts";
import { ReduceNest } from "./reduceNest.ts";
import { type Pass, planReduce, type ReducePlan, type Reducing } from "./reducePlan.ts";

/** Work of a unit in nanoseconds. */
const unitCost = 20000;
/** Fewer rows than this are cut into pieces for several threads. */
const fewRows = 64;
/** Most scratch memory for the sums of pieces. */
const mostScratch = 2 ** 26;
/** Expressions that take longer (nanoseconds for an element) hide the latency of their sums without unrolling. */
const cheapElement = 0.8;

/** The kept positions in groups that are run together: `width` neighbours across, or one row. */
interface Groups {
  readonly shape: readonly number[];
  readonly width: number;
  readonly perUnit: number;
}

const groupsOf = ({ kernel, leading, across, lanes }: ReducePlan, copies: number, cost: number): Groups => {
  const kept = kernel.shape.slice(0, leading);
  const width = across ? lanes * copies : 1;
  const shape = across ? [...kept.slice(0, -1), Math.ceil((kept[leading - 1] as number) / width)] : kept;
  return { shape, width, perUnit: Math.max(1, Math.floor(unitCost / Math.max(1, cost * width))) };
};

const foldsOf = ({ kernel }: ReducePlan, pass: Pass): { readonly id: NodeId; readonly fold: Fold }[] =>
  pass.reductions.map(({ id, node }) => ({
    id,
    fold: foldOf(node.reduction, (kernel.nodes[node.args[0]] as ExpressionNode).type),
  }));

const slotCount = (plan: ReducePlan, pass: Pass): number =>
  foldsOf(plan, pass).reduce((sum, { fold }) => sum + fold.slots.length, 0);

/** How many vectors the body does at once: as many as keep accumulators in registers, while the body is short. */
const copiesOf = (plan: ReducePlan, cost: number): number => {
  const { across, kernel, leading, lanes, inner } = plan;
  const slots = Math.max(1, ...plan.passes.map((pass) => slotCount(plan, pass)));
  const most = cost > cheapElement || plan.passes.some(({ saved }) => saved.length > 0) ? 1 : Math.floor(8 / slots);
  const there = Math.ceil((across ? (kernel.shape[leading - 1] as number) : inner) / lanes);
  return Math.max(1, Math.min(4, most, there));
};

/** Runs `body` for each group of a range with the lanes that each of its vectors has. */
const eachGroup = (
  nest: ReduceNest,
  { shape, width }: Groups,
  [from, to]: readonly [I32Like, Local<"i32"> | number],
  body: (group: Local<"i32">, counts: readonly Count[]) => void,
): void => {
  const { f, plan } = nest;
  const { across, leading, lanes } = plan;
  const group = f.local("i32");
  f.loop(group, from, to, 1, () => {
    const positions = unravel(f, group, shape);
    positions.forEach((position, d) => {
      const last = across && d === leading - 1;
      f.set(nest.at[d] as Local<"i32">, asI32(last ? times(position, width) : position));
    });
    nest.enterKept();
    if (!across) return body(group, ["all"]);
    const n = plan.kernel.shape[leading - 1] as number;
    const all: Count[] = Array.from({ length: width / lanes }, () => "all");
    const rest: Count[] = Array.from({ length: Math.ceil((n % width) / lanes) }, (_, k) =>
      (n % width) - k * lanes >= lanes ? "all" : (n % width) - k * lanes,
    );
    if (n < width) body(group, rest);
    else if (n % width === 0) body(group, all);
    else {
      const start = nest.at[leading - 1] as Local<"i32">;
      f.if(
        i32.leS(start, n - width),
        () => body(group, all),
        () => body(group, rest),
      );
    }
  });
};

const rangeOf = (f: FunctionBuilder, unit: I32Like, step: number, size: number): [I32Like, Local<"i32"> | number] => {
  if (step >= size) return [0, size];
  const from = f.i32(times(unit, step));
  const to = f.i32(plus(from, step));
  if (size % step !== 0) f.set(to, select(i32.ltS(to, size), to, i32.const(size)));
  return [from, to];
};

/**
 * Reduce and row kernels. A unit is a range of kept positions; for each, passes over the reduced ones leave results of reductions
 * that later passes and outputs use. Where there are few or long rows, a reduce kernel first sums pieces of them, then the pieces.
 */
export const compileReduce = (given: Reducing, options: CompileOptions): CompiledKernel => {
  const plan = planReduce(given);
  const { kernel, across, passes, pieces } = plan;
  const module = new ModuleBuilder(options);
  const cost = elementCost(kernel.nodes, [...kernel.inputs, ...kernel.outputs]);
  const copies = copiesOf(plan, cost);
  const groups = groupsOf(plan, copies, cost * plan.outer * plan.inner);
  const count = sizeOf(groups.shape);
  const pieceCount = pieces.outerCount * pieces.innerCount;
  const vectors = across ? sizeOf(groups.shape) * copies : count;
  const slots = passes[0] === undefined ? 0 : slotCount(plan, passes[0]);
  const scratchBytes = 16 * pieceCount * vectors * slots;
  const split =
    kernel.kind === "reduce" && pieceCount > 1 && (across || count < fewRows) && scratchBytes <= mostScratch;
  const total = cost * sizeOf(kernel.shape);
  if (count === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  let savedBytes = 0;
  const addNest = (
    name: string,
    vectorsAtOnce: number,
    unit: (nest: ReduceNest, unit: Local<"i32">, scratch: I32) => void,
  ) =>
    addPhase(module, name, (f, args, own) => {
      const s = new Scope(module, f, plan.lanes, options.relaxed);
      const nest = new ReduceNest(s, plan, vectorsAtOnce, args, own);
      savedBytes = Math.max(savedBytes, nest.savedBytes);
      const scratch = f.i32(i32.load(args, scratchSlot(given.inputs.length + given.outputs.length)));
      return (index) => unit(nest, index, scratch);
    });
  if (!split) {
    addNest("reduce", copies, (nest, unit) => {
      eachGroup(nest, groups, rangeOf(nest.f, unit, groups.perUnit, count), (_, counts) => {
        passes.forEach((pass, p) => {
          nest.runPass(pass, p, counts);
        });
        nest.storeKept(counts);
      });
    });
    const phases: Phase[] = [{ name: "reduce", units: Math.ceil(count / groups.perUnit), cost: total }];
    return { code: module.toBytes(), phases, scratchBytes: 0, threadBytes: savedBytes };
  }
  const [pass] = passes as readonly [Pass];
  const perUnit = Math.min(count, groups.perUnit * pieceCount);
  const blocks = Math.ceil(count / perUnit);
  addNest("sumPieces", copies, (nest, unit, scratch) => {
    const { f } = nest;
    const [piece, block] = unravel(f, unit, [pieceCount, blocks]) as [I32Like, I32Like];
    const index = f.i32(piece);
    const span = nest.piece(index);
    eachGroup(nest, groups, rangeOf(f, block, perUnit, count), (group, counts) => {
      const running = nest.accumulate(pass, 0, counts, span);
      const vector = plus(times(index, vectors), times(group, across ? copies : 1));
      const address = f.i32(plus(scratch, times(vector, 16 * slots)));
      counts.forEach((_, copy) => {
        const all = running.flatMap((one) => one.copies[copy] as readonly Local<"v128">[]);
        all.forEach((slot, k) => {
          f.store(address, slot, 16 * (copy * slots + k));
        });
      });
    });
  });
  const single = groupsOf(plan, 1, cost * pieceCount);
  const singles = sizeOf(single.shape);
  addNest("sumRows", 1, (nest, unit, scratch) => {
    const { f, s } = nest;
    eachGroup(nest, single, rangeOf(f, unit, single.perUnit, singles), (group, counts) => {
      const all = foldsOf(plan, pass).map(({ id, fold }) => ({
        id,
        fold,
        total: fold.identity().map((v) => s.variable(v)),
      }));
      const lane = across ? lanePosition(f, group, single, groups, copies) : group;
      const address = f.i32(plus(scratch, times(lane, 16 * slots)));
      const piece = f.local("i32");
      f.loop(piece, 0, pieceCount, 1, () => {
        let slot = 0;
        for (const { fold, total } of all) {
          fold.merge(
            s,
            total,
            total.map(() => s.keep(v128.load(address, 16 * slot++))),
          );
        }
        f.increment(address, 16 * slots * vectors);
      });
      for (const { id, fold, total } of all) nest.results.set(id, [nest.finish(fold, total)]);
      nest.storeKept(counts);
    });
  });
  const phases: Phase[] = [
    { name: "sumPieces", units: pieceCount * blocks, cost: total },
    { name: "sumRows", units: Math.ceil(singles / single.perUnit), cost: (4 * pieceCount + 20) * singles },
  ];
  return { code: module.toBytes(), phases, scratchBytes };
};

/** The vector of `groups` that a group of single vectors is: lines of the last dimension may end in the middle of a group. */
const lanePosition = (
  f: FunctionBuilder,
  group: Local<"i32">,
  single: Groups,
  groups: Groups,
  copies: number,
): Local<"i32"> => {
  const perLine = single.shape[single.shape.length - 1] as number;
  const padded = (groups.shape[groups.shape.length - 1] as number) * copies;
  if (perLine === padded) return group;
  const line = f.i32(i32.divU(group, perLine));
  return f.i32(i32.add(group, i32.mul(line, padded - perLine)));
};
