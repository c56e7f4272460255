/** A kernel as a WebAssembly module that imports the memory "env.memory" and exports one function per phase. */
export interface CompiledKernel {
  readonly code: Uint8Array<ArrayBuffer>;
  /** Run one after the other, with a barrier between. */
  readonly phases: readonly Phase[];
  /** Extra memory the kernel needs while it runs; its address is in the block of arguments. */
  readonly scratchBytes: number;
  /** Memory of its own for every thread, not kept between calls; its address is then a fourth argument of the phases. */
  readonly threadBytes?: number;
}

/**
 * An exported function `(args: i32, begin: i32, end: i32)` that does units `begin <= i < end`. How units are split among calls and
 * threads does not change a result.
 */
export interface Phase {
  readonly name: string;
  readonly units: number;
  /** Estimated nanoseconds of the whole phase on one thread. */
  readonly cost: number;
}

/** A kernel that the host's JavaScript runs on arrays over the memory. */
export interface HostKernel {
  readonly run: (
    inputs: readonly ArrayBufferView[],
    outputs: readonly ArrayBufferView[],
    scalars: readonly number[],
  ) => void;
}

/** What the emitted code may use. */
export interface CompileOptions {
  /** Whether the memory is shared between threads. */
  readonly shared: boolean;
  /** The memory's maximum of 64-KiB pages. */
  readonly maxPages: number;
  /** Whether the engine has relaxed SIMD. */
  readonly relaxed: boolean;
}

/**
 * The block that `args` points to (8-byte aligned): u32 addresses of the buffers (inputs, then outputs), the u32 address of the
 * scratch memory, then, aligned to 8, one 8-byte slot per scalar argument with the value in its own type at the slot's start.
 */
export const bufferSlot = (index: number): number => 4 * index;

export const scratchSlot = (buffers: number): number => 4 * buffers;

export const scalarSlot = (buffers: number, index: number): number => 8 * (Math.ceil((buffers + 1) / 2) + index);

/** Size of the block. */
export const argsBytes = (buffers: number, scalars: number): number => scalarSlot(buffers, scalars);
