import type { ConvKernel } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { compileGather } from "./convGather.ts";
import { compileWeightGradient } from "./convWeightGradient.ts";

/** Convolution and its gradients. */
export const compileConv = (kernel: ConvKernel, options: CompileOptions): CompiledKernel =>
  kernel.direction === "weightGradient" ? compileWeightGradient(kernel, options) : compileGather(kernel, options);
