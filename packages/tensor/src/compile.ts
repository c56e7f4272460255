import { ArgumentError } from "@gradloom/backend";
import type { Device } from "./device.ts";
import { currentDevice } from "./device.ts";
import { data } from "./graph/leaves.ts";
import { withTrace } from "./graph/trace.ts";
import type { Draws } from "./random.ts";
import { recordedDraws } from "./random.ts";
import type { Root } from "./schedule/collect.ts";
import { collect } from "./schedule/collect.ts";
import { execute, flush, planFor, submit } from "./schedule/evaluate.ts";
import type { Plan } from "./schedule/plan.ts";
import { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** One traced signature: its plan, and where arguments and results go. */
interface Trace {
  readonly device: Device;
  readonly plan: Plan;
  /** The leaves of the graph, by node; arguments are put in before a run. */
  readonly nodes: Tensor[];
  /** Node of each tensor argument; -1 when the function does not use it. */
  readonly parameters: readonly number[];
  readonly variables: readonly (Variable | undefined)[];
  /** What a variable's new value was computed by; only stands for it. */
  readonly stand: Tensor;
  /** The result with a number in the place of each tensor: the root that it is. */
  readonly result: unknown;
  readonly shapes: readonly Pick<Tensor, "shape" | "dtype">[];
  /** Random numbers that each call draws anew. */
  readonly draws: Draws;
}

/** Traces that one compiled function keeps. */
const keptTraces = 64;

/** Replaces the tensors in nested arrays and plain objects. */
const mapTensors = (value: unknown, replace: (t: Tensor) => unknown): unknown => {
  if (value instanceof Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((entry) => mapTensors(entry, replace));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapTensors(entry, replace)]));
  }
  return value;
};

