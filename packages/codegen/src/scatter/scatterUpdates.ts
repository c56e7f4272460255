import { bufferNeeds, computeType, type KernelInput, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import { itemPass } from "../itemPass.ts";
import { locate } from "../locate.ts";
import { unravel } from "../position.ts";
import type { Pass } from "../program.ts";
import { addressName, readView } from "../readView.ts";
import type { Source } from "../source.ts";
import { foldUpdate } from "./foldUpdate.ts";

type Atomic = "atomicAdd" | "atomicMax" | "atomicMin";

const atomics: Readonly<Record<ScatterKernel["mode"], Atomic | undefined>> = {
  set: undefined,
  add: "atomicAdd",
  mul: undefined,
  max: "atomicMax",
  min: "atomicMin",
};

/** The atomic operation that folds an update into the target whatever the order; undefined where there is none. */
export const atomicOf = ({ mode, outputs }: ScatterKernel): Atomic | undefined => {
  const dtype = outputs[0]?.dtype;
  return dtype === "int32" || dtype === "uint32" ? atomics[mode] : undefined;
};

/** Bytes of the output's memory that are in use. */
export const outputBytes = (kernel: ScatterKernel): number => {
  const needs = bufferNeeds(kernel);
  const over = kernel.outputs[0]?.over;
  return Math.max(needs[kernel.inputs.length] as number, over === undefined ? 0 : (needs[over] as number));
};

/** The name of the output's memory as atomic words; it must fit one binding. */
const atomicWords = (kernel: ScatterKernel, s: Source): string => {
  const element = kernel.outputs[0]?.dtype === "int32" ? "atomic<int32>" : "atomic<uint32>";
  const [words] = s.bind("kernel", kernel.inputs.length, outputBytes(kernel), element, "write");
  return words?.name as string;
};

/**
 * An invocation for each update folds it into the output, which holds the start value already: by `atomic`, or plainly where no two
 * updates meet.
 */
export const scatterUpdates = (kernel: ScatterKernel, s: Source, atomic: Atomic | undefined): Pass => {
  const { shape, updates, inputs, outputs } = kernel;
  const update = inputs[1] as KernelInput;
  const buffers = new Buffers(s, kernel);
  const type = computeType(update.dtype);
  const words = atomic === undefined ? undefined : atomicWords(kernel, s);
  return itemPass(s, `scatter ${kernel.mode} by updates`, sizeOf(updates), (id) => {
    const position = unravel(s, id, updates);
    const { place, inside } = locate(s, buffers, kernel, shape, updates, position);
    const fold = (): void => {
      const value = readView(s, buffers.input(1), update, position);
      const at = addressName(s, outputs[0]?.strides as readonly number[], place);
      if (atomic !== undefined) {
        s.line(`${s.dialect[atomic](`${words}[${at}]`, value)};`);
        return;
      }
      const element = s.let(type, buffers.output(0).load(at));
      buffers.output(0).store(at, s.let(type, foldUpdate(s, kernel, element, value)));
    };
    if (inside === undefined) fold();
    else s.if(inside, fold);
  });
};
