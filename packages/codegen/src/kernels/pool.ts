import { computeType, type KernelInput, type PoolKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { itemPass } from "../itemPass.ts";
import { maxPoolGradient } from "../pool/maxPoolGradient.ts";
import { PoolMaximum } from "../pool/PoolMaximum.ts";
import { forTaps, forWindows, geometryOf, spansOf, tapCount } from "../pool/poolGeometry.ts";
import { address, exists, unravel } from "../position.ts";
import type { GpuProgram, Limits, Pass } from "../program.ts";
import { readView } from "../readView.ts";
import { Source } from "../source.ts";
import { storeOutputs } from "../storeOutputs.ts";

/** Text of the quotient of a float by a count. */
const mean = (s: Source, type: "float32" | "float64", sum: string, count: number | string): string =>
  typeof count === "number"
    ? `${sum} / ${s.dialect.constant(type, count, s.use)}`
    : `${sum} / ${s.dialect.convert("int32", type, s.let("int32", count, "count"), s.use)}`;

type Body = (s: Source, buffers: Buffers, position: readonly string[]) => string;

/** A pass that has an invocation for each position of the result; `body` names what it accumulates. */
const elementPass = (kernel: PoolKernel, dialect: Dialect, limits: Limits, body: Body): Pass => {
  const s = new Source(dialect, limits);
  const buffers = new Buffers(s, kernel);
  return itemPass(s, `${kernel.mode} pool ${kernel.direction}`, sizeOf(kernel.shape), (id) => {
    const position = unravel(s, id, kernel.shape);
    storeOutputs(s, kernel, buffers, { position, accumulator: body(s, buffers, position) });
  });
};

const maximum =
  (kernel: PoolKernel): Body =>
  (s, buffers, output) => {
    const [, v] = kernel.inputs as readonly [KernelInput, KernelInput];
    const largest = new PoolMaximum(s, kernel, buffers, geometryOf(kernel)).largest(output, (position) => {
      const place = address(v.view.strides, position, v.view.offset);
      const condition = exists(v.view, position);
      return condition === undefined ? place : s.dialect.select(condition, place, "-2");
    });
    const memory = buffers.input(1);
    if (v.view.valid === undefined) return s.let(computeType(v.dtype), memory.load(largest));
    const value = s.variable(computeType(v.dtype));
    s.if(`${largest} >= 0`, () => s.line(`${value} = ${memory.load(largest)};`));
    return value;
  };

const average =
  (kernel: PoolKernel): Body =>
  (s, buffers, position) => {
    const input = kernel.inputs[0] as KernelInput;
    const type = computeType(input.dtype) as "float32" | "float64";
    const { axes } = geometryOf(kernel);
    const [n, c] = [position[0] as string, position[position.length - 1] as string];
    const sum = s.variable(type, s.dialect.constant(type, 0, s.use), "sum");
    const size = sizeOf(kernel.window);
    const here = position.slice(1, -1);
    const element = (at: readonly string[]): string => readView(s, buffers.input(0), input, [n, ...at, c]);
    if (kernel.direction === "forward") {
      const spans = spansOf(s, axes, here);
      const count = kernel.countPadding ? size : tapCount(spans);
      forTaps(s, spans, (at) => s.line(`${sum} += ${element(at)};`));
      return s.let(type, mean(s, type, sum, count));
    }
    forWindows(s, axes, here, (at) => {
      const dy = element(at);
      s.line(`${sum} += ${kernel.countPadding ? dy : mean(s, type, dy, tapCount(spansOf(s, axes, at)))};`);
    });
    return kernel.countPadding ? s.let(type, mean(s, type, sum, size)) : sum;
  };

/** Pools: an invocation for each element of the result. */
export const compilePool = (kernel: PoolKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  if (sizeOf(kernel.shape) === 0) return { passes: [], scratch: [] };
  if (kernel.mode === "max" && kernel.direction === "gradient") return maxPoolGradient(kernel, dialect, limits);
  const body = kernel.mode === "max" ? maximum(kernel) : average(kernel);
  return { passes: [elementPass(kernel, dialect, limits, body)], scratch: [] };
};
