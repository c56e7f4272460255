import { type AttentionKernel, bufferNeeds } from "@gradloom/backend";
import type { Buffers } from "../buffers.ts";
import { address } from "../position.ts";
import { addressName } from "../readView.ts";
import type { Source } from "../source.ts";
import { VectorMemory } from "../vectorMemory.ts";
import { atRunTime, type Block, components, quadType, upTo, type Work } from "./exchange.ts";
import { hasQuads } from "./matrix.ts";
import type { RunningSoftmax } from "./runningSoftmax.ts";

/** Divides the sums by those of the weights, and stores what is asked for. */
export const storeResults = (
  s: Source,
  kernel: AttentionKernel,
  work: Work,
  buffers: Buffers,
  softmax: RunningSoftmax,
  sums: Block,
): void => {
  const { dialect } = s;
  const { plan, type, batch, rows, firstQuad, lane } = work;
  const { shape } = kernel;
  const [queries, width] = shape.slice(-2) as [number, number];
  const needs = bufferNeeds(kernel).slice(kernel.inputs.length);
  const ends = softmax.finish();
  kernel.results.forEach((result, output) => {
    const { dtype, strides } = kernel.outputs[output] as AttentionKernel["outputs"][number];
    if (result === "logSumExp") {
      const memory = buffers.output(output);
      rows.forEach((row, i) => {
        s.if(`${lane} == 0 && ${firstQuad} == 0 && ${row} < ${queries}`, () => {
          memory.store(addressName(s, strides, [...batch, row]), ends[i]?.logSumExp() as string);
        });
      });
      return;
    }
    if (width === 0) return;
    const layout = { dtype, view: { shape, strides, offset: 0, valid: undefined } };
    const bytes = needs[output] as number;
    const memory = hasQuads(layout)
      ? new VectorMemory(s, "kernel", kernel.inputs.length + output, dtype, bytes, "write")
      : buffers.output(output);
    // An array, so that one loop stores all.
    const quad = quadType(type);
    const values = s.array(quad, plan.rows * plan.quads, "values");
    ends.forEach(({ total, empty }, i) => {
      const divisor = s.let(type, dialect.select(empty, dialect.constant(type, 1, s.use), total), "total");
      upTo(plan.quads).forEach((t) => {
        const parts = upTo(4).map((c) => `${sums[i]?.[4 * t + c]} / ${divisor}`);
        s.line(`${values}[${i * plan.quads + t}] = ${dialect.vector(quad, parts)};`);
      });
    });
    s.for(0, atRunTime(s, plan.rows * plan.quads), (i) => {
      const row = s.let("int32", `${rows[0]} + ${plan.quads === 1 ? i : `${i} / ${plan.quads}`}`, "row");
      const apart = plan.quads === 1 ? "" : ` + ${i} % ${plan.quads} * ${plan.lanes}`;
      const place = s.let("int32", `${firstQuad} + ${lane}${apart}`, "quad");
      const value = s.let(quad, `${values}[${i}]`, "value");
      const elements = components.map((c) => `${value}.${c}`);
      if (memory instanceof VectorMemory) {
        s.if(`${row} < ${queries} && ${place} < ${width / 4}`, () => {
          const inQuads = strides.map((stride, d) => (d === strides.length - 1 ? 1 : stride / 4));
          memory.store(address(inQuads, [...batch, row, place]), elements);
        });
        return;
      }
      elements.forEach((element, c) => {
        const column = s.let("int32", `${place} * 4 + ${c}`, "column");
        s.if(`${row} < ${queries} && ${column} < ${width}`, () => {
          memory.store(addressName(s, strides, [...batch, row, column]), element);
        });
      });
    });
  });
};
