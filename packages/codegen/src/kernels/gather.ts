import { computeType, type GatherKernel, isFloat, type KernelInput, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { itemPass } from "../itemPass.ts";
import { locate } from "../locate.ts";
import { unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { readView } from "../readView.ts";
import { Source } from "../source.ts";
import { storeOutputs } from "../storeOutputs.ts";

/** Gathers: an invocation for each element of the result. */
export const compileGather = (kernel: GatherKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { shape } = kernel;
  if (sizeOf(shape) === 0) return { passes: [], scratch: [] };
  const s = new Source(dialect, limits);
  const buffers = new Buffers(s, kernel);
  const source = kernel.inputs[0] as KernelInput;
  const type = computeType(source.dtype);
  const outside = dialect.constant(type, isFloat(source.dtype) ? Number.NaN : 0, s.use);
  const pass = itemPass(s, "gather", sizeOf(shape), (id) => {
    const position = unravel(s, id, shape);
    const { place, inside, loaded } = locate(s, buffers, kernel, source.view.shape, shape, position);
    const read = (): string => readView(s, buffers.input(0), source, place);
    let accumulator: string;
    if (inside === undefined) accumulator = read();
    else {
      accumulator = s.variable(type, outside);
      s.if(inside, () => s.line(`${accumulator} = ${read()};`));
    }
    storeOutputs(s, kernel, buffers, { position, accumulator, loaded: (input) => loaded.get(input) });
  });
  return { passes: [pass], scratch: [] };
};
