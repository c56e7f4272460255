import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { DType, Tensor } from "@gradloom/tensor";
import { tensor, useDevice, Variable } from "@gradloom/tensor";

export const devices = ["reference", "cpu"] as const;

/** The CPU, or a fresh reference device. */
export const open = (name: (typeof devices)[number] = "reference") =>
  useDevice(name === "cpu" ? name : createReferenceBackend());

const table = (rows: number, columns: number, f: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => f(i, j)));

/** Linear regression with a matrix `a` and a vector `b`, as fixtures/pytorch.py has it. */
export const problem = (dtype: DType) => {
  const a = new Variable(
    tensor(
      table(2, 3, (i, j) => 0.5 * Math.sin(1 + 5 * i + j)),
      { dtype },
    ),
    { name: "a" },
  );
  const b = new Variable(tensor([0.1, -0.2, 0.3], { dtype }), { name: "b" });
  const x = tensor(
    table(4, 2, (i, j) => Math.sin(3 * i + j)),
    { dtype },
  );
  const y = tensor(
    table(4, 3, (i, j) => Math.cos(2 * i - j)),
    { dtype },
  );
  const lossAt = (p: Tensor, q: Tensor): Tensor => x.matmul(p).add(q).sub(y).square().mean();
  const loss = (): Tensor => lossAt(a.value, b.value);
  return { a, b, x, y, loss, gradients: () => gradients(loss(), [a, b]) };
};

/** The elements of several variables in one list. */
export const numbersIn = async (...list: readonly (Variable | Tensor)[]): Promise<number[]> => {
  const values = await Promise.all(list.map((each) => (each instanceof Variable ? each.value : each).data()));
  return values.flatMap((each) => [...each].map(Number));
};

/** The largest difference, relative to the numbers where they are large. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length
    ? Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number)) / Math.max(1, Math.abs(x))))
    : Number.POSITIVE_INFINITY;
