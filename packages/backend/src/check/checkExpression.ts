import type { ComputeType } from "../dtype.ts";
import { computeType, isDType } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type { BinaryOp, ComparisonOp, ExpressionNode, UnaryOp } from "../expression.ts";
import { argsOf } from "../expression.ts";
import type { FusedKernel } from "../kernel.ts";
import { binaryTypes, bitcastTypes, comparisonTypes, reductionTypes, unaryTypes } from "../operands.ts";
import { formatShape, sameShape } from "../shape.ts";
import { checkView } from "./checkPlaces.ts";

/** What nodes may be in an expression beside the ordinary ones. */
interface Allowed {
  readonly accumulator?: ComputeType;
  readonly reduces?: boolean;
}

const operandTypes: Readonly<Record<UnaryOp | BinaryOp | ComparisonOp, readonly ComputeType[]>> = {
  ...unaryTypes,
  ...binaryTypes,
  ...comparisonTypes,
};

/** Constants of floats are rounded, others must fit. */
const holds: Readonly<Record<ComputeType, (value: number) => boolean>> = {
  float32: () => true,
  float64: () => true,
  int32: (value) => Object.is(value, value | 0),
  uint32: (value) => Object.is(value, value >>> 0),
  bool: (value) => value === 0 || value === 1,
};

/** Types of the arguments that a node should have; undefined when its own type is impossible. */
const expected = (
  kernel: FusedKernel,
  node: ExpressionNode,
  given: readonly ComputeType[],
  allowed: Allowed,
): readonly ComputeType[] | undefined => {
  const { type } = node;
  const first = given[0] as ComputeType;
  switch (node.op) {
    case "constant":
      return holds[type](node.value) ? [] : undefined;
    case "scalar":
      return kernel.scalars[node.slot] === type ? [] : undefined;
    case "load": {
      const input = kernel.inputs[node.input];
      return input && computeType(input.dtype) === type ? [] : undefined;
    }
    case "index":
      return type === "int32" ? [] : undefined;
    case "accumulator":
      return allowed.accumulator === type ? [] : undefined;
    case "cast":
      return isDType(node.to) && computeType(node.to) === type ? [first] : undefined;
    case "bitcast":
      return (bitcastTypes as readonly string[]).includes(type) && (bitcastTypes as readonly string[]).includes(first)
        ? [first]
        : undefined;
    case "select":
      return ["bool", type, type];
    case "threefry":
      return type === "uint32" ? [type, type, type, type] : undefined;
    case "reduce": {
      const types: readonly ComputeType[] = reductionTypes[node.reduction];
      const positions = node.reduction === "argmax" || node.reduction === "argmin";
      return allowed.reduces && types.includes(first) && type === (positions ? "int32" : first) ? [first] : undefined;
    }
    default: {
      if (!operandTypes[node.op]?.includes(first)) return undefined;
      if (type !== (node.op in comparisonTypes ? "bool" : first)) return undefined;
      return node.args.map(() => first);
    }
  }
};

/** Checks nodes in order: arguments come first, types fit, loads and indices cover the kernel's shape; then the outputs' types. */
export const checkExpression = (op: string, kernel: FusedKernel, allowed: Allowed): void => {
  kernel.nodes.forEach((node, id) => {
    const args = argsOf(node);
    const name = `node ${id} (${node.op})`;
    if (args.some((arg) => !Number.isInteger(arg) || arg < 0 || arg >= id)) {
      throw new ArgumentError(op, `${name} takes nodes [${args.join(",")}]`, "arguments must come earlier in the list");
    }
    const given = args.map((arg) => (kernel.nodes[arg] as ExpressionNode).type);
    const types = expected(kernel, node, given, allowed);
    if (types === undefined || types.length !== given.length || types.some((type, i) => type !== given[i])) {
      throw new DTypeError(op, `${name} cannot be ${node.type} from (${given.join(", ")})`);
    }
    const view = node.op === "load" ? kernel.inputs[node.input]?.view : node.op === "index" ? node.view : undefined;
    if (view === undefined) return;
    if (node.op === "index") checkView(op, name, view);
    if (!sameShape(view.shape, kernel.shape)) {
      throw new ShapeError(
        op,
        `${name} has a view of shape ${formatShape(view.shape)} in a kernel of shape ${formatShape(kernel.shape)}`,
      );
    }
  });
  kernel.outputs.forEach(({ node, dtype }, i) => {
    const type = kernel.nodes[node]?.type;
    if (type === undefined || !isDType(dtype) || computeType(dtype) !== type) {
      throw new DTypeError(op, `output ${i} stores node ${node} of type ${type} as ${dtype}`);
    }
  });
};
