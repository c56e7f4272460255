import type { ConvKernel } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { compileDepthwise, isDepthwise } from "./convDepthwise.ts";
import { compileGather } from "./convGather.ts";
import { convGeometry } from "./convGeometry.ts";
import { compileWeightGradient } from "./convWeightGradient.ts";

/** Convolution and its gradients. */
export const compileConv = (kernel: ConvKernel, options: CompileOptions): CompiledKernel =>
  isDepthwise(convGeometry(kernel))
    ? compileDepthwise(kernel, options)
    : kernel.direction === "weightGradient"
      ? compileWeightGradient(kernel, options)
      : compileGather(kernel, options);
