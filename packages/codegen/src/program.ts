/** What a pass does with a buffer, or with a segment of one that is too large to bind whole. */
export interface BufferUse {
  /** "kernel": inputs, then outputs. "scratch": the program's own memory. */
  readonly of: "kernel" | "scratch";
  readonly index: number;
  readonly access: "read" | "write";
  readonly byteOffset: number;
  readonly bytes: number;
}

/** One dispatch: source code with an entry point `main`, bound to `uses` in order. */
export interface Pass {
  /** For people: the kind of kernel and what this pass does. */
  readonly name: string;
  readonly code: string;
  /** Invocations of a workgroup (one dimension); undefined where the code says it. */
  readonly workgroup: number | undefined;
  /** Workgroups in x and y (and z, for a user's code); workgroup `x + y * grid[0]` does nothing where there is no work left. */
  readonly grid: readonly [x: number, y: number, z?: number];
  readonly uses: readonly BufferUse[];
  /** Whether the block of scalar arguments is bound. */
  readonly scalars: boolean;
}

/** A kernel as passes that run in order; no passes where there is nothing to write. */
export interface GpuProgram {
  readonly passes: readonly Pass[];
  /** Bytes of each scratch buffer; their content does not outlive the program's run. */
  readonly scratch: readonly number[];
}

/** Bytes of a buffer that one binding covers: segments begin where bindings may. */
export const segmentBytes = ({ bindingBytes }: Pick<Limits, "bindingBytes">): number =>
  Math.floor(bindingBytes / 256) * 256;

/** What the device can do. */
export interface Limits {
  /** Invocations per workgroup. */
  readonly workgroup: number;
  /** Workgroups per dimension of a grid. */
  readonly groups: number;
  /** Bytes of workgroup memory. */
  readonly sharedBytes: number;
  /** Bytes of one binding. */
  readonly bindingBytes: number;
  /** Smallest number of invocations that form a subgroup; 0 where subgroup operations are missing. */
  readonly subgroup: number;
  /** Whether 16-bit floats are a native type. */
  readonly float16: boolean;
}
