import { type ScanKernel, sizeOf } from "@gradloom/backend";
import { itemPass } from "../itemPass.ts";
import type { Pass } from "../program.ts";
import type { Source } from "../source.ts";
import { ScanElements } from "./ScanElements.ts";

/** An invocation goes along each line. */
export const scanLines = (kernel: ScanKernel, s: Source): Pass => {
  const { shape, axis, exclusive } = kernel;
  const length = shape[axis] as number;
  const elements = new ScanElements(s, kernel);
  const { running } = elements;
  return itemPass(s, `${kernel.operation} scan by lines`, sizeOf(shape) / length, (id) => {
    const line = elements.line(id);
    const sum = running.types.map((type, i) => s.variable(type, running.start[i], "sum"));
    s.for(0, length, (i) => {
      const next = running.merge(sum, elements.load(line, i));
      if (exclusive) elements.store(line, i, sum);
      for (const [k, name] of sum.entries()) s.line(`${name} = ${next[k]};`);
      if (!exclusive) elements.store(line, i, sum);
    });
  });
};
