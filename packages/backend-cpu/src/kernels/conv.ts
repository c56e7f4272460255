import { type ConvKernel, UnsupportedError } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { compileGather } from "./convGather.ts";

/** Convolution and its gradients. */
export const compileConv = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  if (kernel.direction !== "weightGradient") return compileGather(kernel, options);
  throw new UnsupportedError("cpu", "conv weight gradients are not there yet");
};
