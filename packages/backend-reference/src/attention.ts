import type { AttentionKernel, HostArray, KernelInput } from "@gradloom/backend";
import { computeType, sizeOf } from "@gradloom/backend";
import { readView, writeStrided } from "./positions.ts";
import { productsOf, roundAll } from "./products.ts";
import { wrap } from "./scalarOps.ts";
import type { Data } from "./steps.ts";

/** Row by row, in float64 and rounded once. */
export const compileAttention = (kernel: AttentionKernel): ((data: Data) => void) => {
  const { inputs, shape, causal, results } = kernel;
  const [q, k, , mask] = inputs as readonly [KernelInput, KernelInput, KernelInput, KernelInput?];
  const type = computeType(q.dtype);
  const scale = wrap[type](kernel.scale);
  const [m, e] = shape.slice(-2) as [number, number];
  const [n, d] = k.view.shape.slice(-2) as [number, number];
  const rows = sizeOf(shape.slice(0, -1));
  const { addDot, addMultiple } = productsOf(type);
  return (data) => {
    const [queries, keys, values, added] = inputs.map((input, i) => readView(input, data.inputs[i] as HostArray)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array?,
    ];
    const found = { values: new Float64Array(rows * e), logSumExp: new Float64Array(rows) };
    const scores = new Float64Array(n);
    for (let row = 0; row < rows; row++) {
      const first = Math.floor(row / m) * n;
      for (let j = 0; j < n; j++) {
        const score = scale * addDot(0, queries, row * d, keys, (first + j) * d, d);
        const by = added === undefined ? 0 : (added[row * n + j] as number);
        const hidden = (causal && j > row % m) || (mask?.dtype === "bool" && by === 0);
        scores[j] = hidden ? Number.NEGATIVE_INFINITY : mask?.dtype === "bool" ? score : score + by;
      }
      const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const weights = scores.map((score) => (most === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - most)));
      const total = weights.reduce((a, b) => a + b, 0);
      found.logSumExp[row] = most + Math.log(total);
      if (total === 0) continue;
      weights.forEach((weight, j) => {
        addMultiple(found.values, row * e, weight / total, values, (first + j) * e, e);
      });
    }
    results.forEach((result, i) => {
      const { dtype, strides } = kernel.outputs[i] as AttentionKernel["outputs"][number];
      const resultShape = result === "values" ? shape : shape.slice(0, -1);
      writeStrided(dtype, data.outputs[i] as HostArray, resultShape, strides, roundAll(found[result], type));
    });
  };
};
