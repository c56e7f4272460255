import { computeType, type KernelInput, type SortKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { addressName, readView } from "../readView.ts";
import { orderKey } from "../sort/orderKey.ts";
import type { PairSource, PairTarget } from "../sort/pairs.ts";
import { sortPasses } from "../sort/sortPasses.ts";
import type { Source } from "../source.ts";

/** The elements of the input, numbered along their rows; values are read again when stored, since 0 and -0 have one key. */
const elements = (s: Source, kernel: SortKernel): PairSource & PairTarget => {
  const buffers = new Buffers(s, kernel);
  const input = kernel.inputs[0] as KernelInput;
  const key = orderKey(s, computeType(input.dtype));
  const lead = (row: string): string[] => unravel(s, s.dialect.toUint(row), kernel.shape.slice(0, -1));
  return {
    load: (row, at) => {
      const x = readView(s, buffers.input(0), input, [...lead(row), at]);
      return { key: s.let("uint32", `${kernel.descending ? "~" : ""}${key(x)}`, "key"), number: at };
    },
    store: (row, at, _, number) => {
      const rest = lead(row);
      kernel.results.forEach((result, i) => {
        const place = addressName(s, (kernel.outputs[i] as SortKernel["outputs"][number]).strides, [...rest, at]);
        const value = result === "indices" ? number : readView(s, buffers.input(0), input, [...rest, number]);
        buffers.output(i).store(place, value);
      });
    },
  };
};

/** Stable sorts of rows. */
export const compileSort = (kernel: SortKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { shape, count } = kernel;
  const rows = sizeOf(shape.slice(0, -1));
  if (rows * count === 0) return { passes: [], scratch: [] };
  const job = {
    rows,
    length: shape[shape.length - 1] as number,
    count,
    open: (s: Source) => elements(s, kernel),
  };
  const scratch: number[] = [];
  return { passes: sortPasses(job, dialect, limits, scratch), scratch };
};
