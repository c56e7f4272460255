import { bufferNeeds, type Kernel } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import type { Limits } from "../program.ts";

/** Why a kernel has no code in a language; undefined when it has. */
export const unprintable = (kernel: Kernel, dialect: Dialect, limits: Limits): string | undefined => {
  if (kernel.kind !== "custom") return undefined;
  if (dialect.custom(kernel) === undefined) return `kernel ${kernel.name} has no ${dialect.name} code`;
  const needs = bufferNeeds(kernel);
  const large = needs.findIndex((bytes) => bytes > limits.bindingBytes);
  if (large < 0) return undefined;
  return `buffer ${large} of kernel ${kernel.name} has ${needs[large]} bytes, more than the ${limits.bindingBytes} of one binding`;
};
