import type { DType } from "@gradloom/backend";
import { DTypeError, dtypes, isDType, isFloat } from "@gradloom/backend";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

export const castPrimitive = definePrimitive<{ readonly to: DType }>({
  name: "cast",
  infer: ([x], { to }) => ({ shape: (x as Tensor).shape, dtype: to }),
  lower: { kind: "map", expression: (e, [x], { to }) => e.cast(to, x as number) },
  gradient: ({ inputs: [x] }, g) => [isFloat((x as Tensor).dtype) ? g.cast((x as Tensor).dtype) : undefined],
});

/**
 * The same values as another element type: floats are rounded to nearest, a fraction is cut off towards zero, out-of-range floats
 * saturate at int32/uint32, int8 and uint8 keep the low byte, bool is `x != 0`.
 *
 * @example cast(tensor([1.7, -1.7]), "int32") // [1, -1]
 */
export const cast = (x: Tensor, dtype: DType): Tensor => {
  if (!isDType(dtype))
    throw new DTypeError("cast", `unknown element type ${String(dtype)}`, `use one of ${dtypes.join(", ")}`);
  return x.dtype === dtype ? x : x.derive(castPrimitive, [x], { to: dtype });
};
