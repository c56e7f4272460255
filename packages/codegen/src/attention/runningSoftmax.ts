import type { ComputeType } from "@gradloom/backend";
import type { Source } from "../source.ts";
import { type Block, upTo, type Work } from "./exchange.ts";
import { mergeLanes } from "./mergeLanes.ts";

/**
 * Softmax of rows that come in tiles (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018): weights are relative to
 * the largest score so far, and what was added up before is scaled when a larger one comes.
 */
export class RunningSoftmax {
  readonly #source: Source;
  readonly #work: Work;
  /** The largest scores: the lowest finite number where nothing was seen, so that no difference is of two infinities. */
  readonly #most: readonly string[];
  /** Sums of the weights, each lane's own ones. */
  readonly #sums: readonly string[];

  constructor(s: Source, work: Work) {
    const { plan, type } = work;
    const variables = (start: number): string[] =>
      upTo(plan.rows).map(() => s.variable(type, s.dialect.constant(type, start, s.use), "state"));
    this.#source = s;
    this.#work = work;
    this.#most = variables(-largest(type));
    this.#sums = variables(0);
  }

  /** Turns the scores of a tile into weights, and scales `sums` of earlier weights to match. */
  take(scores: Block, sums: Block): void {
    const s = this.#source;
    const { type } = this.#work;
    const exp = (x: string): string => s.let(type, s.dialect.unary("exp", type, s.let(type, x), s.use), "e");
    const tops = scores.map((row, i) => {
      const top = s.variable(type, this.#most[i], "top");
      for (const score of row) s.line(`${top} = max(${top}, ${score});`);
      return top;
    });
    mergeLanes(s, this.#work, tops, (a, b) => `max(${a}, ${b})`);
    scores.forEach((row, i) => {
      const [most, sum, top] = [this.#most[i], this.#sums[i], tops[i]];
      const factor = exp(`${most} - ${top}`);
      s.line(`${most} = ${top};`);
      for (const each of [sum, ...(sums[i] as readonly string[])]) s.line(`${each} = ${each} * ${factor};`);
      for (const score of row) {
        s.line(`${score} = ${exp(`${score} - ${top}`)};`);
        s.line(`${sum} = ${sum} + ${score};`);
      }
    });
  }

  /** Per row: the sum of all weights, whether there were none, and the logarithm of the sum of the scores' exponentials. */
  finish(): { readonly total: string; readonly empty: string; logSumExp(): string }[] {
    const s = this.#source;
    const { type } = this.#work;
    const { dialect } = s;
    mergeLanes(s, this.#work, this.#sums, (a, b) => `${a} + ${b}`);
    return this.#sums.map((total, i) => {
      const empty = s.let(
        "bool",
        dialect.comparison("eq", type, total, dialect.constant(type, 0, s.use), s.use),
        "empty",
      );
      return {
        total,
        empty,
        logSumExp: () => {
          const log = s.let(type, dialect.unary("log", type, total, s.use));
          const nothing = dialect.constant(type, Number.NEGATIVE_INFINITY, s.use);
          return s.let(type, dialect.select(empty, nothing, `${this.#most[i]} + ${log}`));
        },
      };
    });
  }
}

/** The largest finite number. */
const largest = (type: ComputeType): number => (type === "float64" ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127);
