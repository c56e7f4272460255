import type { Coordinate, KernelInput, Shape } from "@gradloom/backend";
import type { Buffers } from "./buffers.ts";
import { readView } from "./readView.ts";
import type { Source } from "./source.ts";

/** What coordinates are taken from. */
interface Indexed {
  readonly inputs: readonly KernelInput[];
  readonly coordinates: readonly Coordinate[];
}

/** A place in the indexed tensor. */
export interface Located {
  /** Names of its coordinates, counted from the front. */
  readonly place: readonly string[];
  /** The condition that all of them are in range; undefined where they always are. */
  readonly inside: string | undefined;
  /** Names of the int32 inputs that were read. */
  readonly loaded: ReadonlyMap<number, string>;
}

/** Reads the coordinates (all, or those of the dimensions `of`) in a tensor of shape `target` for a position of the iteration over `shape`. */
export const locate = (
  s: Source,
  buffers: Buffers,
  { inputs, coordinates }: Indexed,
  target: Shape,
  shape: Shape,
  position: readonly string[],
  of: readonly number[] = coordinates.map((_, d) => d),
): Located => {
  const conditions: string[] = [];
  const loaded = new Map<number, string>();
  const place = of.map((d): string => {
    const coordinate = coordinates[d] as Coordinate;
    const n = target[d] as number;
    if ("dim" in coordinate) {
      const p = position[coordinate.dim] as string;
      if ((shape[coordinate.dim] as number) > n) conditions.push(`${p} < ${n}`);
      return p;
    }
    let index = loaded.get(coordinate.input);
    if (index === undefined) {
      index = readView(s, buffers.input(coordinate.input), inputs[coordinate.input] as KernelInput, position);
      loaded.set(coordinate.input, index);
    }
    const p = s.let("int32", s.dialect.select(`${index} < 0`, `${index} + ${n}`, index), "c");
    conditions.push(`${s.dialect.toUint(p)} < ${n}u`);
    return p;
  });
  return { place, inside: conditions.length === 0 ? undefined : conditions.join(" && "), loaded };
};
