import type { Tensor } from "@gradloom/tensor";
import { Module } from "../module/module.ts";

/** A layer without parameters: a function of a tensor with its further arguments fixed. */
export type FunctionLayer<Rest extends readonly unknown[]> = new (
  ...options: Rest
) => Module & { readonly options: Rest };

/** The class of layers that apply `fn`, constructed from what `fn` takes after the tensor. */
export const functionLayer = <Rest extends readonly unknown[]>(
  name: string,
  fn: (x: Tensor, ...options: Rest) => Tensor,
): FunctionLayer<Rest> => {
  const classes = {
    [name]: class extends Module {
      readonly options: Rest;

      constructor(...options: Rest) {
        super();
        this.options = options;
      }

      forward(x: Tensor): Tensor {
        return fn(x, ...this.options);
      }
    },
  };
  return classes[name] as FunctionLayer<Rest>;
};
