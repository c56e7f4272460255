import type { ConvKernel, GatherKernel, HostArray, KernelInput, MatmulKernel, PoolKernel } from "@gradloom/backend";
import { computeType, isFloat } from "@gradloom/backend";
import { elementAt, type Position, positionsOf } from "./positions.ts";

type Accumulating = MatmulKernel | ConvKernel | PoolKernel | GatherKernel;
type Reader = (position: Position) => number;

/** Rounds a sum to the type of an input. */
const finish = (input: KernelInput, terms: readonly number[]): number => {
  const type = computeType(input.dtype);
  if (type === "int32")
    return Number(
      BigInt.asIntN(
        32,
        terms.reduce((sum, x) => sum + BigInt(x), 0n),
      ),
    );
  const sum = terms.reduce((a, b) => a + b, 0);
  return type === "float32" ? Math.fround(sum) : sum;
};

const products = (input: KernelInput, pairs: readonly (readonly [number, number])[]): number =>
  computeType(input.dtype) === "int32"
    ? Number(
        BigInt.asIntN(
          32,
          pairs.reduce((sum, [a, b]) => sum + BigInt(a) * BigInt(b), 0n),
        ),
      )
    : finish(
        input,
        pairs.map(([a, b]) => a * b),
      );

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const matmul = ({ inputs: [x] }: MatmulKernel, [left, right]: Reader[]): Reader => {
  const k = (x as KernelInput).view.shape.at(-1) as number;
  return (position) => {
    const [batch, [i, j]] = [position.slice(0, -2), position.slice(-2) as [number, number]];
    return products(
      x as KernelInput,
      range(k).map((p) => [left!([...batch, i, p]), right!([...batch, p, j])]),
    );
  };
};

/** The input position under window position w of output position o. */
const under = (kernel: ConvKernel | PoolKernel, o: Position, w: Position): number[] =>
  o.map((at, d) => at * kernel.stride[d]! - kernel.padding[d]![0] + w[d]! * kernel.dilation[d]!);

const inside = (position: Position, shape: Position): boolean => position.every((i, d) => i >= 0 && i < shape[d]!);

const conv = (kernel: ConvKernel, [a, b]: Reader[]): Reader => {
  const [first, second] = kernel.inputs as [KernelInput, KernelInput];
  const { groups, direction } = kernel;
  const filterShape = direction === "weightGradient" ? kernel.shape : second.view.shape;
  const outShape =
    direction === "forward" ? kernel.shape : direction === "inputGradient" ? first.view.shape : second.view.shape;
  const [inner, cout] = filterShape.slice(-2) as [number, number];
  const outer = cout / groups;
  const windows = positionsOf(filterShape.slice(0, -2));
  const outs = positionsOf(outShape.slice(1, -1));
  if (direction === "forward") {
    return ([n, ...rest]) => {
      const [o, c] = [rest.slice(0, -1), rest.at(-1) as number];
      const g = Math.floor(c / outer);
      return products(
        first,
        windows.flatMap((w) =>
          range(inner).map((k) => [a!([n!, ...under(kernel, o, w), g * inner + k]), b!([...w, k, c])] as const),
        ),
      );
    };
  }
  if (direction === "inputGradient") {
    return ([n, ...rest]) => {
      const [i, channel] = [rest.slice(0, -1), rest.at(-1) as number];
      const g = Math.floor(channel / inner);
      return products(
        first,
        outs.flatMap((o) => {
          const w = i.map(
            (at, d) =>
              (at -
                under(
                  kernel,
                  o,
                  o.map(() => 0),
                )[d]!) /
              kernel.dilation[d]!,
          );
          if (!w.every(Number.isInteger) || !inside(w, filterShape)) return [];
          return range(outer).map(
            (k) => [a!([n!, ...o, g * outer + k]), b!([...w, channel - g * inner, g * outer + k])] as const,
          );
        }),
      );
    };
  }
  return (position) => {
    const [w, [k, c]] = [position.slice(0, -2), position.slice(-2) as [number, number]];
    const g = Math.floor(c / outer);
    return products(
      first,
      range(first.view.shape[0]!).flatMap((n) =>
        outs.map((o) => [a!([n, ...under(kernel, o, w), g * inner + k]), b!([n, ...o, c])] as const),
      ),
    );
  };
};

const pool = (kernel: PoolKernel, readers: Reader[]): Reader => {
  const operands = kernel.inputs.slice(0, kernel.mode === "max" ? 2 : 1) as KernelInput[];
  const forward = kernel.direction === "forward";
  const x = forward ? operands[0]!.view.shape : kernel.shape;
  const y = forward ? kernel.shape : operands.at(-1)!.view.shape;
  const spatial = x.slice(1, -1);
  const windows = positionsOf(kernel.window);
  const last = operands.at(-1) as KernelInput;
  const value = readers[operands.length - 1] as Reader;
  const covered = (o: Position): Position[] =>
    windows.map((w) => under(kernel, o, w)).filter((i) => inside(i, spatial));
  /** Where the window of one output has its largest element. */
  const winners = new Map<string, Position>();
  const winner = (n: number, o: Position, c: number): Position => {
    const key = [n, ...o, c].join();
    if (!winners.has(key)) {
      const places = covered(o);
      const list = places.map((i) => readers[0]!([n, ...i, c]));
      const strange = list.findIndex(Number.isNaN);
      winners.set(key, places[strange >= 0 ? strange : list.indexOf(Math.max(...list))] as Position);
    }
    return winners.get(key) as Position;
  };
  const divisor = (o: Position): number => (kernel.countPadding ? windows.length : covered(o).length);
  const outs = positionsOf(y.slice(1, -1));
  return ([n, ...rest]) => {
    const [at, c] = [rest.slice(0, -1), rest.at(-1) as number];
    if (forward && kernel.mode === "max") return value([n!, ...winner(n!, at, c), c]);
    if (forward) {
      const sum = covered(at)
        .map((i) => value([n!, ...i, c]))
        .reduce((p, q) => p + q, 0);
      return finish(last, [sum / divisor(at)]);
    }
    const same = (p: Position) => p.join() === at.join();
    const givers = outs.filter((o) => (kernel.mode === "max" ? same(winner(n!, o, c)) : covered(o).some(same)));
    return finish(
      last,
      givers.map((o) => value([n!, ...o, c]) / (kernel.mode === "max" ? 1 : divisor(o))),
    );
  };
};

const gather = (kernel: GatherKernel, readers: Reader[]): Reader => {
  const source = kernel.inputs[0] as KernelInput;
  return (position) => {
    const place = kernel.coordinates.map((coordinate, d) => {
      const index = "dim" in coordinate ? position[coordinate.dim]! : readers[coordinate.input]!(position);
      return index < 0 ? index + source.view.shape[d]! : index;
    });
    if (inside(place, source.view.shape)) return readers[0]!(place);
    return isFloat(source.dtype) ? Number.NaN : 0;
  };
};

/** What a kernel calculates at a position before its expression. */
export const accumulatorOf = (kernel: Accumulating, memories: readonly HostArray[]): Reader => {
  const readers = kernel.inputs.map(
    (input, i): Reader =>
      (position) =>
        elementAt(input, memories[i] as HostArray, position),
  );
  switch (kernel.kind) {
    case "matmul":
      return matmul(kernel, readers);
    case "conv":
      return conv(kernel, readers);
    case "pool":
      return pool(kernel, readers);
    case "gather":
      return gather(kernel, readers);
  }
};
