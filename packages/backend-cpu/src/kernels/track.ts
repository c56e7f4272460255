import { isMasked, type Range, type View } from "@gradloom/backend";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { both, last, plus, times, within } from "./arithmetic.ts";

/** A dimension of a kernel's shape: the level of the loop that walks it, and the position there. */
export interface Dimension {
  readonly level: number;
  /** A local, a constant, or a fresh value at every call. */
  readonly at: () => I32Like;
}

/** The dimensions of a kernel, and the one along which lanes lie (-1 when all lanes are at one position). */
export interface Walk {
  readonly dimensions: readonly Dimension[];
  readonly vector: number;
  /**
   * Set where the vector's dimension is walked in segments, in each of which a masked view has all positions or none: the level of
   * the loop over segments, and a position inside the current one.
   */
  readonly segment?: Dimension | undefined;
}

export const rangeOf = (view: Pick<View, "valid">, d: number): Range => view.valid?.[d] as Range;

/** Follows one view through the loops of a walk: a pointer and, where positions may be missing, a flag for each level. */
export class Track {
  readonly view: View;
  readonly bytes: number;
  private readonly walk: Walk;
  private readonly base: () => I32;
  private readonly pointers: (Local<"i32"> | undefined)[] = [];
  private readonly flags: (Local<"i32"> | undefined)[] = [];

  constructor(view: View, bytes: number, walk: Walk, base: () => I32) {
    this.view = view;
    this.bytes = bytes;
    this.walk = walk;
    this.base = base;
  }

  /** Whether the view lacks positions along the vector and no segments take care of it. */
  get maskedLanes(): boolean {
    const { vector, segment } = this.walk;
    return vector >= 0 && segment === undefined && this.masked(vector);
  }

  /** In elements, from lane to lane. */
  get stride(): number {
    return this.view.strides[this.walk.vector] ?? 0;
  }

  /** Address of the element at the current position. */
  address(): I32 {
    const pointer = last(this.pointers) as Local<"i32">;
    const step = this.stride * this.bytes;
    if (step === 0 || !this.inline) return pointer;
    return asI32(plus(pointer, times((this.walk.dimensions[this.walk.vector] as Dimension).at(), step)));
  }

  /** Whether the position along the vector changes in the innermost loop, where it is added to the pointer at each use. */
  private get inline(): boolean {
    const { dimensions, vector } = this.walk;
    return vector >= 0 && dimensions.every(({ level }) => level <= (dimensions[vector] as Dimension).level);
  }

  /** Whether outer levels say that the view has elements here; undefined when they do not care. */
  get flag(): Local<"i32"> | undefined {
    return last(this.flags);
  }

  /** Moves to the current position of the loop at `level`. */
  enter(f: FunctionBuilder, level: number): void {
    const { view, bytes, walk } = this;
    this.pointers.length = Math.min(this.pointers.length, level);
    this.flags.length = Math.min(this.flags.length, level);
    let move: I32Like = level === 0 ? plus(this.base(), view.offset * bytes) : 0;
    let flag: I32 | undefined;
    walk.dimensions.forEach((dimension, d) => {
      if (d >= view.strides.length) return;
      const vector = d === walk.vector;
      if (dimension.level === level && !(vector && this.inline)) {
        move = plus(move, times(dimension.at(), (view.strides[d] as number) * bytes));
        if (!vector && this.masked(d)) flag = both(flag, within(dimension.at, rangeOf(view, d)));
      }
      if (vector && walk.segment?.level === level && this.masked(d)) {
        flag = both(flag, within(walk.segment.at, rangeOf(view, d)));
      }
    });
    if (move !== 0) {
      const outer = last(this.pointers);
      this.pointers[level] = f.i32(outer === undefined ? move : plus(outer, move));
    }
    if (flag !== undefined) {
      const outer = last(this.flags);
      this.flags[level] = f.i32(outer === undefined ? flag : i32.and(outer, flag));
    }
  }

  masked(d: number): boolean {
    return d < this.view.shape.length && isMasked(this.view, d);
  }
}
