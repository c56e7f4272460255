import type { Source } from "../source.ts";
import { addProduct, atRunTime, type Block, components, type Exchange, quadType, upTo, type Work } from "./exchange.ts";
import type { Matrix } from "./matrix.ts";
import { pitch, tileQuads } from "./plan.ts";

/** Lines of quads that are copied to shared memory: `count` from line `first` on, `width` quads from quad `quad` on. */
interface Copy {
  readonly matrix: Matrix;
  readonly first: string;
  readonly count: number;
  readonly quad: string;
  readonly width: number;
}

/** Through shared memory: the queries of the workgroup, one tile of keys and then of values, and the weights. */
export const sharedExchange = (s: Source, work: Work): Exchange => {
  const { plan, type, queries, keys, values, firstQuery, firstQuad, local, group, lane } = work;
  const { groups, lanes, rows, depth } = plan;
  const height = groups * rows;
  const width = lanes * plan.keys;
  const quad = quadType(type);
  const array = (quads: number, name: string): string => s.shared(quad, Math.max(1, quads), name);
  const queryTile = array(height * pitch(depth), "queries");
  const tile = array(tileQuads(plan), "tile");
  const weightTile = array(height * pitch(lanes), "weights");
  const ownRows = upTo(rows).map((i) => s.let("int32", `${group} * ${rows} + ${i}`, "r"));

  /** Copies lines; what is not in the matrix is 0. */
  const copy = (to: string, apart: number, { matrix, first, count, quad: from, width: across }: Copy): void =>
    s.for(
      local,
      count * across,
      (i) => {
        const [line, place] = [s.let("int32", `${i} / ${across}`, "line"), s.let("int32", `${i} % ${across}`, "quad")];
        const row = s.let("int32", `${first} + ${line}`, "row");
        const at = from === "0" ? place : s.let("int32", `${from} + ${place}`, "at");
        const conditions = [
          ...(matrix.lines % count === 0 ? [] : [`${row} < ${matrix.lines}`]),
          ...(matrix.quads % across === 0 ? [] : [`${at} < ${matrix.quads}`]),
        ];
        const elements = matrix.quad(row, at, conditions.length === 0 ? undefined : conditions.join(" && "));
        s.line(`${to}[${line} * ${apart} + ${place}] = ${s.dialect.vector(quad, elements)};`);
      },
      groups * lanes,
    );
  const copyQueries = (from: string): void =>
    copy(queryTile, pitch(depth), { matrix: queries, first: firstQuery, count: height, quad: from, width: depth });
  const isWhole = depth === queries.quads;
  if (isWhole && depth > 0) copyQueries("0");

  const multiply = (scores: Block): void =>
    s.for(0, atRunTime(s, depth), (at) => {
      const a = ownRows.map((row) => s.let(quad, `${queryTile}[${row} * ${pitch(depth)} + ${at}]`, "a"));
      const b = upTo(plan.keys).map((j) => {
        const key = j === 0 ? lane : `(${lane} + ${j * lanes})`;
        return s.let(quad, `${tile}[${key} * ${pitch(depth)} + ${at}]`, "b");
      });
      for (const c of components) {
        a.forEach((x, i) => {
          b.forEach((y, j) => {
            addProduct(s, scores[i]?.[j] as string, `${x}.${c}`, `${y}.${c}`);
          });
        });
      }
    });

  const score: Exchange["score"] = (first, scores) => {
    const chunk = (from: string): void => {
      s.barrier();
      if (!isWhole) copyQueries(from);
      copy(tile, pitch(depth), { matrix: keys, first, count: width, quad: from, width: depth });
      s.barrier();
      multiply(scores);
    };
    if (depth === 0) s.barrier();
    else if (isWhole) chunk("0");
    else s.for(0, queries.quads, chunk, depth);
  };

  const weigh: Exchange["weigh"] = (first, weights, sums) => {
    if (values === undefined) return;
    const across = lanes * plan.quads;
    weights.forEach((row, i) => {
      s.line(`${weightTile}[${ownRows[i]} * ${pitch(lanes)} + ${lane}] = ${s.dialect.vector(quad, row)};`);
    });
    s.barrier();
    copy(tile, across, { matrix: values, first, count: width, quad: firstQuad, width: across });
    s.barrier();
    s.for(0, atRunTime(s, lanes), (other) => {
      const a = ownRows.map((row) => s.let(quad, `${weightTile}[${row} * ${pitch(lanes)} + ${other}]`, "a"));
      components.forEach((c, j) => {
        const key = j === 0 ? other : `(${other} + ${j * lanes})`;
        upTo(plan.quads).forEach((t) => {
          const b = s.let(quad, `${tile}[${key} * ${across} + ${lane}${t === 0 ? "" : ` + ${t * lanes}`}]`, "b");
          components.forEach((column, u) => {
            a.forEach((x, i) => {
              addProduct(s, sums[i]?.[4 * t + u] as string, `${x}.${c}`, `${b}.${column}`);
            });
          });
        });
      });
    });
  };
  return { score, weigh };
};
