import {
  computeType,
  type DType,
  type ExpressionNode,
  isMasked,
  type KernelInput,
  type KernelOutput,
  type MatmulKernel,
  permuteView,
  type Shape,
  sizeOf,
  type View,
} from "@gradloom/backend";
import type { AccumulatorType } from "./matmulElement.ts";

/** One of the two matrices, as strides in elements. */
export interface Operand {
  /** Which input it is. */
  readonly input: number;
  readonly dtype: DType;
  readonly offset: number;
  readonly batch: readonly number[];
  /** Along the result's rows (left) or columns (right). */
  readonly outer: number;
  /** Along the dimension that is summed over. */
  readonly inner: number;
  /** Set where elements have to be converted or filled in with zeros: the view to copy from, and the operand is the copy. */
  readonly copyOf: View | undefined;
}

/** What follows on the product: expression, further inputs and outputs over [...batch, m, n]. */
export interface Epilogue {
  readonly shape: Shape;
  readonly inputs: readonly KernelInput[];
  readonly nodes: readonly ExpressionNode[];
  readonly outputs: readonly KernelOutput[];
}

/** A matrix product brought into the form that the kernels compute: batch x (m x k) (k x n). */
export interface MatmulProblem {
  readonly type: AccumulatorType;
  readonly batch: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly left: Operand;
  readonly right: Operand;
  readonly epilogue: Epilogue;
}

const operand = ({ dtype, view }: KernelInput, input: number, type: AccumulatorType, swap: boolean): Operand => {
  const rank = view.shape.length;
  const masked = view.shape.some((_, d) => isMasked(view, d));
  if (dtype === type && !masked) {
    const [rows, columns] = view.strides.slice(-2) as [number, number];
    const [outer, inner] = swap ? [columns, rows] : [rows, columns];
    return { input, dtype, offset: view.offset, batch: view.strides.slice(0, -2), outer, inner, copyOf: undefined };
  }
  // The copy has no more batches than the view has different ones, and the order of the view's dimensions in memory.
  const shape = view.shape.map((n, d) => (d < rank - 2 && view.strides[d] === 0 && !isMasked(view, d) ? 1 : n));
  const flip = Math.abs(view.strides[rank - 2] as number) < Math.abs(view.strides[rank - 1] as number);
  const axes = shape.map((_, d) => (flip && d >= rank - 2 ? 2 * rank - 3 - d : d));
  const strides: number[] = new Array(rank).fill(0);
  let stride = 1;
  for (const d of [...axes].reverse()) {
    strides[d] = shape[d] === 1 ? 0 : stride;
    stride *= shape[d] as number;
  }
  const [rows, columns] = strides.slice(-2) as [number, number];
  const [outer, inner] = swap ? [columns, rows] : [rows, columns];
  const source = {
    ...view,
    shape,
    strides: view.strides.map((s, d) => (shape[d] === 1 && view.shape[d] !== 1 ? 0 : s)),
  };
  const valid = view.valid?.map((range, d) => (shape[d] === view.shape[d] ? range : ([0, 1] as const)));
  const copyOf = permuteView({ ...source, valid }, axes);
  return { input, dtype, offset: 0, batch: strides.slice(0, -2), outer, inner, copyOf };
};

/** Swaps the last two dimensions. */
const transposeEpilogue = ({ shape, inputs, nodes, outputs }: Epilogue): Epilogue => {
  const rank = shape.length;
  const axes = shape.map((_, d) => (d < rank - 2 ? d : 2 * rank - 3 - d));
  const turn = (view: View): View => (view.shape.length === rank ? permuteView(view, axes) : view);
  return {
    shape: axes.map((d) => shape[d] as number),
    inputs: inputs.map((input) => ({ ...input, view: turn(input.view) })),
    nodes: nodes.map((node) => (node.op === "index" ? { ...node, view: turn(node.view) } : node)),
    outputs: outputs.map((output) => ({ ...output, strides: axes.map((d) => output.strides[d] as number) })),
  };
};

/** Whether a view steps over dimension `d` in whole runs of the next one. */
const runs = (shape: Shape, strides: readonly number[], d: number): boolean =>
  shape[d] === 1 || shape[d + 1] === 1 || strides[d] === (strides[d + 1] as number) * (shape[d + 1] as number);

