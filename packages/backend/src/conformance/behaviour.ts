import type { Backend, Binding } from "../backend.ts";
import type { HostArray } from "../dtype.ts";
import type { MapKernel } from "../kernel.ts";
import { contiguousView } from "../view.ts";

/** A promise of the interface that no single kernel shows. */
export interface Behaviour {
  readonly name: string;
  check(backend: Backend): Promise<void>;
}

export const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise);
};

export const equal = (what: string, got: ArrayLike<number>, expected: ArrayLike<number>): void => {
  const [a, b] = [Array.from(got).join(), Array.from(expected).join()];
  expect(a === b, `${what}: got [${a}] instead of [${b}]`);
};

export const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** y = x * s + c */
export const scaled = (size: number, added: number): MapKernel => ({
  kind: "map",
  shape: [size],
  inputs: [{ dtype: "float32", view: contiguousView([size]) }],
  scalars: ["float32"],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "scalar", type: "float32", slot: 0 },
    { op: "mul", type: "float32", args: [0, 1] },
    { op: "constant", type: "float32", value: added },
    { op: "add", type: "float32", args: [2, 3] },
  ],
  outputs: [{ dtype: "float32", node: 4, strides: [1] }],
});

/** Buffers that are given back when `work` ends. */
export const withBuffers = async (
  backend: Backend,
  sizes: readonly number[],
  work: (...bindings: Binding[]) => Promise<void>,
): Promise<void> => {
  const bindings = sizes.map((bytes) => ({ buffer: backend.allocate(bytes), byteOffset: 0 }));
  try {
    await work(...bindings);
  } finally {
    for (const { buffer } of bindings) backend.free(buffer);
  }
};

/** The first `length` float32 numbers of a place. */
export const floats = async (backend: Backend, from: Binding, length: number): Promise<HostArray> =>
  new Float32Array(await backend.download(from, 4 * length));
