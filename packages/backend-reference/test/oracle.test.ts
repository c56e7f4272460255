import type { Kernel } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import { type Case, compare, conformanceCases, elementsInOrder, encode, runCase } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { expressionOracle } from "./oracle/expression.ts";
import { plainOracles } from "./oracle/plain.ts";

// The reference backend cannot be compared with itself: here every kernel of the suite is calculated once more, each element from
// the words of the contract, without loops over blocks, strides or passes.

/** Steps that the slow way takes, roughly. */
const workOf = (kernel: Kernel): number => {
  if (kernel.kind === "custom") return 0;
  const size = sizeOf(kernel.shape);
  if (kernel.kind === "matmul") return size * (kernel.inputs[0]?.view.shape.at(-1) ?? 0);
  if (kernel.kind === "scan") return size * (kernel.shape[kernel.axis] ?? 0);
  if (kernel.kind === "sort") return size * (kernel.shape.at(-1) ?? 0);
  if (kernel.kind === "attention") return (size * (kernel.inputs[1]?.view.shape.at(-2) ?? 0)) / 16;
  if (kernel.kind === "conv") return (size * sizeOf(kernel.inputs[1]?.view.shape ?? [])) / 4;
  return size;
};

const most = 20000;

const oracle = (one: Case): number[][] | undefined => {
  const { kernel, inputs, scalars } = one;
  switch (kernel.kind) {
    case "custom":
      return undefined;
    case "scatter":
    case "scan":
    case "sort":
    case "attention":
      return plainOracles[kernel.kind](kernel as never, inputs);
    default:
      return expressionOracle(kernel, inputs, scalars);
  }
};

const device = createReferenceBackend();
// Numerical integration does not reach the last digits of erf; stored values do.
const cases = conformanceCases().filter(
  ({ name, kernel }) => kernel.kind !== "custom" && workOf(kernel) <= most && !name.startsWith("scalar/erf/float64"),
);

test("few cases are too long for the slow way", () => {
  expect(conformanceCases().length - cases.length).toBeLessThan(150);
});

test.each(cases.map((one) => [one.name, one] as const))("%s", async (_, lazy) => {
  const one = { ...lazy, inputs: lazy.inputs };
  const expected = oracle(one) as number[][];
  const memories = await runCase(device, one);
  // Other formulas round otherwise in the last place.
  const tolerance = one.tolerance.ulps > 0 ? { ulps: 4, absolute: 4 } : one.tolerance;
  expected.forEach((values, i) => {
    const { dtype } = one.kernel.outputs[i] as Kernel["outputs"][number];
    const got = elementsInOrder(one.kernel, i, memories[i] as (typeof memories)[number]);
    compare(`output ${i}`, dtype, got, encode(dtype, values), tolerance, false);
  });
});
