import { byteSize, type DType, type ExpressionNode, isMasked, type KernelInput, type NodeId } from "@gradloom/backend";
import { bufferSlot, scalarSlot } from "../compiled.ts";
import { type Count, loadLanes, loadScalar, storeLanes } from "../scalar/memory.ts";
import type { Scope } from "../scalar/scope.ts";
import { i32 } from "../wasm/numeric.ts";
import { i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { iota, laneMask, plus, splat, times, within } from "./arithmetic.ts";
import { type Leaf, type Leaves, viewLevel } from "./expression.ts";
import { type Dimension, rangeOf, Track, type Walk } from "./track.ts";

/** The buffers of a kernel; views of inputs that `nodes` load and strides of outputs are over the dimensions that are walked. */
interface Buffers {
  readonly nodes: readonly ExpressionNode[];
  readonly inputs: readonly KernelInput[];
  readonly outputs: readonly { readonly dtype: DType; readonly strides: readonly number[] }[];
}

/** The value that a leaf takes from its surroundings. */
export interface Provided {
  readonly level: number;
  readonly value: (id: NodeId) => V128;
}

interface Surrounding {
  readonly accumulator?: Provided | (() => Provided | undefined);
  readonly reduction?: Provided;
  /** Inputs that are loaded beside those that `load` nodes name. */
  readonly loads?: ReadonlySet<number>;
  /** Places in the block of arguments of inputs, then outputs, where they are not in order. */
  readonly slots?: readonly number[] | undefined;
  /** Buffers in the block of arguments, where they are not as many as inputs and outputs. */
  readonly buffers?: number | undefined;
}

const asFunction = (value: Surrounding["accumulator"]): (() => Provided | undefined) =>
  typeof value === "function" ? value : () => value;

const given = (value: Provided | undefined): Provided => {
  if (value === undefined) throw new Error("the kernel gives no such value");
  return value;
};

/**
 * Addresses, loads and stores of a kernel's buffers at the current position of the loops around it.
 *
 * @example
 * const positions = new Positions(s, kernel, { dimensions, vector }, args, { accumulator: { level: 2, value: () => tile } });
 * const emitter = new ExpressionEmitter(s, kernel.nodes, positions, kernel.outputs.map(({ node }) => node));
 * emitter.enter(0); // before the loops, then emitter.enter(1) inside the first loop, ...
 * positions.store(0, emitter.value(kernel.outputs[0].node)); // in the innermost loop
 */
export class Positions implements Leaves {
  /** How many lanes are there. */
  count: Count = "all";
  /** Elements along the vector's dimension by which the lanes are ahead of the position: in this differ unrolled copies of a body. */
  ahead = 0;
  /** What `accumulator` and `reduce` nodes stand for. */
  private readonly accumulator: () => Provided | undefined;
  private readonly reduction: () => Provided | undefined;

  private readonly s: Scope;
  private readonly buffers: Buffers;
  private readonly walk: Walk;
  private readonly args: Local<"i32">;
  private readonly levels: readonly number[];
  private readonly bound: number;
  private readonly inputs: readonly (Track | undefined)[];
  private readonly outputs: readonly Track[];

  constructor(s: Scope, buffers: Buffers, walk: Walk, args: Local<"i32">, provided: Surrounding = {}) {
    this.s = s;
    this.buffers = buffers;
    this.walk = walk;
    this.args = args;
    this.accumulator = asFunction(provided.accumulator);
    this.reduction = asFunction(provided.reduction);
    this.bound = provided.buffers ?? buffers.inputs.length + buffers.outputs.length;
    this.levels = walk.dimensions.map(({ level }) => level);
    const base = (index: number) => (): I32 => i32.load(args, bufferSlot(provided.slots?.[index] ?? index));
    const loaded = new Set(provided.loads);
    for (const node of buffers.nodes) if (node.op === "load") loaded.add(node.input);
    this.inputs = buffers.inputs.map(({ view, dtype }, i) =>
      loaded.has(i) ? new Track(view, byteSize(dtype), walk, base(i)) : undefined,
    );
    this.outputs = buffers.outputs.map(({ dtype, strides }, i) => {
      const view = { shape: strides.map(() => 2), strides, offset: 0, valid: undefined };
      return new Track(view, byteSize(dtype), walk, base(buffers.inputs.length + i));
    });
  }

  get innermost(): number {
    return Math.max(0, ...this.levels);
  }

  level(leaf: Leaf): number {
    switch (leaf.op) {
      case "scalar":
        return 0;
      case "load":
        return viewLevel((this.buffers.inputs[leaf.input] as KernelInput).view, this.levels);
      case "index":
        return viewLevel(leaf.view, this.levels);
      case "accumulator":
        return given(this.accumulator()).level;
      case "reduce":
        return given(this.reduction()).level;
    }
  }

  /** Moves all pointers to the current position of the loop at `level`. */
  enter(level: number): void {
    for (const track of this.inputs) track?.enter(this.s.f, level);
    for (const track of this.outputs) track.enter(this.s.f, level);
  }

  emit(leaf: Leaf, id: NodeId): V128 {
    switch (leaf.op) {
      case "scalar": {
        const slot = scalarSlot(this.bound, leaf.slot);
        return loadScalar(leaf.type, this.args, slot);
      }
      case "load":
        return this.load(leaf.input);
      case "index":
        return this.index(leaf);
      case "accumulator":
        return given(this.accumulator()).value(id);
      case "reduce":
        return given(this.reduction()).value(id);
    }
  }

  /** An input's lanes at the current position. */
  load(input: number): V128 {
    const { s, count } = this;
    const track = this.inputs[input] as Track;
    const { dtype } = this.buffers.inputs[input] as KernelInput;
    const read = (): V128 => loadLanes(s, dtype, this.place(track), count);
    if (track.flag === undefined && !track.maskedLanes) return read();
    const result = s.variable(splat(0));
    const readHere = (): void => {
      if (track.maskedLanes) this.loadLaneByLane(track, dtype, result);
      else s.f.set(result, read());
    };
    if (track.flag === undefined) readHere();
    else s.f.if(track.flag, readHere);
    return result;
  }

  /** Stores lanes as elements of an output at the current position. */
  store(output: number, value: V128): void {
    const { dtype } = this.buffers.outputs[output] as Buffers["outputs"][number];
    storeLanes(this.s, dtype, this.place(this.outputs[output] as Track), value, this.count);
  }

  private place(track: Track): { address: () => I32; offset: number; stride: number } {
    const { stride, bytes } = track;
    const offset = this.ahead * stride * bytes;
    // Before the first element that exists, addresses may be below 0, where an instruction's offset does not wrap round.
    if (track.maskedLanes) return { address: () => asI32(plus(track.address(), offset)), offset: 0, stride };
    return { address: () => track.address(), offset, stride };
  }

  /** Position of the first lane along the vector's dimension. */
  private first(): I32Like {
    return plus((this.walk.dimensions[this.walk.vector] as Dimension).at(), this.ahead);
  }

  /** Loads lanes that may lie across the edge of what exists. */
  private loadLaneByLane(track: Track, dtype: DType, result: Local<"v128">): void {
    const { s, count } = this;
    const [low, high] = rangeOf(track.view, this.walk.vector);
    const lanes = count === "all" ? s.lanes : count;
    const first = s.f.i32(this.first());
    s.f.if(
      i32.and(i32.geS(first, low), i32.leS(plus(first, lanes), high)),
      () => s.f.set(result, loadLanes(s, dtype, this.place(track), count)),
      () => {
        for (let lane = 0; lane < (count === 1 ? 1 : s.lanes); lane++) {
          const exists = within(() => plus(first, lane), [low, high]);
          s.f.if(typeof lanes === "number" ? exists : i32.and(exists, i32.gtS(lanes, lane)), () => {
            const { address, stride } = this.place(track);
            const here = (): I32 => asI32(plus(address(), lane * stride * track.bytes));
            const value = loadLanes(s, dtype, { address: here, offset: 0, stride: 0 }, 1);
            s.f.set(result, v128.bitselect(value, result, laneMask(lane, dtype === "float64" ? 8 : 4)));
          });
        }
      },
    );
  }

  private index({ view }: Extract<ExpressionNode, { op: "index" }>): V128 {
    const { dimensions, vector } = this.walk;
    let sum: I32Like = view.offset;
    let mask: V128 | undefined;
    const restrict = (condition: V128): void => {
      mask = mask === undefined ? condition : v128.and(mask, condition);
    };
    view.shape.forEach((n, d) => {
      const at = (): I32Like => (d === vector ? this.first() : (dimensions[d] as Dimension).at());
      if (n > 1) sum = plus(sum, times(at(), view.strides[d] as number));
      if (!isMasked(view, d)) return;
      const [low, high] = rangeOf(view, d);
      if (d !== vector) restrict(i32x4.splat(i32.sub(0, within(at, [low, high]))));
      else {
        const lanes = (): V128 => i32x4.add(i32x4.splat(asI32(at())), iota(1));
        restrict(v128.and(i32x4.geS(lanes(), splat(low)), i32x4.ltS(lanes(), splat(high))));
      }
    });
    const stride = vector < 0 ? 0 : (view.strides[vector] ?? 0);
    const base = i32x4.splat(asI32(sum));
    const value = stride === 0 ? base : i32x4.add(base, iota(stride));
    return mask === undefined ? value : v128.and(value, mask);
  }
}
