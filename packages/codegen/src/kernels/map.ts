import {
  argsOf,
  collapse,
  type ExpressionNode,
  isMasked,
  type MapKernel,
  type NodeId,
  sizeOf,
} from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { ExpressionPrinter } from "../expression.ts";
import { address, unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { invocation, perWord, Source } from "../source.ts";

/** From this many elements on an invocation calculates several. */
const manyElements = 16384;
const longExpression = 150;

/** Elements of the last dimension that one invocation calculates. */
const elementsEach = ({ shape, nodes }: MapKernel): number => {
  const last = shape[shape.length - 1] ?? 1;
  return sizeOf(shape) >= manyElements && last % 4 === 0 && nodes.length < longExpression ? 4 : 1;
};

/** Outputs whose words one invocation writes whole. */
const ownsWords = ({ shape, outputs }: MapKernel, output: number, each: number): boolean => {
  const { strides, dtype, over } = outputs[output] as MapKernel["outputs"][number];
  const last = shape.length - 1;
  return (
    over === undefined &&
    perWord(dtype) > 1 &&
    each % perWord(dtype) === 0 &&
    strides[last] === 1 &&
    strides.every((stride, d) => d === last || stride % perWord(dtype) === 0)
  );
};

/** Nodes with one value for all positions of the last dimension. */
const invariant = ({ nodes, inputs, shape }: MapKernel): boolean[] => {
  const last = shape.length - 1;
  const result: boolean[] = [];
  for (const node of nodes) {
    const view = node.op === "load" ? inputs[node.input]?.view : node.op === "index" ? node.view : undefined;
    result.push(
      view === undefined
        ? argsOf(node).every((id) => result[id])
        : last < 0 || (view.strides[last] === 0 && !isMasked(view, last)),
    );
  }
  return result;
};

/** Nodes that the outputs depend on. */
const needed = (nodes: readonly ExpressionNode[], outputs: readonly { readonly node: NodeId }[]): boolean[] => {
  const result = new Array<boolean>(nodes.length).fill(false);
  for (const { node } of outputs) result[node] = true;
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (result[id]) for (const arg of argsOf(nodes[id] as ExpressionNode)) result[arg] = true;
  }
  return result;
};

/** Map kernels: an invocation for each element, or for four neighbours. */
export const compileMap = (original: MapKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const kernel = collapse(original);
  const { shape, outputs, nodes } = kernel;
  const count = sizeOf(shape);
  if (count === 0) return { passes: [], scratch: [] };
  const s = new Source(dialect, limits);
  const buffers = new Buffers(s, kernel);
  const each = elementsEach(kernel);
  const items = count / each;
  const workgroup = Math.min(limits.workgroup, items < manyElements ? 64 : 256);
  const id = s.let("uint32", `${invocation.group} * ${workgroup}u + ${invocation.local}`, "id");
  s.line(`if (${id} >= ${items}u) { return; }`);
  const last = shape.length - 1;
  const first = unravel(
    s,
    id,
    shape.map((n, d) => (d === last ? n / each : n)),
  );
  if (each > 1) first[last] = s.let("int32", `${first[last]} * ${each}`, "p");
  const hoisted = new ExpressionPrinter(s, kernel, buffers, { position: first });
  const used = needed(nodes, outputs);
  invariant(kernel).forEach((same, node) => {
    if (same && used[node]) hoisted.value(node);
  });
  const lanes = Array.from({ length: each }, (_, lane) => {
    const position = lane === 0 ? first : first.map((p, d) => (d === last ? s.let("int32", `${p} + ${lane}`, "p") : p));
    const printer = new ExpressionPrinter(s, kernel, buffers, { position }, hoisted.known);
    return { position, values: outputs.map(({ node }) => printer.value(node)) };
  });
  outputs.forEach(({ strides, dtype }, output) => {
    const whole = ownsWords(kernel, output, each);
    const memory = buffers.output(output, whole);
    if (!whole) {
      for (const { position, values } of lanes) {
        const place = address(strides, position);
        memory.store(/\W/.test(place) ? s.let("int32", place, "o") : place, values[output] as string);
      }
      return;
    }
    for (let lane = 0; lane < each; lane += perWord(dtype)) {
      const { position } = lanes[lane] as (typeof lanes)[number];
      const word = s.let("int32", `${address(strides, position)} / ${perWord(dtype)}`, "o");
      memory.storeWord(
        word,
        lanes.slice(lane, lane + perWord(dtype)).map(({ values }) => values[output] as string),
      );
    }
  });
  return { passes: [s.finish("map", workgroup, Math.ceil(items / workgroup))], scratch: [] };
};
