import type { ExpressionNode, FusedKernel, HostArray, KernelInput, NodeId, View } from "@gradloom/backend";
import { argsOf, binaryOps, comparisonOps, threefry2x32, unaryOps } from "@gradloom/backend";
import { accumulatorOf } from "./accumulators.ts";
import { elementAt, type Position, positionsOf } from "./positions.ts";
import { binary, cast, compareValues, fold, unary } from "./scalars.ts";

const isOneOf = <T extends string>(list: readonly T[], op: string): op is T => (list as readonly string[]).includes(op);

const bitsAs = (from: string, to: string, x: number): number => {
  const arrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
  const word = arrays[from as keyof typeof arrays].of(x);
  return new arrays[to as keyof typeof arrays](word.buffer)[0] as number;
};

const indexAt = (view: View, position: Position): number => {
  const missing = view.valid?.some(([low, high], d) => position[d]! < low || position[d]! >= high);
  return missing ? 0 : view.offset + position.reduce((sum, i, d) => sum + i * view.strides[d]!, 0);
};

/** The outputs of a kernel with an expression, each position calculated for itself by recursion. */
export const expressionOracle = (
  kernel: FusedKernel,
  memories: readonly HostArray[],
  scalars: readonly number[],
): number[][] => {
  const reduced = "reduced" in kernel ? kernel.reduced : 0;
  const leading = kernel.shape.length - reduced;
  const tails = positionsOf(kernel.shape.slice(leading));
  const accumulator =
    kernel.kind === "map" || kernel.kind === "reduce" || kernel.kind === "row"
      ? undefined
      : accumulatorOf(kernel, memories);
  const folded = new Map<string, number>();

  const value = (id: NodeId, position: Position, known: Map<NodeId, number>): number => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const node = kernel.nodes[id] as ExpressionNode;
    const result =
      node.op === "reduce"
        ? reduce(id, node, position)
        : evaluate(
            node,
            position,
            argsOf(node).map((arg) => value(arg, position, known)),
          );
    known.set(id, result);
    return result;
  };

  const reduce = (id: NodeId, node: ExpressionNode & { op: "reduce" }, position: Position): number => {
    const lead = position.slice(0, leading);
    const key = `${id}:${lead.join()}`;
    if (!folded.has(key)) {
      const list = tails.map((tail) => value(node.args[0], [...lead, ...tail], new Map()));
      folded.set(key, fold(node.reduction, (kernel.nodes[node.args[0]] as ExpressionNode).type, list));
    }
    return folded.get(key) as number;
  };

  const evaluate = (
    node: Exclude<ExpressionNode, { op: "reduce" }>,
    position: Position,
    args: readonly number[],
  ): number => {
    const [a, b, c, d] = args as [number, number, number, number];
    switch (node.op) {
      case "constant":
        return node.type === "float32" ? Math.fround(node.value) : node.value;
      case "scalar":
        return node.type === "float32" ? Math.fround(scalars[node.slot]!) : scalars[node.slot]!;
      case "load":
        return elementAt(kernel.inputs[node.input] as KernelInput, memories[node.input] as HostArray, position);
      case "index":
        return indexAt(node.view, position);
      case "accumulator":
        return accumulator!(position);
      case "select":
        return a === 1 ? b : c;
      case "cast":
        return cast(node.to, a);
      case "bitcast":
        return bitsAs(kernel.nodes[node.args[0]]!.type, node.type, a);
      case "threefry":
        return threefry2x32(a, b, c, d)[0];
      default:
        if (isOneOf(unaryOps, node.op)) return unary(node.op, node.type, a);
        if (isOneOf(binaryOps, node.op)) return binary(node.op, node.type, a, b);
        if (isOneOf(comparisonOps, node.op)) return compareValues(node.op, a, b);
        throw new Error(node.op satisfies never);
    }
  };

  return kernel.outputs.map(({ node, strides }) => {
    // A kept position stands for any of its row; its kept values need none of it.
    const rest = strides.length === leading ? new Array<number>(reduced).fill(0) : [];
    return positionsOf(kernel.shape.slice(0, strides.length)).map((p) => value(node, [...p, ...rest], new Map()));
  });
};
