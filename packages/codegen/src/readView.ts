import { computeType, type KernelInput } from "@gradloom/backend";
import type { Memory } from "./memory.ts";
import { address, exists } from "./position.ts";
import type { Source } from "./source.ts";

/** The name of the element that an input's view has at a position (names or literals); 0 where it has none. */
export const readView = (
  s: Source,
  memory: Memory,
  { dtype, view }: KernelInput,
  position: readonly string[],
): string => {
  const type = computeType(dtype);
  const place = address(view.strides, position, view.offset);
  const condition = exists(view, position);
  if (condition === undefined) return s.let(type, memory.load(place));
  const value = s.variable(type, s.dialect.constant(type, 0, s.use));
  if (condition !== "false") s.if(condition, () => s.line(`${value} = ${memory.load(place)};`));
  return value;
};

/** The name of an address: `store` takes names only. */
export const addressName = (s: Source, strides: readonly number[], position: readonly string[]): string => {
  const place = address(strides, position);
  return /\W/.test(place) ? s.let("int32", place, "o") : place;
};
