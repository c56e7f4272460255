import type { CustomKernel, Shape } from "@gradloom/backend";
import {
  contiguousStrides,
  contiguousView,
  formatShape,
  ShapeError,
  sizeOf,
  UnsupportedError,
} from "@gradloom/backend";
import type { Primitive } from "../../graph/primitive.ts";
import { definePrimitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { requireType } from "../operands.ts";

/** One batch element in row-major order. */
export interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Works on one batch element of one input, or of two, and fills the result, which is zeroed before. */
export type HostFunction<A> = (result: Float64Array, a: Matrix, b: Matrix, attributes: A) => void;

interface HostDefinition<A> {
  readonly name: string;
  /** The shape of one result from the shapes of one element of each input. */
  result(shapes: readonly Shape[], attributes: A): Shape;
  readonly compute: HostFunction<A>;
  readonly gradient: Primitive<A>["gradient"];
}

type Host = NonNullable<CustomKernel["host"]>;

/** Applies `compute` to each element of a batch. */
const overBatch =
  <A>(compute: HostFunction<A>, shapes: readonly Shape[], result: Shape, attributes: A): Host =>
  (inputs, outputs) => {
    const length = sizeOf(result);
    const output = outputs[0] as { readonly length: number; [index: number]: number };
    const matrices = shapes.map(([rows, columns]): Matrix => {
      const [m, n] = [rows as number, columns as number];
      return { values: new Float64Array(m * n), rows: m, columns: n };
    });
    const a = matrices[0] as Matrix;
    const b = matrices[matrices.length - 1] as Matrix;
    const value = new Float64Array(length);
    const count = length === 0 ? 0 : output.length / length;
    for (let element = 0; element < count; element++) {
      matrices.forEach(({ values }, k) => {
        const input = inputs[k] as ArrayLike<number>;
        const from = element * values.length;
        for (let i = 0; i < values.length; i++) values[i] = input[from + i] as number;
      });
      value.fill(0);
      compute(value, a, b, attributes);
      for (let i = 0; i < length; i++) output[element * length + i] = value[i] as number;
    }
  };

/**
 * A primitive that the host computes in float64, matrix by matrix, on devices whose memory it can address. All inputs are
 * [...batch, rows, columns] with one batch.
 */
export const hostPrimitive = <A>(definition: HostDefinition<A>): Primitive<A> => {
  const { name, result, compute, gradient } = definition;
  // One function per structure: kernels with one function share a program.
  const hosts = new Map<string, Host>();
  const template = (inputs: readonly Tensor[], attributes: A, shape: Shape) => {
    const shapes = inputs.map((x) => x.shape.slice(-2));
    const key = JSON.stringify([shapes, attributes]);
    let host = hosts.get(key);
    if (host === undefined) {
      host = overBatch(compute, shapes, result(shapes, attributes), attributes);
      hosts.set(key, host);
    }
    return { kind: "custom", name, shapes: [shape], scalars: [], host } as const;
  };
  return definePrimitive<A>({
    name,
    infer: (inputs, attributes) => {
      const [x] = inputs as [Tensor];
      const batch = x.shape.slice(0, -2);
      const shape = [
        ...batch,
        ...result(
          inputs.map((y) => y.shape.slice(-2)),
          attributes,
        ),
      ];
      const reason = x.device.backend.unsupported({
        ...template(inputs, attributes, shape),
        nodes: [],
        inputs: inputs.map(({ dtype, shape: own }) => ({ dtype, view: contiguousView(own) })),
        outputs: [{ dtype: x.dtype, strides: contiguousStrides(shape) }],
      } as CustomKernel);
      if (reason !== undefined) {
        throw new UnsupportedError(
          name,
          `runs on the host, which cannot reach ${x.device.name}: ${reason}`,
          'move the input with to("cpu")',
        );
      }
      return { shape, dtype: x.dtype };
    },
    lower: {
      kind: "kernel",
      fuses: false,
      contiguous: true,
      template: (attributes, { inputs, shape }) => template(inputs, attributes, shape),
    },
    gradient,
  });
};

/** Refuses anything but float32 or float64 matrices. */
export const requireMatrix = (op: string, x: Tensor): void => {
  requireType(op, x, (dtype) => dtype === "float32" || dtype === "float64", "float32 or float64");
  if (x.rank < 2) throw new ShapeError(op, `takes matrices [..., rows, columns], got ${formatShape(x.shape)}`);
};

export const requireSquare = (op: string, x: Tensor): void => {
  requireMatrix(op, x);
  if (x.shape[x.rank - 1] !== x.shape[x.rank - 2]) {
    throw new ShapeError(op, `takes square matrices, got ${formatShape(x.shape)}`);
  }
};
