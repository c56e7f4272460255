import { type AttentionKernel, computeType, type KernelInput, sizeOf } from "@gradloom/backend";
import { upTo, type Work } from "../attention/exchange.ts";
import { inputMatrices } from "../attention/inputMatrices.ts";
import { laneExchange } from "../attention/laneExchange.ts";
import { maskScores } from "../attention/maskScores.ts";
import { type AttentionSizes, choosePlan, partsOf } from "../attention/plan.ts";
import { RunningSoftmax } from "../attention/runningSoftmax.ts";
import { sharedExchange } from "../attention/sharedExchange.ts";
import { storeResults } from "../attention/storeResults.ts";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { invocation, Source } from "../source.ts";

/**
 * Attention in one pass (Dao, "FlashAttention-2", 2023): a workgroup keeps a tile of queries and goes through the keys and values tile by
 * tile, with a softmax that is corrected as larger scores come. Tiles that no row of a causal attention sees are left out.
 */
export const compileAttention = (kernel: AttentionKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { shape, inputs, results, causal } = kernel;
  const batchShape = shape.slice(0, -2);
  const [count, width] = shape.slice(-2) as [number, number];
  const [keyCount, depth] = (inputs[1] as KernelInput).view.shape.slice(-2) as [number, number];
  const withValues = results.includes("values") && width > 0;
  if (sizeOf(batchShape) * count === 0 || !(withValues || results.includes("logSumExp"))) {
    return { passes: [], scratch: [] };
  }
  const type = computeType((inputs[0] as KernelInput).dtype);
  const quads = (elements: number): number => Math.ceil(elements / 4);
  const sizes: AttentionSizes = {
    queries: count,
    depth: quads(depth),
    width: withValues ? quads(width) : 0,
  };
  const plan = choosePlan(sizes, type === "float64" ? 8 : 4, limits);
  const [height, span] = [plan.groups * plan.rows, plan.lanes * plan.keys];
  const parts = partsOf(plan, sizes);
  const grid = [sizeOf(batchShape), parts, Math.ceil(count / height)];

  const s = new Source(dialect, limits);
  const groups = sizeOf(grid);
  if (groups > limits.groups) s.line(`if (${invocation.group} >= ${groups}u) { return; }`);
  const [element, part, tile] = unravel(s, invocation.group, grid) as [string, string, string];
  const batch = unravel(s, s.let("uint32", dialect.toUint(element), "batch"), batchShape);
  const local = s.let("int32", dialect.toInt(invocation.local), "local");
  const group = plan.groups === 1 ? "0" : s.let("int32", `${local} / ${plan.lanes}`, "group");
  const lane = plan.groups === 1 ? local : s.let("int32", `${local} % ${plan.lanes}`, "lane");
  const firstQuery = s.let("int32", `${tile} * ${height}`, "first");
  const firstQuad = parts === 1 ? "0" : s.let("int32", `${part} * ${plan.lanes * plan.quads}`, "first");

  const buffers = new Buffers(s, kernel);
  const matrix = inputMatrices(s, kernel, buffers, batch);
  const work: Work = {
    plan,
    type,
    queries: matrix(0),
    keys: matrix(1),
    values: withValues ? matrix(2) : undefined,
    mask: inputs.length > 3 ? matrix(3) : undefined,
    batch,
    rows: upTo(plan.rows).map((i) => s.let("int32", `${firstQuery} + ${group} * ${plan.rows} + ${i}`, "row")),
    firstQuery,
    firstQuad,
    local,
    group,
    lane,
  };
  const exchange = plan.kind === "lane" ? laneExchange(s, work) : sharedExchange(s, work);
  const softmax = new RunningSoftmax(s, work);
  const zeros = (length: number): string[] =>
    upTo(length).map(() => s.variable(type, dialect.constant(type, 0, s.use), "sum"));
  const sums = work.rows.map(() => (withValues ? zeros(4 * plan.quads) : []));
  const end = causal ? s.let("int32", `min(${firstQuery} + ${height}, ${keyCount})`, "end") : keyCount;
  s.for(
    0,
    end,
    (first) => {
      const scores = work.rows.map(() => zeros(plan.keys));
      exchange.score(first, scores);
      maskScores(s, kernel, work, first, scores);
      softmax.take(scores, sums);
      exchange.weigh(first, scores, sums);
    },
    span,
  );
  storeResults(s, kernel, work, buffers, softmax, sums);
  return { passes: [s.finish("attention", plan.groups * plan.lanes, groups)], scratch: [] };
};
