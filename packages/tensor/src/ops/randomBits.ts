import type { Shape } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import { positions } from "../graph/leaves.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

/** Where random words come from: a key and a stream number, all rank-0 uint32. */
export interface RandomSource {
  readonly key0: Tensor;
  readonly key1: Tensor;
  readonly stream: Tensor;
}

/** First word of Threefry2x32-20 for a key and a counter of two words each. */
export const threefryPrimitive = definePrimitive<undefined>({
  name: "threefry",
  infer: ([, , counter]) => ({ shape: (counter as Tensor).shape, dtype: "uint32" }),
  lower: {
    kind: "map",
    expression: (e, [key0, key1, counter0, counter1]) =>
      e.threefry(key0 as number, key1 as number, counter0 as number, counter1 as number),
  },
  gradient: "zero",
});

/**
 * Uniform random 32-bit words: word `i` of `shape` is Threefry2x32-20 of the key and the counter (i, stream). Part 1 of the same
 * source is made of other words, from counters 2^31 + i.
 */
export const randomBits = ({ key0, key1, stream }: RandomSource, shape: Shape, part: 0 | 1 = 0): Tensor => {
  const size = sizeOf(shape);
  const position = key0.derive(positions, [], { shape: [size], dtype: "int32" }).cast("uint32");
  const counter = part === 0 ? position : position.add(position.constant(2 ** 31));
  const index = counter.reshape(shape);
  const inputs = [key0.broadcastTo(shape), key1.broadcastTo(shape), index, stream.broadcastTo(shape)];
  return key0.derive(threefryPrimitive, inputs, undefined);
};
