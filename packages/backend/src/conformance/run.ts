import type { Backend, Binding } from "../backend.ts";
import type { DType, HostArray } from "../dtype.ts";
import { hostArrayOver } from "../dtype.ts";
import type { Kernel } from "../kernel.ts";
import { outputShape, reach } from "../reach.ts";
import { sizeOf } from "../shape.ts";
import type { Case, Tolerance } from "./case.ts";
import { encode } from "./case.ts";
import { compare } from "./compare.ts";

/** Elements after an output's last one, which must stay untouched. */
const guard = 5;

/** What an output's buffer holds before the kernel runs. */
const before = (one: Case, number: number): HostArray => {
  const { dtype, strides, over } = one.kernel.outputs[number] as Kernel["outputs"][number];
  if (over !== undefined) return one.inputs[over] as HostArray;
  const view = { shape: outputShape(one.kernel, number), strides, offset: 0, valid: undefined };
  return encode(
    dtype,
    Array.from({ length: reach(view) + guard }, (_, i) => (i % 2 === 0 ? 77 : 0)),
  );
};

/** Runs a case and returns the memory of every output, elements around the result included. */
export const runCase = async (backend: Backend, one: Case): Promise<HostArray[]> => {
  const { kernel, inputs, scalars } = one;
  const program = backend.prepare(kernel);
  const place = (memory: HostArray): Binding => {
    const binding = { buffer: backend.allocate(memory.byteLength), byteOffset: 0 };
    backend.upload(binding, memory);
    return binding;
  };
  const buffers: Binding[] = [];
  inputs.forEach((memory, i) => {
    const shares = kernel.inputs[i]?.shares;
    buffers.push(shares === undefined ? place(memory) : (buffers[shares] as Binding));
  });
  const memories = kernel.outputs.map((_, i) => before(one, i));
  kernel.outputs.forEach(({ over }, i) => {
    buffers.push(over === undefined ? place(memories[i] as HostArray) : (buffers[over] as Binding));
  });
  try {
    backend.run([{ program, buffers, scalars }]);
    const results: HostArray[] = [];
    for (const [i, { dtype }] of kernel.outputs.entries()) {
      const { length, byteLength } = memories[i] as HostArray;
      const bytes = await backend.download(buffers[inputs.length + i] as Binding, byteLength);
      results.push(hostArrayOver(dtype, bytes, 0, length));
    }
    return results;
  } finally {
    for (const buffer of new Set(buffers.map((binding) => binding.buffer))) backend.free(buffer);
  }
};

/** The elements of an output in row-major order. */
export const elementsInOrder = (kernel: Kernel, number: number, memory: HostArray): HostArray => {
  const { strides } = kernel.outputs[number] as Kernel["outputs"][number];
  const shape = outputShape(kernel, number);
  const elements = memory.slice(0, sizeOf(shape));
  for (let i = 0; i < elements.length; i++) {
    let address = 0;
    let rest = i;
    for (let d = shape.length - 1; d >= 0; d--) {
      const n = shape[d] as number;
      address += (rest % n) * (strides[d] as number);
      rest = Math.floor(rest / n);
    }
    elements[i] = memory[address] as number;
  }
  return elements;
};

/** Runs a case on both backends and compares; known values must be met as well. */
export const checkCase = async (
  backend: Backend,
  reference: Backend,
  one: Case,
  tolerance: Tolerance,
): Promise<void> => {
  const fixed = { ...one, inputs: one.inputs };
  const expected = await runCase(reference, fixed);
  const got = await runCase(backend, fixed);
  one.kernel.outputs.forEach(({ dtype }: { dtype: DType }, i: number) => {
    const known = one.expected[i];
    const memory = got[i] as HostArray;
    if (known !== undefined) {
      const elements = elementsInOrder(one.kernel, i, memory);
      const values = encode(dtype, Array.from(known));
      compare(`output ${i}, known values`, dtype, elements, values, tolerance, one.signedZeros);
    }
    compare(`output ${i}`, dtype, memory, expected[i] as HostArray, tolerance, one.signedZeros);
  });
};
