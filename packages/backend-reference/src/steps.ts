import type { ComputeType, ExpressionNode, FusedKernel, HostArray, NodeId, View } from "@gradloom/backend";
import { comparisonOps, roundTo, threefry2x32 } from "@gradloom/backend";
import { addressesOf, blockSize, readAt } from "./positions.ts";
import {
  binaryFormula,
  bitcastFormula,
  comparisonFormula,
  isBinary,
  isUnary,
  unaryFormula,
  wrap,
} from "./scalarOps.ts";

/** What one run of a kernel works on. */
export interface Data {
  readonly inputs: readonly HostArray[];
  readonly outputs: readonly HostArray[];
  readonly scalars: readonly number[];
  /** What the kernel calculated per position of its shape, before its expression. */
  accumulator: Float64Array;
}

/** Calculates one node for row-major positions `start` to `start + count` into its register. */
export type Step = (data: Data, start: number, count: number) => void;

/** Numbers of up to `blockSize` positions; programs share them, as one runs at a time. */
export interface Registers {
  get(index: number): Float64Array;
}

export const createRegisters = (): Registers => {
  const registers: Float64Array[] = [];
  return {
    get: (index) => {
      registers[index] ??= new Float64Array(blockSize);
      return registers[index];
    },
  };
};

const addresses = new Float64Array(blockSize);

const fill = (to: Float64Array, value: (data: Data) => number): Step => {
  return (data, _, count) => {
    to.fill(value(data), 0, count);
  };
};

const isComparison = (op: string): op is (typeof comparisonOps)[number] =>
  (comparisonOps as readonly string[]).includes(op);

/**
 * The step of a node. `leading` dimensions of the kernel's shape are walked; `from` gives the registers of arguments. Reductions
 * have no step of their own.
 */
export const stepOf = (
  kernel: FusedKernel,
  node: Exclude<ExpressionNode, { op: "reduce" }>,
  leading: number,
  from: (id: NodeId) => Float64Array,
  to: Float64Array,
): Step => {
  const walked = (view: View): View => ({
    shape: view.shape.slice(0, leading),
    strides: view.strides.slice(0, leading),
    offset: view.offset,
    valid: view.valid?.slice(0, leading),
  });
  const typeOf = (id: NodeId): ComputeType => kernel.nodes[id]?.type as ComputeType;
  const loop1 = (a: Float64Array, f: (x: number) => number): Step => {
    return (_, __, count) => {
      for (let i = 0; i < count; i++) to[i] = f(a[i] as number);
    };
  };
  switch (node.op) {
    case "constant":
      return fill(to, () => wrap[node.type](node.value));
    case "scalar":
      return fill(to, (data) => data.scalars[node.slot] as number);
    case "load": {
      const input = kernel.inputs[node.input] as FusedKernel["inputs"][number];
      const address = addressesOf(walked(input.view), -1);
      return (data, start, count) => {
        address(start, count, addresses);
        readAt(input.dtype, data.inputs[node.input] as HostArray, addresses, count, to);
      };
    }
    case "index": {
      const address = addressesOf(walked(node.view), 0);
      return (_, start, count) => address(start, count, to);
    }
    case "accumulator":
      return (data, start, count) => to.set(data.accumulator.subarray(start, start + count));
    case "cast":
      return loop1(from(node.args[0]), (x) => roundTo(node.to, x));
    case "bitcast":
      return loop1(from(node.args[0]), bitcastFormula(typeOf(node.args[0]), node.type));
    case "select": {
      const [c, a, b] = node.args.map(from) as [Float64Array, Float64Array, Float64Array];
      return (_, __, count) => {
        for (let i = 0; i < count; i++) to[i] = (c[i] ? a[i] : b[i]) as number;
      };
    }
    case "threefry": {
      const [a, b, c, d] = node.args.map(from) as [Float64Array, Float64Array, Float64Array, Float64Array];
      return (_, __, count) => {
        for (let i = 0; i < count; i++) {
          to[i] = threefry2x32(a[i] as number, b[i] as number, c[i] as number, d[i] as number)[0];
        }
      };
    }
    default: {
      const a = from(node.args[0]);
      const round = wrap[node.type];
      if (isUnary(node.op)) {
        const f = unaryFormula(node.op, node.type);
        return loop1(a, (x) => round(f(x)));
      }
      const b = from(node.args[1] as NodeId);
      if (isBinary(node.op)) {
        const f = binaryFormula(node.op, node.type);
        return (_, __, count) => {
          for (let i = 0; i < count; i++) to[i] = round(f(a[i] as number, b[i] as number));
        };
      }
      if (isComparison(node.op)) {
        const f = comparisonFormula(node.op);
        return (_, __, count) => {
          for (let i = 0; i < count; i++) to[i] = f(a[i] as number, b[i] as number) ? 1 : 0;
        };
      }
      return node.op satisfies never;
    }
  }
};
