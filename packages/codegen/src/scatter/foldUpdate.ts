import { type BinaryOp, computeType, type KernelInput, type ScatterKernel } from "@gradloom/backend";
import type { Source } from "../source.ts";

const operations: Readonly<Record<Exclude<ScatterKernel["mode"], "set">, BinaryOp>> = {
  add: "add",
  mul: "mul",
  max: "max",
  min: "min",
};

/** Text of what an element becomes when an update meets it. */
export const foldUpdate = (s: Source, { mode, inputs }: ScatterKernel, element: string, update: string): string => {
  if (mode === "set") return update;
  const type = computeType((inputs[0] as KernelInput).dtype);
  return s.dialect.binary(operations[mode], type, element, update, s.use);
};
