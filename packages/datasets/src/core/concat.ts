import type { DataSource, Dataset } from "./dataset.ts";
import { dataset } from "./dataset.ts";

/**
 * The examples of several data sets, one after the other.
 *
 * @example concat([digits, moreDigits])
 */
export const concat = <T>(parts: readonly DataSource<T>[]): Dataset<T> => {
  const ends: number[] = [];
  let length = 0;
  for (const part of parts) {
    length += part.length;
    ends.push(length);
  }
  const locate = (index: number): readonly [DataSource<T>, number] => {
    const which = ends.findIndex((end) => index < end);
    return [parts[which] as DataSource<T>, index - (which === 0 ? 0 : (ends[which - 1] as number))];
  };
  return dataset({
    length,
    get: (index) => {
      const [part, i] = locate(index);
      return part.get(i);
    },
  });
};
