import { bufferSlot, scratchSlot } from "../compiled.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32, select } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";

// What the phases of matmul and conv share: memory areas, addresses, positions.

export const ceilTo = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Hands out parts of a memory area, aligned to cache lines. */
export class Area {
  bytes = 0;

  take(bytes: number): number {
    const offset = this.bytes;
    this.bytes = ceilTo(offset + bytes, 64);
    return offset;
  }
}

/** The smaller one, of signed numbers. */
export const least = (f: FunctionBuilder, a: I32Like, b: I32Like): Local<"i32"> => {
  const x = f.i32(a);
  const y = f.i32(b);
  return f.i32(select(i32.ltS(x, y), x, y));
};

/** The row-major index of a position. */
export const ravel = (position: readonly I32Like[], shape: readonly number[]): I32Like =>
  position.reduce<I32Like>((index, at, d) => plus(times(index, shape[d] as number), at), 0);

/** Σ position[d] * steps[d] */
export const distance = (position: readonly I32Like[], steps: readonly number[]): I32Like =>
  position.reduce<I32Like>((sum, at, d) => plus(sum, times(at, steps[d] as number)), 0);

/** Addresses of a kernel's scratch memory and of its inputs, copied ones included. */
export class Places {
  private readonly args: Local<"i32">;
  private readonly buffers: number;

  constructor(
    args: Local<"i32">,
    kernel: { readonly inputs: readonly unknown[]; readonly outputs: readonly unknown[] },
  ) {
    this.args = args;
    this.buffers = kernel.inputs.length + kernel.outputs.length;
  }

  scratch(offset: I32Like): I32 {
    return asI32(plus(i32.load(this.args, scratchSlot(this.buffers)), offset));
  }

  /** Byte `offset` of an input, or of its copy in the scratch memory. */
  input(index: number, copy: number | undefined, offset: number): I32 {
    return copy === undefined
      ? asI32(plus(i32.load(this.args, bufferSlot(index)), offset))
      : this.scratch(copy + offset);
  }
}

/** Several kinds of units one after the other: `bodies[i]` does units `0 <= rest < counts[i]` of its kind. */
export const inTurn = (
  f: FunctionBuilder,
  unit: Local<"i32">,
  counts: readonly number[],
  body: (i: number, rest: Local<"i32">) => void,
): void => {
  const rest = f.i32(unit);
  const from = (i: number): void => {
    if (i === counts.length - 1) {
      body(i, rest);
      return;
    }
    const count = counts[i] as number;
    f.if(
      i32.ltU(rest, count),
      () => body(i, rest),
      () => {
        f.increment(rest, -count);
        from(i + 1);
      },
    );
  };
  from(0);
};
