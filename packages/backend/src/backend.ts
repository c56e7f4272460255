import type { ComputeType, DType } from "./dtype.ts";
import type { Kernel, KernelKind } from "./kernel.ts";

/** Memory on a device; only its backend looks inside. */
export interface DeviceBuffer {
  readonly bytes: number;
}

/** A place in device memory; the offset is a multiple of `traits.alignment`. */
export interface Binding {
  buffer: DeviceBuffer;
  byteOffset: number;
}

/** A prepared kernel. */
export interface Program {
  readonly kernel: Kernel;
}

/** One kernel to run: buffers in the order inputs, outputs; scalars in the order that the kernel lists. */
export interface Command {
  readonly program: Program;
  readonly buffers: readonly Binding[];
  readonly scalars: readonly number[];
}

/** What a backend is like, for those who plan its work. */
export interface BackendTraits {
  /** Element types that its buffers may hold. */
  readonly storage: ReadonlySet<DType>;
  /** Types in which its kernels calculate. */
  readonly compute: ReadonlySet<ComputeType>;
  /** Kinds of kernels that it does not run; whoever plans its work does without them. */
  readonly lacks?: ReadonlySet<KernelKind>;
  /** Most buffers (inputs and outputs) that one kernel may bind. */
  readonly maxBuffers: number;
  /** Bytes after which a buffer counts as one more of `maxBuffers`; undefined where size does not matter. */
  readonly bindingBytes?: number;
  /** Longest row (elements of the reduced dimensions) that a row kernel handles well; longer ones become several kernels. */
  readonly maxRow: number;
  /** "arena": scratch values are packed into one buffer. "buffers": each scratch slot is a buffer of its own. */
  readonly scratch: "arena" | "buffers";
  /** Bytes to which offsets and sizes are rounded up. */
  readonly alignment: number;
}

export interface MemoryStatistics {
  /** Bytes of buffers that are allocated now. */
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly buffers: number;
}

/** One device that runs kernels. All calls are ordered: what is run or uploaded later sees what was run before. */
export interface Backend {
  /** The device's name: "cpu", "webgpu", ... */
  readonly name: string;
  readonly traits: BackendTraits;

  /** Fresh memory with undefined content; OutOfMemoryError when there is none. */
  allocate(bytes: number): DeviceBuffer;

  /** Gives memory back; commands that were submitted before may still use it. */
  free(buffer: DeviceBuffer): void;

  /** Copies host bytes to the place; the host array may change afterwards. */
  upload(target: Binding, data: ArrayBufferView): void;

  /** A copy of `bytes` from the place, once everything submitted has run. */
  download(source: Binding, bytes: number): Promise<ArrayBuffer>;

  /** As `download`, for devices that can block. */
  downloadSync?(source: Binding, bytes: number): ArrayBuffer;

  /** Why this kernel cannot run here; undefined when it can. */
  unsupported(kernel: Kernel): string | undefined;

  /** The program for a kernel, cached by its structure; UnsupportedError when it cannot run here. */
  prepare(kernel: Kernel): Program;

  /** Submits the commands in order as one piece of work. The lists may be reused by the caller afterwards. */
  run(commands: readonly Command[]): void;

  /** Runs the commands one by one and returns the milliseconds of each. */
  time(commands: readonly Command[]): Promise<number[]>;

  /** Resolves when everything submitted has run; rejects when any of it failed. */
  synchronize(): Promise<void>;

  memory(): MemoryStatistics;

  /** Programs compiled so far. */
  readonly programs: number;

  /** Work given to the device so far, where that is counted. */
  readonly counters?: { readonly dispatches: number; readonly submits: number };

  /** True once the device is gone for good, with its buffers and programs. */
  readonly lost?: boolean;

  /** Ends workers and frees everything. */
  dispose(): void;
}
