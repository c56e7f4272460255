import type { DType, Shape } from "@gradloom/backend";
import { definePrimitive } from "./primitive.ts";

/** What a leaf is: its attributes tell all, it has no inputs. */
interface LeafResult {
  readonly shape: Shape;
  readonly dtype: DType;
}

const leaf = <A extends LeafResult>(name: string, gradient: "zero" | "none" = "zero") =>
  definePrimitive<A>({
    name,
    infer: (_, attributes) => attributes,
    lower: { kind: "leaf" },
    gradient,
  });

/** Values given by the host, or already calculated on the device. */
export const data = leaf<LeafResult>("data");

/** A number that is part of the structure: it is compiled into kernels. */
export const constant = leaf<LeafResult & { readonly value: number }>("constant");

/** A number that may change from run to run: an argument of kernels. Not part of the structure. */
export const scalar = leaf<LeafResult & { readonly value: number }>("scalar");

/** 0, 1, 2, ... along one dimension, as int32. */
export const positions = leaf<LeafResult>("positions");

/** The value of a variable between two assignments. */
export const variableValue = leaf<LeafResult>("variable");
