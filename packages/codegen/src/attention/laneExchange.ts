import { clamped } from "../position.ts";
import type { Source } from "../source.ts";
import { addProduct, atRunTime, type Exchange, upTo, type Work } from "./exchange.ts";
import type { Matrix } from "./matrix.ts";

/** By broadcasts: a lane reads its own keys and columns; queries and weights that others hold come from their lanes. */
export const laneExchange = (s: Source, work: Work): Exchange => {
  const { plan, queries, keys, values, firstQuery, firstQuad, lane } = work;
  const { lanes, rows } = plan;
  s.enable("subgroups");
  const held = upTo(Math.ceil(rows / lanes)).map((slot) =>
    clamped(s, `${firstQuery} + ${lane}${slot === 0 ? "" : ` + ${slot * lanes}`}`, queries.lines),
  );

  const columns = upTo(values === undefined ? 0 : plan.quads).map((t) =>
    clamped(s, `${firstQuad} + ${lane}${t === 0 ? "" : ` + ${t * lanes}`}`, (values as Matrix).quads),
  );

  const score: Exchange["score"] = (first, scores) => {
    const key = clamped(s, `${first} + ${lane}`, keys.lines);
    s.for(0, atRunTime(s, queries.quads), (quad) => {
      const mine = keys.quad(key, quad);
      const theirs = held.map((row) => queries.quad(row, quad));
      mine.forEach((y, c) => {
        scores.forEach(([sum], i) => {
          const x = s.dialect.broadcast(theirs[Math.floor(i / lanes)]?.[c] as string, i % lanes);
          addProduct(s, sum as string, x, y);
        });
      });
    });
  };

  const weigh: Exchange["weigh"] = (first, weights, sums) => {
    if (values === undefined) return;
    const block = upTo(lanes).map((other) => {
      const key = clamped(s, `${first} + ${other}`, values.lines);
      return columns.flatMap((quad) => values.quad(key, quad));
    });
    // Row by row, so that its sums stay in registers.
    weights.forEach(([weight], i) => {
      block.forEach((elements, other) => {
        const x = s.let(work.type, s.dialect.broadcast(weight as string, other), "x");
        elements.forEach((y, column) => {
          addProduct(s, sums[i]?.[column] as string, x, y);
        });
      });
    });
  };
  return { score, weigh };
};