/** The signature of an argument; tensors are added to `tensors` in order. */
const signatureOf = (value: unknown, tensors: Tensor[]): string => {
  if (value instanceof Tensor) {
    tensors.push(value);
    return `${value.dtype}[${value.shape.join(",")}]${value.storage === undefined ? "h" : "d"}`;
  }
  if (Array.isArray(value)) return `[${value.map((entry) => signatureOf(entry, tensors)).join(";")}]`;
  if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      throw new ArgumentError(
        "compile",
        `an argument is a ${value.constructor.name}`,
        "pass tensors, numbers, strings, lists or plain objects",
      );
    }
    return `{${Object.entries(value)
      .map(([key, entry]) => `${JSON.stringify(key)}:${signatureOf(entry, tensors)}`)
      .join(";")}}`;
  }
  if (typeof value === "function")
    throw new ArgumentError("compile", "an argument is a function", "use it from the enclosing scope");
  return typeof value === "string"
    ? JSON.stringify(value)
    : `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
};

/**
 * Runs `fn` once per signature (shapes, element types and device of its tensors; values of its other arguments), keeps the schedule, and
 * replays it on later calls without building a graph: all its work, assignments to variables included, is one submission. Results are
 * the same as without `compile`. Tensors may be nested in lists and plain objects. What `fn` does beside tensors happens only
 * when it is traced.
 *
 * @throws ArgumentError when `fn` reads a value or is asynchronous.
 * @example const step = compile((x, y) => { const loss = lossOf(x, y); optimizer.minimize(loss); return loss; });
 */
export const compile = <Args extends unknown[], R>(fn: (...args: Args) => R): ((...args: Args) => R) => {
  const byDevice = new WeakMap<Device, Map<string, Trace>>();
  return (...args: Args): R => {
    const tensors: Tensor[] = [];
    signatureOf(args, tensors);
    const device = tensors[0]?.device ?? currentDevice();
    const lazy = tensors.filter((t) => t.storage === undefined && t.host === undefined);
    if (lazy.length > 0) submit(device, lazy);
    else if (device.pending.size > 0) flush(device);
    const traces = byDevice.get(device) ?? new Map<string, Trace>();
    byDevice.set(device, traces);
    const key = signatureOf(args, []);
    let trace = traces.get(key);
    if (trace === undefined) {
      trace = record(fn, args, tensors, device);
      traces.set(key, trace);
      if (traces.size > keptTraces) traces.delete(traces.keys().next().value as string);
    }
    return replay(trace, tensors) as R;
  };
};

/** A leaf with the memory of an argument, distinct from every other tensor. */
const placeholder = (t: Tensor): Tensor => {
  const result = new Tensor(data, [], { shape: t.shape, dtype: t.dtype }, t.shape, t.dtype, t.device);
  result.host = t.host;
  result.storage = t.storage;
  return result;
};

/** Traces once more where the function made variables (an optimizer its state, say): they get memory first, so that a replay goes on from it. */
const record = <Args extends unknown[], R>(
  fn: (...args: Args) => R,
  args: Args,
  tensors: readonly Tensor[],
  device: Device,
): Trace => {
  let drawn = 0;
  for (let attempt = 0; ; attempt++) {
    const placeholders = tensors.map(placeholder);
    let next = 0;
    const traced = mapTensors(args, () => placeholders[next++]) as Args;
    let fresh: Variable[] = [];
    try {
      const { result, draws } = withTrace(() => ({ result: fn(...traced), draws: recordedDraws(device) }));
      if (result instanceof Promise)
        throw new ArgumentError("compile", "the function is asynchronous", "await outside of it");
      fresh = [...device.pending.keys()].filter(({ storage }) => storage === undefined);
      // First values were drawn once and for all.
      if (attempt > 0) draws.skip(drawn - draws.count);
      if (fresh.length === 0) return makeTrace(result, placeholders, device, draws);
      drawn = draws.count;
    } finally {
      device.pending.clear();
      device.kept.clear();
    }
    if (attempt > 0) {
      throw new ArgumentError(
        "compile",
        `the function makes variables at every call (${fresh[0]?.name})`,
        "make them outside",
      );
    }
    for (const variable of fresh) device.pending.set(variable, variable.initial as Tensor);
    flush(device);
  }
};

const makeTrace = (result: unknown, placeholders: readonly Tensor[], device: Device, draws: Draws): Trace => {
  const roots: Root[] = [];
  const template = mapTensors(result, (tensor) => {
    const known = roots.findIndex((root) => root.tensor === tensor);
    return new Slot(known >= 0 ? known : roots.push({ tensor, variable: undefined }) - 1);
  });
  for (const [variable, tensor] of device.pending) roots.push({ tensor, variable });
  const collected = collect(roots);
  const plan = planFor(device, collected);
  const parameters = placeholders.map((t) => (collected.nodes[t.local] === t ? t.local : -1));
  return {
    device,
    plan,
    nodes: collected.nodes.map((t, i) => {
      const leaf = collected.leaves[i];
      return leaf === undefined ? (undefined as unknown as Tensor) : leaf === "variable" ? ownReading(t) : t;
    }),
    parameters,
    variables: roots.map(({ variable }) => variable),
    stand: new Tensor(data, [], { shape: [0], dtype: "float32" }, [0], "float32", device),
    result: template,
    shapes: roots.map(({ tensor: { shape, dtype } }) => ({ shape, dtype })),
    draws,
  };
};

/** Reads a variable's memory at every call; the variable's own tensor turns into a copy of one value when it is evaluated by itself. */
const ownReading = (t: Tensor): Tensor => {
  const result = new Tensor(t.primitive, [], t.attributes, t.shape, t.dtype, t.device);
  result.alias = t.alias;
  return result;
};

/** The place of a root in a result. */
class Slot {
  readonly root: number;
  constructor(root: number) {
    this.root = root;
  }
}

const fillSlots = (template: unknown, tensors: readonly Tensor[]): unknown => {
  if (template instanceof Slot) return tensors[template.root];
  if (Array.isArray(template)) return template.map((entry) => fillSlots(entry, tensors));
  if (typeof template === "object" && template !== null && Object.getPrototypeOf(template) === Object.prototype) {
    return Object.fromEntries(Object.entries(template).map(([key, entry]) => [key, fillSlots(entry, tensors)]));
  }
  return template;
};

const replay = (
  { device, plan, nodes, parameters, variables, stand, result, shapes, draws }: Trace,
  tensors: readonly Tensor[],
): unknown => {
  parameters.forEach((local, i) => {
    if (local >= 0) nodes[local] = tensors[i] as Tensor;
  });
  const roots = variables.map((variable, i): Root => {
    if (variable !== undefined) return { tensor: stand, variable };
    const { shape, dtype } = shapes[i] as Pick<Tensor, "shape" | "dtype">;
    return { tensor: new Tensor(data, [], { shape, dtype }, shape, dtype, device), variable: undefined };
  });
  draws.next();
  execute(device, plan, nodes, roots);
  return fillSlots(
    result,
    roots.map(({ tensor }) => tensor),
  );
};
