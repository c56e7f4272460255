import type { AttentionKernel, HostArray, KernelInput, ScanKernel, ScatterKernel, SortKernel } from "@gradloom/backend";
import { computeType, highest, lowest } from "@gradloom/backend";
import { elementAt, type Position, positionsOf } from "./positions.ts";
import { binary, fold } from "./scalars.ts";

const readersOf = (inputs: readonly KernelInput[], memories: readonly HostArray[]) =>
  inputs.map((input, i) => (position: Position) => elementAt(input, memories[i] as HostArray, position));

/** Keeps the result as a map from the position's name to its value. */
const scatterOracle = (kernel: ScatterKernel, memories: readonly HostArray[]): number[][] => {
  const read = readersOf(kernel.inputs, memories);
  const type = computeType(kernel.inputs[0]!.dtype);
  // Sums of float32 are rounded at the end alone.
  const inner = type === "float32" ? "float64" : type;
  const result = new Map(positionsOf(kernel.shape).map((position) => [position.join(), read[0]!(position)]));
  for (const position of positionsOf(kernel.updates)) {
    const place = kernel.coordinates.map((coordinate, d) => {
      const index = "dim" in coordinate ? position[coordinate.dim]! : read[coordinate.input]!(position);
      return index < 0 ? index + kernel.shape[d]! : index;
    });
    const old = result.get(place.join());
    const update = read[1]!(position);
    if (old !== undefined)
      result.set(place.join(), kernel.mode === "set" ? update : binary(kernel.mode, inner, old, update));
  }
  return [[...result.values()]];
};

/** Folds the elements before each position anew. */
const scanOracle = (kernel: ScanKernel, memories: readonly HostArray[]): number[][] => {
  const [read] = readersOf(kernel.inputs, memories);
  const type = computeType(kernel.inputs[0]!.dtype);
  const { axis, operation } = kernel;
  const length = kernel.shape[axis]!;
  return [
    positionsOf(kernel.shape).map((position) => {
      const at = position[axis]!;
      const steps = Array.from({ length }, (_, i) => i).filter(
        (i) => (kernel.reverse ? i >= at : i <= at) && !(kernel.exclusive && i === at),
      );
      const order = kernel.reverse ? steps.reverse() : steps;
      const list = order.map((i) => read!(position.map((p, d) => (d === axis ? i : p))));
      switch (operation) {
        case "logAddExp":
          return Math.log(list.reduce((sum, x) => sum + Math.exp(x), 0));
        case "argmax":
        case "argmin": {
          const strange = list.map(Number.isNaN).lastIndexOf(true);
          const best = list.reduce(
            (a, b) => ((operation === "argmax" ? b > a : b < a) ? b : a),
            operation === "argmax" ? lowest(type) : highest(type),
          );
          return order[strange >= 0 ? strange : list.lastIndexOf(best)] ?? 0;
        }
        default:
          return fold(operation, type, list);
      }
    }),
  ];
};

/** Finds the place of each element by counting those that come before it. */
const sortOracle = (kernel: SortKernel, memories: readonly HostArray[]): number[][] => {
  const [read] = readersOf(kernel.inputs, memories);
  const length = kernel.shape.at(-1)!;
  const results: { values: number[]; indices: number[] } = { values: [], indices: [] };
  const key = (x: number): number => (Number.isNaN(x) ? 2 : x === Infinity ? 1 : 0);
  const less = (a: number, b: number): boolean => key(a) < key(b) || (key(a) === key(b) && a < b);
  for (const row of positionsOf(kernel.shape.slice(0, -1))) {
    const list = Array.from({ length }, (_, i) => read!([...row, i]));
    const order = new Array<number>(length);
    list.forEach((x, i) => {
      const before = list.filter((y, j) => {
        const [first, second] = kernel.descending ? [x, y] : [y, x];
        return less(first, second) || (!less(second, first) && j < i);
      });
      order[before.length] = i;
    });
    results.indices.push(...order.slice(0, kernel.count));
    results.values.push(...order.slice(0, kernel.count).map((i) => list[i]!));
  }
  return kernel.results.map((result) => results[result]);
};

/** The weight of a key is 1 / Σ exp(s' - s) over all scores s' of the row. */
const attentionOracle = (kernel: AttentionKernel, memories: readonly HostArray[]): number[][] => {
  const [q, k, v, mask] = readersOf(kernel.inputs, memories);
  const [n, dims] = kernel.inputs[1]!.view.shape.slice(-2) as [number, number];
  const scale = kernel.inputs[0]!.dtype === "float64" ? kernel.scale : Math.fround(kernel.scale);
  const scoresOf = (row: Position): number[] =>
    Array.from({ length: n }, (_, j) => {
      const key = [...row.slice(0, -1), j];
      const dot = Array.from({ length: dims }, (_, d) => q!([...row, d]) * k!([...key, d])).reduce((a, b) => a + b, 0);
      if (kernel.causal && j > row.at(-1)!) return -Infinity;
      if (mask === undefined) return dot * scale;
      const by = mask([...row, j]);
      return kernel.inputs[3]!.dtype === "bool" ? (by ? dot * scale : -Infinity) : dot * scale + by;
    });
  const total = (scores: readonly number[], score: number): number =>
    scores.reduce((sum, other) => sum + Math.exp(other - score), 0);
  const rows = positionsOf(kernel.shape.slice(0, -1));
  return kernel.results.map((result) =>
    rows.flatMap((row) => {
      const scores = scoresOf(row);
      const seen = scores.flatMap((score, j) => (score === -Infinity ? [] : [j]));
      if (result === "logSumExp") {
        const first = Math.max(...scores);
        return [seen.length === 0 ? -Infinity : first + Math.log(total(scores, first))];
      }
      const totals = seen.map((j) => total(scores, scores[j]!));
      return Array.from({ length: kernel.shape.at(-1)! }, (_, c) =>
        seen.reduce((sum, j, i) => sum + v!([...row.slice(0, -1), j, c]) / totals[i]!, 0),
      );
    }),
  );
};

export const plainOracles = {
  scatter: scatterOracle,
  scan: scanOracle,
  sort: sortOracle,
  attention: attentionOracle,
} as const;