const joined = (shape: Shape, strides: readonly number[], d: number): number[] =>
  strides.flatMap((stride, i) =>
    i === d ? [] : i === d + 1 ? [shape[d + 1] === 1 ? (strides[d] as number) : stride] : [stride],
  );

/** Joins the last dimension of the batch with the rows, where the right matrix is the same for all of it and nothing else minds. */
const joinBatch = (problem: MatmulProblem): MatmulProblem => {
  const { batch, left, right, epilogue } = problem;
  const d = batch.length - 1;
  if (d < 0) return problem;
  const { shape } = epilogue;
  const isOver = (view: View): boolean => view.shape.length === shape.length;
  const views = [
    ...epilogue.inputs.map(({ view }) => view).filter(isOver),
    ...epilogue.nodes.flatMap((node) => (node.op === "index" ? [node.view] : [])),
  ];
  const possible =
    (right.batch[d] === 0 || batch[d] === 1) &&
    runs([...batch, problem.m], [...left.batch, left.outer], d) &&
    views.every((view) => runs(shape, view.strides, d) && !isMasked(view, d) && !isMasked(view, d + 1)) &&
    epilogue.outputs.every(({ strides }) => runs(shape, strides, d));
  if (!possible) return problem;
  const rows = (batch[d] as number) * problem.m;
  const newShape = [...shape.slice(0, d), rows, problem.n];
  const join = (view: View): View =>
    !isOver(view)
      ? view
      : {
          shape: newShape,
          strides: joined(shape, view.strides, d),
          offset: view.offset,
          valid: view.valid && [...view.valid.slice(0, d), [0, rows], view.valid[d + 2] as readonly [number, number]],
        };
  return joinBatch({
    ...problem,
    batch: batch.slice(0, -1),
    m: rows,
    left: {
      ...left,
      batch: left.batch.slice(0, -1),
      outer: joined([...batch, problem.m], [...left.batch, left.outer], d)[d] as number,
    },
    right: { ...right, batch: right.batch.slice(0, -1) },
    epilogue: {
      shape: newShape,
      inputs: epilogue.inputs.map((input) => ({ ...input, view: join(input.view) })),
      nodes: epilogue.nodes.map((node) => (node.op === "index" ? { ...node, view: join(node.view) } : node)),
      outputs: epilogue.outputs.map((output) => ({ ...output, strides: joined(shape, output.strides, d) })),
    },
  });
};

/** Fewer columns than this make thin tiles; then the rows take their place. */
const thin = 8;

/** Vectors should run along what is contiguous in the outputs, and along the longer side of a thin matrix. */
const shouldTranspose = ({ shape, outputs }: MatmulKernel): boolean => {
  const [m, n] = shape.slice(-2) as [number, number];
  if (Math.min(m, n) < thin && m !== n) return n < m;
  const strides = outputs[0]?.strides.slice(-2) ?? [];
  return Math.abs(strides[0] ?? 1) === 1 && strides[1] !== 1 && m > 1;
};

export const matmulProblem = (kernel: MatmulKernel): MatmulProblem => {
  const { shape, inputs, nodes, outputs } = kernel;
  const [x, w] = inputs as [KernelInput, KernelInput];
  const type = computeType(x.dtype) as AccumulatorType;
  const [m, n] = shape.slice(-2) as [number, number];
  const swap = shouldTranspose(kernel);
  // Seen from the transposed result, the right matrix stands on the left: its columns are the rows.
  const left = swap ? operand(w, 1, type, true) : operand(x, 0, type, false);
  const right = swap ? operand(x, 0, type, false) : operand(w, 1, type, true);
  const epilogue: Epilogue = { shape, inputs, nodes, outputs };
  return joinBatch({
    type,
    batch: shape.slice(0, -2),
    m: swap ? n : m,
    n: swap ? m : n,
    k: x.view.shape.at(-1) as number,
    left,
    right,
    epilogue: swap ? transposeEpilogue(epilogue) : epilogue,
  });
};

/** Number of matrix products. */
export const batchSize = ({ batch }: MatmulProblem): number => sizeOf(batch);
