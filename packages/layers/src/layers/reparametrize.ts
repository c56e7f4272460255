import type { DType, Shape, Tensor } from "@gradloom/tensor";
import { ArgumentError, Variable } from "@gradloom/tensor";
import type { AnyModule } from "../module/module.ts";
import { Module } from "../module/module.ts";

/** A value that stands where a layer has a parameter, computed at each use from parameters of its own. */
export abstract class Reparametrization extends Module<[], Tensor> {
  abstract readonly shape: Shape;
  abstract readonly dtype: DType;

  get value(): Tensor {
    return this.call();
  }
}

/** Puts what `make` makes of a layer's parameter in its place, and gives the layer. */
export const reparametrize = <M extends AnyModule>(
  op: string,
  module: M,
  name: string,
  make: (parameter: Variable) => Reparametrization,
): M => {
  const fields = module as unknown as Record<string, unknown>;
  const own = fields[name];
  if (!(own instanceof Variable)) {
    throw new ArgumentError(
      op,
      `${module.constructor.name} has no parameter "${name}" of its own`,
      "name one with { parameter }",
    );
  }
  fields[name] = make(own);
  return module;
};
