import type {
  Backend,
  BinaryOp,
  ExpressionNode,
  FusedKernel,
  Kernel,
  KernelInput,
  UnaryOp,
  View,
} from "@gradloom/backend";
import { contiguousStrides, kernelKey } from "@gradloom/backend";
import { type Case, conformanceCases, runCase } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";

// A suite is worth what it catches: each mutant gets one thing wrong, and some case must tell.

type Mutant = (kernel: Kernel) => Kernel;

const inputs =
  (change: (view: View, input: KernelInput) => View): Mutant =>
  (kernel) =>
    ({ ...kernel, inputs: kernel.inputs.map((input) => ({ ...input, view: change(input.view, input) })) }) as Kernel;

const nodes =
  (change: (node: ExpressionNode) => ExpressionNode): Mutant =>
  (kernel) =>
    "nodes" in kernel ? ({ ...kernel, nodes: kernel.nodes.map(change) } as FusedKernel) : kernel;

const only =
  <K extends Kernel["kind"]>(kind: K, change: (kernel: Extract<Kernel, { kind: K }>) => Kernel): Mutant =>
  (kernel) =>
    kernel.kind === kind ? change(kernel as Extract<Kernel, { kind: K }>) : kernel;

const confuse = (wrong: Partial<Record<UnaryOp | BinaryOp, UnaryOp | BinaryOp>>): Mutant =>
  nodes((node) => ({ ...node, op: wrong[node.op as UnaryOp] ?? node.op }) as ExpressionNode);

const mutants: Readonly<Record<string, Mutant>> = {
  "masks are ignored at the end": inputs((view) => ({
    ...view,
    valid: view.valid?.map(([low], d) => [low, Math.min(view.shape[d] as number, low + 1)] as const),
  })),
  "outputs are always contiguous": (kernel) =>
    ({
      ...kernel,
      outputs: kernel.outputs.map((output) => ({
        ...output,
        strides:
          "shape" in kernel && kernel.kind !== "sort"
            ? contiguousStrides(kernel.shape.slice(0, output.strides.length))
            : output.strides,
      })),
    }) as Kernel,
  "floor for trunc": confuse({ trunc: "floor" }),
  "round for floor": confuse({ floor: "round" }),
  "or for xor": confuse({ xor: "or" }),
  "shl for shr": confuse({ shr: "shl" }),
  "max for min": confuse({ min: "max" }),
  "expm1 for exp": confuse({ exp: "expm1" }),
  "atan for tanh": confuse({ tanh: "atan" }),
  "comparisons with equality": nodes((node) => (node.op === "lt" ? { ...node, op: "le" } : node)),
  "casts do not round": nodes((node) =>
    node.op === "cast" && node.to === "float16" ? { ...node, to: "float32" } : node,
  ),
  "constants keep no sign": nodes((node) => (node.op === "constant" ? { ...node, value: Math.abs(node.value) } : node)),
  "argmax for argmin": nodes((node) =>
    node.op === "reduce" && node.reduction === "argmin" ? { ...node, reduction: "argmax" } : node,
  ),
  "any for all": nodes((node) =>
    node.op === "reduce" && node.reduction === "all" ? { ...node, reduction: "any" } : node,
  ),
  "positions from 0": nodes((node) => (node.op === "index" ? { ...node, view: { ...node.view, offset: 0 } } : node)),
  "padding on the other side": only("conv", (kernel) => ({
    ...kernel,
    padding: kernel.padding.map(([low, high]) => [high, low]),
  })),
  "padding is counted": only("pool", (kernel) => ({ ...kernel, countPadding: true })),
  "scans include": only("scan", (kernel) => ({ ...kernel, exclusive: false })),
  "scans go forward": only("scan", (kernel) => ({ ...kernel, reverse: false })),
  "sorts ascend": only("sort", (kernel) => ({ ...kernel, descending: false })),
  "scatter adds": only("scatter", (kernel) =>
    kernel.mode === "set" && kernel.outputs[0]?.dtype === "float32" ? { ...kernel, mode: "add" } : kernel,
  ),
  "every key is seen": only("attention", (kernel) => ({ ...kernel, causal: false })),
  "one mask for all of attention": only("attention", (kernel) => ({
    ...kernel,
    inputs: kernel.inputs.map((input, i) =>
      i < 3 ? input : { ...input, view: { ...input.view, strides: [0, 0, 0] } },
    ),
  })),
  "coordinates exchanged": only("gather", (kernel) => ({ ...kernel, coordinates: [...kernel.coordinates].reverse() })),
};

const reference = createReferenceBackend();
const cases = conformanceCases().filter(
  ({ kernel }) => !("shape" in kernel) || kernel.shape.reduce((a, b) => a * b, 1) < 5000,
);

/** A backend that runs another kernel than it is told to. */
const mutate = (mutant: Mutant): Backend => {
  const device = createReferenceBackend();
  return { ...device, prepare: (kernel) => device.prepare(mutant(kernel)) };
};

const differs = async (device: Backend, one: Case): Promise<boolean> => {
  const fixed = { ...one, inputs: one.inputs };
  const expected = await runCase(reference, fixed);
  const got = await runCase(device, fixed);
  return got.some((memory, i) => memory.some((x, k) => !Object.is(x, expected[i]?.[k])));
};

test.each(Object.entries(mutants))("%s", async (_, mutant) => {
  const device = mutate(mutant);
  const changed = cases.filter(({ kernel }) => kernelKey(mutant(kernel)) !== kernelKey(kernel));
  let caught = false;
  for (let i = 0; i < changed.length && !caught; i++) caught = await differs(device, changed[i] as Case);
  expect(caught).toBe(true);
});
