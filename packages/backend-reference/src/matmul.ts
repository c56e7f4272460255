import type { HostArray, KernelInput, MatmulKernel } from "@gradloom/backend";
import { computeType, sizeOf } from "@gradloom/backend";
import { compileExpression } from "./map.ts";
import { readView } from "./positions.ts";
import { productsOf, roundAll } from "./products.ts";
import type { Data, Registers } from "./steps.ts";

/** y[b,i,j] = Σ_p x[b,i,p] w[b,p,j], summed in float64 (integers wrap) in the order of p and rounded once. */
export const compileMatmul = (kernel: MatmulKernel, registers: Registers): ((data: Data) => void) => {
  const epilogue = compileExpression(kernel, registers);
  const [left, right] = kernel.inputs as readonly [KernelInput, KernelInput];
  const type = computeType(left.dtype);
  const { addMultiple } = productsOf(type);
  const [m, n] = kernel.shape.slice(-2) as [number, number];
  const k = left.view.shape.at(-1) as number;
  const rows = sizeOf(kernel.shape.slice(0, -1));
  return (data) => {
    const x = readView(left, data.inputs[0] as HostArray);
    const w = readView(right, data.inputs[1] as HostArray);
    const y = new Float64Array(rows * n);
    for (let row = 0; row < rows; row++) {
      const batch = Math.floor(row / m);
      for (let p = 0; p < k; p++) {
        addMultiple(y, row * n, x[row * k + p] as number, w, (batch * k + p) * n, n);
      }
    }
    data.accumulator = roundAll(y, type);
    epilogue(data);
  };
};
