import type { KernelInput, KernelKind, Shape } from "@gradloom/backend";
import { formatShape, sizeOf } from "@gradloom/backend";
import type { Device } from "../device.ts";
import { currentDevice } from "../device.ts";
import type { Tensor } from "../tensor.ts";
import { collect } from "./collect.ts";
import type { Emitted } from "./emit.ts";
import { planFor, rootsOf } from "./evaluate.ts";
import { bytesOf, type Network, type Value } from "./network.ts";
import type { Plan } from "./plan.ts";

/** One kernel of a schedule. */
export interface KernelReport {
  readonly kind: KernelKind;
  /** The iteration space, or the result's shape. */
  readonly shape: Shape;
  /** The operations that it carries out, in order. */
  readonly operations: readonly string[];
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes read and written when each buffer is touched once. */
  readonly bytes: number;
  /** Arithmetic operations, a multiply-add counted as two. */
  readonly flops: number;
}

/** The kernels that an evaluation would run. */
export interface Explanation {
  readonly kernels: readonly KernelReport[];
  /** Bytes of scratch memory during the evaluation. */
  readonly scratchBytes: number;
  toString(): string;
}

/** One kernel with the time that it took. */
export interface KernelTiming extends KernelReport {
  readonly milliseconds: number;
}

export interface Profile {
  readonly kernels: readonly KernelTiming[];
  /** Sum over the kernels. */
  readonly milliseconds: number;
  toString(): string;
}

/** Bytes that a kernel touches when each buffer is touched once. */
const trafficOf = ({ inputs, outputs }: Emitted, { values }: Network): number =>
  [...new Set(inputs), ...outputs].reduce((bytes, id) => bytes + bytesOf(values[id] as Value), 0);

/** Arithmetic operations of a kernel, as usually counted. */
const flopsOf = ({ kernel }: Emitted): number => {
  const size = "shape" in kernel ? sizeOf(kernel.shape) : 0;
  const perElement =
    "nodes" in kernel
      ? kernel.nodes.filter(
          ({ op }) => !["load", "constant", "scalar", "index", "accumulator", "select", "cast"].includes(op),
        ).length
      : 0;
  const own = size * perElement;
  const operand = (i: number): Shape => (kernel.inputs[i] as KernelInput).view.shape;
  if (kernel.kind === "matmul") return own + 2 * size * (operand(0).at(-1) as number);
  if (kernel.kind === "attention") {
    // Two products of that many terms for each query and key.
    return (
      2 *
      sizeOf(kernel.shape.slice(0, -1)) *
      (operand(1).at(-2) as number) *
      ((operand(0).at(-1) as number) + (kernel.shape.at(-1) as number))
    );
  }
  if (kernel.kind !== "conv") return own;
  const [y, filter] =
    kernel.direction === "forward"
      ? [kernel.shape, operand(1)]
      : kernel.direction === "inputGradient"
        ? [operand(0), operand(1)]
        : [operand(1), kernel.shape];
  return own + 2 * sizeOf(y) * sizeOf(filter.slice(0, -1));
};

const reportOf = (emitted: Emitted, network: Network): KernelReport => ({
  kind: emitted.kernel.kind,
  shape:
    "shape" in emitted.kernel ? emitted.kernel.shape : (network.values[emitted.outputs[0] as number] as Value).shape,
  operations: emitted.members.map((id) => (network.values[id] as Value).primitive.name),
  inputs: new Set(emitted.inputs).size,
  outputs: emitted.outputs.length,
  bytes: trafficOf(emitted, network),
  flops: flopsOf(emitted),
});

const describe = (kernel: KernelReport, time: string): string =>
  `${time}${kernel.kind.padEnd(8)} ${formatShape(kernel.shape).padEnd(16)} ${kernel.operations.join(" ")}`;

/**
 * The kernels that evaluating the tensors, together with all pending assignments, would run. Nothing is run.
 *
 * @example console.log(String(explain(softmax(x))))
 */
export const explain = (...tensors: Tensor[]): Explanation => {
  const device = tensors[0]?.device ?? currentDevice();
  const targets = [...new Set(tensors)].filter((t) => t.storage === undefined && t.host === undefined);
  const plan = planFor(device, collect(rootsOf(device, targets)));
  const kernels = plan.emitted.map((emitted) => reportOf(emitted, plan.network));
  const scratchBytes = plan.scratch.slots.reduce((sum, bytes) => sum + bytes, 0);
  return { kernels, scratchBytes, toString: () => kernels.map((kernel) => describe(kernel, "")).join("\n") };
};

/**
 * Runs `fn` and reports the time, bytes and operations of every kernel that ran meanwhile, kernel by kernel.
 *
 * @example console.log(String(await profile(() => step(x, y))))
 */
export const profile = async (fn: () => unknown, device: Device = currentDevice()): Promise<Profile> => {
  const runs: { readonly plan: Plan; readonly times: Promise<number[]> }[] = [];
  const outer = device.profiler;
  device.profiler = (plan) => {
    runs.push({ plan, times: device.backend.time(plan.commands) });
  };
  try {
    await fn();
  } finally {
    device.profiler = outer;
  }
  const kernels: KernelTiming[] = [];
  for (const { plan, times } of runs) {
    (await times).forEach((milliseconds, i) => {
      kernels.push({ ...reportOf(plan.emitted[i] as Emitted, plan.network), milliseconds });
    });
  }
  const milliseconds = kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  const line = (kernel: KernelTiming): string => {
    const rate = kernel.flops / kernel.milliseconds / 1e6;
    const bandwidth = kernel.bytes / kernel.milliseconds / 1e6;
    return describe(
      kernel,
      `${kernel.milliseconds.toFixed(3).padStart(9)} ms ${rate.toFixed(1).padStart(7)} GFLOP/s ${bandwidth.toFixed(1).padStart(6)} GB/s  `,
    );
  };
  return {
    kernels,
    milliseconds,
    toString: () => [...kernels.map(line), `${milliseconds.toFixed(3).padStart(9)} ms in all`].join("\n"),
  };
};
