import type { DeviceBuffer } from "@gradloom/backend";
import { ArgumentError } from "@gradloom/backend";
import type { Device } from "../device.ts";
import { Storage } from "../graph/storage.ts";
import { currentTrace } from "../graph/trace.ts";
import type { Tensor } from "../tensor.ts";
import type { Variable } from "../variable.ts";
import type { Collected, Root } from "./collect.ts";
import { collect, matches } from "./collect.ts";
import type { Plan } from "./plan.ts";
import { makePlan, runPlan } from "./plan.ts";

/** Evaluated tensors that keep their history, at most; older ones become plain data. */
const rememberedHistories = 64;

/** The plan for a graph: a known one where the structure is known. */
export const planFor = (device: Device, collected: Collected): Plan => {
  const candidates = device.plans.get(collected.hash);
  const known = candidates?.find((plan) => matches(collected, plan.structure));
  if (known !== undefined) return known;
  const plan = makePlan(collected, device.backend);
  device.counters.plans++;
  if (candidates === undefined) device.plans.set(collected.hash, [plan]);
  else candidates.push(plan);
  return plan;
};

/** Refuses evaluation where a function is being compiled. */
export const refuseInTrace = (): void => {
  if (currentTrace() !== undefined) {
    throw new ArgumentError(
      "compile",
      "a value is read inside the compiled function",
      "return the tensor and read the result",
    );
  }
};

/** Tensors that still have to be computed; host values are uploaded. */
const unevaluated = (targets: readonly Tensor[]): Tensor[] => {
  const result: Tensor[] = [];
  for (const t of targets) {
    if (t.storage !== undefined || result.includes(t)) continue;
    if (t.host !== undefined) {
      const { backend } = t.device;
      const buffer = backend.allocate(t.host.byteLength);
      if (t.size > 0) backend.upload({ buffer, byteOffset: 0 }, t.host);
      t.storage = new Storage(backend, buffer);
    } else result.push(t);
  }
  return result;
};

/** Everything that the next evaluation on a device computes beside its targets. */
const waiting = (device: Device): Root[] => {
  const roots: Root[] = [];
  for (const [variable, tensor] of device.pending) roots.push({ tensor, variable });
  for (const tensor of device.kept)
    if (tensor.storage === undefined && tensor.host === undefined) roots.push({ tensor, variable: undefined });
  return roots;
};

/** Everything that an evaluation of targets on a device computes. */
export const rootsOf = (device: Device, targets: readonly Tensor[]): Root[] => {
  const roots = waiting(device);
  for (const tensor of targets) if (!device.kept.has(tensor)) roots.push({ tensor, variable: undefined });
  return roots;
};

/** Runs a plan and makes the results the values of the roots. */
export const execute = (device: Device, plan: Plan, nodes: readonly Tensor[], roots: readonly Root[]): void => {
  const memory = runPlan(plan, nodes, roots, device);
  device.counters.evaluations++;
  device.counters.kernels += plan.commands.length;
  commit(device, roots, memory);
};

/** Computes targets and pending assignments in one schedule; returns once the work is submitted. */
export const submit = (device: Device, targets: readonly Tensor[]): void => {
  refuseInTrace();
  submitRoots(device, rootsOf(device, unevaluated(targets)));
  device.kept.clear();
};

const submitRoots = (device: Device, roots: readonly Root[]): void => {
  if (roots.length === 0) return;
  const collected = collect(roots);
  execute(device, planFor(device, collected), collected.nodes, roots);
};

/** Computes one tensor and nothing else. */
export const submitAlone = (tensor: Tensor): void => {
  if (unevaluated([tensor]).length === 0) return;
  const { device } = tensor;
  const roots = [{ tensor, variable: undefined }];
  const collected = collect(roots);
  const plan = planFor(device, collected);
  const [buffer] = runPlan(plan, collected.nodes, roots, device);
  tensor.storage = new Storage(device.backend, buffer as DeviceBuffer);
};

/** Makes the results of a run the values of their tensors and variables. */
const commit = (device: Device, roots: readonly Root[], memory: readonly DeviceBuffer[]): void => {
  const earlier = device.histories.length;
  let updated = false;
  roots.forEach(({ tensor, variable }, i) => {
    const buffer = memory[i] as DeviceBuffer;
    if (variable === undefined) {
      tensor.storage = new Storage(device.backend, buffer);
      device.histories.push(new WeakRef(tensor));
      device.kept.delete(tensor);
      return;
    }
    // A first value replaces nothing, and what a step updates within itself is not what it computes with.
    updated ||= variable.version > 0 && !device.updates.has(variable);
    variable.commit(buffer);
    tensor.alias = { variable, version: variable.version };
    device.pending.delete(variable);
    device.finished.delete(variable);
    device.updates.delete(variable);
    forget(tensor);
  });
  const gone = updated ? earlier : Math.max(0, device.histories.length - rememberedHistories);
  for (const reference of device.histories.splice(0, gone)) forget(reference.deref());
};

/** Lets go of how a tensor was computed. */
const forget = (tensor: Tensor | undefined): void => {
  if (tensor === undefined || tensor.inputs.length === 0) return;
  tensor.inputs = [];
  tensor.forgotten = true;
};

/**
 * Computes tensors, and the pending assignments of their device, in one schedule, and keeps them on the device.
 *
 * @example await evaluate(loss, accuracy)
 */
export const evaluate = async (...targets: Tensor[]): Promise<void> => {
  const devices = new Set(targets.map((t) => t.device));
  for (const device of devices)
    submit(
      device,
      targets.filter((t) => t.device === device),
    );
  for (const device of devices) await device.backend.synchronize();
};

/** Runs the assignments that wait on a device. */
export const flush = (device: Device): void => {
  submit(device, []);
};

/** Runs those assignments that wait for variables of a kind, and nothing else. */
export const flushPart = (device: Device, wanted: (variable: Variable) => boolean): void => {
  submitRoots(
    device,
    waiting(device).filter(({ variable }) => variable !== undefined && wanted(variable)),
  );
};

/** Carries out the step that assignments have finished: state that changes within a step is about to belong to the next one. */
export const settle = (device: Device): void => {
  if (currentTrace() === undefined && device.finished.size > 0) flush(device);
};
