import type { ExpressionNode, KernelOutput, NodeId } from "@gradloom/backend";
import type { Count } from "../scalar/memory.ts";
import type { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32, select } from "../wasm/numeric.ts";
import { i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { iota, plus, times } from "./arithmetic.ts";
import { ExpressionEmitter } from "./expression.ts";
import { type Fold, foldLanes, foldOf } from "./folds.ts";
import { unravel, vectorLoop } from "./loops.ts";
import { Positions } from "./positions.ts";
import type { Pass, ReducePlan } from "./reducePlan.ts";
import { storeOutputs } from "./store.ts";

/** A reduction while it runs: accumulators for each copy of the body. */
export interface Running {
  readonly id: NodeId;
  readonly arg: NodeId;
  readonly fold: Fold;
  readonly copies: readonly (readonly Local<"v128">[])[];
}

/** The part of the reduced dimensions that a loop walks. */
export interface Span {
  readonly outer: readonly [I32Like, Local<"i32"> | number];
  readonly inner: readonly [I32Like, Local<"i32"> | number];
}

/** Writes the loops of one function of a reduce or row kernel. */
export class ReduceNest {
  readonly s: Scope;
  readonly f: FunctionBuilder;
  readonly plan: ReducePlan;
  /** Vectors side by side in the body: of kept positions when lanes lie across, else of reduced ones. */
  readonly copies: number;
  readonly at: readonly Local<"i32">[];
  readonly positions: Positions;
  /** Results of reductions, for each copy when lanes lie across. */
  readonly results = new Map<NodeId, V128[]>();
  private readonly own: Local<"i32">;
  /** Number of reduced positions, and bytes of a saved value, before the current line of the last reduced dimension. */
  private readonly order: Local<"i32">;
  private readonly savedLine: Local<"i32">;
  private readonly emitters: readonly (readonly ExpressionEmitter[])[];
  private readonly epilogues: readonly ExpressionEmitter[];
  private readonly saved: readonly NodeId[];
  private copy = 0;

  constructor(s: Scope, plan: ReducePlan, copies: number, args: Local<"i32">, own: Local<"i32">) {
    const { kernel, leading, across } = plan;
    const rank = kernel.shape.length;
    this.s = s;
    this.f = s.f;
    this.plan = plan;
    this.copies = copies;
    this.own = own;
    this.at = kernel.shape.map(() => s.f.local("i32"));
    this.order = s.f.local("i32");
    this.savedLine = s.f.local("i32");
    const level = (d: number): number => (d < leading - 1 ? 1 : d < leading ? 2 : d < rank - 1 ? 3 : 4);
    this.positions = new Positions(
      s,
      kernel,
      {
        dimensions: this.at.map((local, d) => ({ level: level(d), at: () => local })),
        vector: across ? leading - 1 : rank - 1,
      },
      args,
      {
        reduction: {
          level: 2,
          value: (id) => (this.results.get(id) as V128[])[across ? this.copy : 0] as V128,
        },
      },
    );
    this.positions.enter(0);
    this.saved = plan.passes.flatMap((pass) => pass.saved);
    const emitter = (roots: readonly NodeId[], known: readonly NodeId[]): ExpressionEmitter[] =>
      Array.from({ length: across ? copies : 1 }, (_, copy) => {
        this.copy = copy;
        const loads = new Map(
          known.map((id) => [id, () => v128.load(this.savedAddress(), this.savedOffset(id))] as const),
        );
        const made = new ExpressionEmitter(s, kernel.nodes, this.positions, roots, loads);
        made.hoist(0);
        return made;
      });
    this.emitters = plan.passes.map((pass, p) =>
      emitter(
        rootsOf(plan, pass),
        plan.passes.slice(0, p).flatMap((earlier) => earlier.saved),
      ),
    );
    this.epilogues = emitter(
      plan.keptOutputs.map((i) => (kernel.outputs[i] as KernelOutput).node),
      [],
    );
  }

  /** Bytes per thread for values kept along a row. */
  get savedBytes(): number {
    return this.saved.length * this.savedStride;
  }

  /** Moves to a kept position; across, to the first of `copies` vectors. */
  enterKept(): void {
    this.positions.enter(1);
    this.positions.enter(2);
  }

  /** Runs a pass over a span for `counts.length` vectors of kept positions and leaves its sums in accumulators. */
  accumulate(pass: Pass, p: number, counts: readonly Count[], span: Span): Running[] {
    const { s, f, plan } = this;
    const { kernel, leading, across } = plan;
    const rank = kernel.shape.length;
    const emitters = this.emitters[p] as readonly ExpressionEmitter[];
    const running = pass.reductions.map(({ id, node }): Running => {
      const fold = foldOf(node.reduction, (kernel.nodes[node.args[0]] as ExpressionNode).type);
      const slots = () => fold.identity().map((start) => s.variable(start));
      return {
        id,
        arg: node.args[0],
        fold,
        copies: Array.from({ length: across ? counts.length : this.copies }, slots),
      };
    });
    this.forCopies(across ? counts.length : 1, emitters, (emitter) => {
      emitter.hoist(1);
      emitter.hoist(2);
    });
    const inner = this.at[rank - 1] as Local<"i32">;
    const body = (emitter: ExpressionEmitter, copy: number, count: Count, ahead: number): void => {
      this.positions.count = count;
      this.positions.ahead = ahead;
      this.copy = copy;
      if (!across) emitter.hoist(4);
      for (const { arg, fold, copies } of running) {
        const position = (): V128 => {
          const first = i32x4.splat(asI32(plus(plus(this.order, inner), across ? 0 : ahead)));
          return across ? first : i32x4.add(first, iota(1));
        };
        fold.add(s, copies[copy] as Local<"v128">[], emitter.value(arg), position, across ? undefined : maskOf(count));
      }
      for (const id of pass.saved) f.store(this.savedAddress(), emitter.value(id), this.savedOffset(id));
      storeOutputs(s, kernel, this.positions, (id) => emitter.value(id), pass.stores);
    };
    const line = (): void => {
      this.positions.enter(3);
      this.forCopies(across ? counts.length : 1, emitters, (emitter) => emitter.hoist(3));
      const [from, to] = span.inner;
      if (across) {
        f.loop(inner, from, to, 1, () => {
          this.positions.enter(4);
          this.forCopies(counts.length, emitters, (emitter, copy) => {
            emitter.hoist(4);
            body(emitter, copy, counts[copy] as Count, copy * s.lanes);
          });
        });
        return;
      }
      const multiple = this.plan.pieces.innerCount === 1 ? plan.inner : 1;
      vectorLoop(s, inner, { from, to, multiple }, this.copies, (count, ahead) => {
        body(emitters[0] as ExpressionEmitter, ahead / s.lanes, count, ahead);
      });
    };
    const outerShape = kernel.shape.slice(leading, -1);
    if (plan.outer === 1) {
      for (const local of this.at.slice(leading, -1)) f.set(local, i32.const(0));
      f.set(this.order, i32.const(0));
      f.set(this.savedLine, i32.const(0));
      line();
    } else {
      const index = f.local("i32");
      const [from, to] = span.outer;
      f.loop(index, from, to, 1, () => {
        unravel(f, index, outerShape).forEach((position, d) => {
          f.set(this.at[leading + d] as Local<"i32">, asI32(position));
        });
        f.set(this.order, asI32(times(index, plan.inner)));
        if (this.saved.length > 0) f.set(this.savedLine, asI32(times(index, this.savedStride / plan.outer)));
        line();
      });
    }
    if (!across) {
      for (const { fold, copies } of running) {
        for (let distance = 1; distance < copies.length; distance *= 2) {
          for (let k = 0; k + distance < copies.length; k += 2 * distance) {
            fold.merge(s, copies[k] as Local<"v128">[], copies[k + distance] as Local<"v128">[]);
          }
        }
      }
    }
    return running;
  }

  /** Runs a pass over all pieces, so that the reductions' results are known. */
  runPass(pass: Pass, p: number, counts: readonly Count[]): void {
    const { s, f, plan } = this;
    const { pieces } = plan;
    const count = pieces.outerCount * pieces.innerCount;
    let running: readonly Running[];
    if (count <= 1) running = this.accumulate(pass, p, counts, this.whole());
    else {
      const totals = pass.reductions.map(({ id, node }): Running => {
        const fold = foldOf(node.reduction, (plan.kernel.nodes[node.args[0]] as ExpressionNode).type);
        const slots = () => fold.identity().map((start) => s.variable(start));
        return { id, arg: node.args[0], fold, copies: Array.from({ length: plan.across ? counts.length : 1 }, slots) };
      });
      const piece = f.local("i32");
      f.loop(piece, 0, count, 1, () => {
        const sums = this.accumulate(pass, p, counts, this.piece(piece));
        totals.forEach(({ fold, copies }, k) => {
          copies.forEach((slots, copy) => {
            fold.merge(s, slots, (sums[k] as Running).copies[copy] as Local<"v128">[]);
          });
        });
      });
      running = totals;
    }
    for (const { id, fold, copies } of running) {
      const own = plan.across ? copies : copies.slice(0, 1);
      this.results.set(
        id,
        own.map((slots) => this.finish(fold, slots)),
      );
    }
  }

  /** The result of slots that hold the sums of all pieces. */
  finish(fold: Fold, slots: readonly Local<"v128">[]): V128 {
    if (!this.plan.across) foldLanes(this.s, fold, slots);
    return this.s.keep(fold.result(slots));
  }

  /** Stores the outputs that have one value per kept position. */
  storeKept(counts: readonly Count[]): void {
    const { s, plan } = this;
    this.forCopies(plan.across ? counts.length : 1, this.epilogues, (emitter, copy) => {
      this.positions.count = plan.across ? (counts[copy] as Count) : "all";
      this.positions.ahead = plan.across ? copy * s.lanes : 0;
      emitter.hoist(1);
      emitter.hoist(2);
      storeOutputs(s, plan.kernel, this.positions, (id) => emitter.value(id), plan.keptOutputs);
    });
  }

  /** All of the reduced dimensions. */
  whole(): Span {
    return { outer: [0, this.plan.outer], inner: [0, this.plan.inner] };
  }

  /** The reduced positions of a piece. */
  piece(index: Local<"i32">): Span {
    const { f, plan } = this;
    const { pieces } = plan;
    const [outer, inner] = unravel(f, index, [pieces.outerCount, pieces.innerCount]) as [I32Like, I32Like];
    const range = (piece: I32Like, count: number, step: number, size: number): Span["inner"] => {
      if (count === 1) return [0, size];
      const from = f.i32(times(piece, step));
      const to = f.i32(plus(from, step));
      if (size % step !== 0) f.set(to, select(i32.ltS(to, size), to, i32.const(size)));
      return [from, to];
    };
    return {
      outer: range(outer, pieces.outerCount, pieces.outerStep, plan.outer),
      inner: range(inner, pieces.innerCount, pieces.innerStep, plan.inner),
    };
  }

  private forCopies(
    count: number,
    emitters: readonly ExpressionEmitter[],
    body: (emitter: ExpressionEmitter, copy: number) => void,
  ): void {
    for (let copy = 0; copy < count; copy++) {
      this.copy = copy;
      this.positions.ahead = this.plan.across ? copy * this.s.lanes : 0;
      body(emitters[copy] as ExpressionEmitter, copy);
    }
  }

  private get savedStride(): number {
    const { across, outer, inner, lanes } = this.plan;
    return 16 * outer * (across ? inner * this.copies : Math.ceil(inner / lanes));
  }

  private savedOffset(id: NodeId): number {
    return this.saved.indexOf(id) * this.savedStride + 16 * this.copy;
  }

  /** Where the first of the saved values of the current reduced position lies. */
  private savedAddress(): I32 {
    const { plan } = this;
    const inner = this.at[plan.kernel.shape.length - 1] as Local<"i32">;
    const step = plan.across ? 16 * this.copies : 16 / plan.lanes;
    return asI32(plus(plus(this.own, this.savedLine), times(inner, step)));
  }
}

const maskOf = (count: Count): V128 | undefined => {
  if (count === "all") return undefined;
  if (typeof count === "object") return i32x4.gtS(i32x4.splat(count), iota(1));
  return i32x4.const(...([0, 1, 2, 3].map((lane) => (lane < count ? -1 : 0)) as [number, number, number, number]));
};

const rootsOf = ({ kernel }: ReducePlan, pass: Pass): NodeId[] => [
  ...pass.reductions.map(({ node }) => node.args[0]),
  ...pass.saved,
  ...pass.stores.map((i) => (kernel.outputs[i] as KernelOutput).node),
];
