import type { Source } from "../source.ts";
import type { Access } from "./access.ts";
import type { Affine, Check, Sizes, Space, Term } from "./affine.ts";
import { canFail, range, spaces } from "./affine.ts";

/** Text of a table look-up by an int32. */
const entry = (s: Source, coordinate: string, values: readonly number[]): string => {
  const last = `${values[values.length - 1]}`;
  return values
    .slice(0, -1)
    .reduceRight((rest, value, i) => s.dialect.select(`${coordinate} == ${i}`, `${value}`, rest), last);
};

const product = (s: Source, { by }: Term, coordinate: string): string[] => {
  if (typeof by !== "number") return [entry(s, coordinate, by)];
  if (by === 0 || coordinate === "0") return [];
  return [by === 1 ? coordinate : `${coordinate} * ${by}`];
};

/** An affine number whose terms are added space by space, each as soon as its coordinates are known. */
class Sum {
  readonly #index: Affine;
  /** The sum so far but for the constant, undefined for 0. */
  readonly #text: string | undefined;
  readonly #constant: number;

  constructor(index: Affine, text: string | undefined, constant: number) {
    this.#index = index;
    this.#text = text;
    this.#constant = constant;
  }

  enter(s: Source, space: Space, coordinates: readonly string[]): Sum {
    const parts = this.#index.terms
      .filter((one) => one.space === space)
      .flatMap((one) => product(s, one, coordinates[one.dim] as string));
    if (parts.length === 0) return this;
    const all = [...(this.#text === undefined ? [] : [this.#text]), ...parts];
    if (this.#constant !== 0) all.push(`${this.#constant}`);
    const text =
      all.length === 1 && !/\W/.test(all[0] as string) ? (all[0] as string) : s.let("int32", all.join(" + "));
    return new Sum(this.#index, text, 0);
  }

  get text(): string {
    if (this.#text === undefined) return `${this.#constant}`;
    return this.#constant === 0 ? this.#text : `(${this.#text} + ${this.#constant})`;
  }
}

const isLast = ({ terms }: Affine, space: Space, entered: ReadonlySet<Space>): boolean =>
  terms.every((one) => one.space === space || entered.has(one.space)) && terms.some((one) => one.space === space);

/** The text of a check whose index has the name or literal `index`. */
const checkText = (s: Source, { index, low, high }: Check, text: string, sizes: Sizes): string => {
  const [least, most] = range(index, sizes);
  if (low === 0 && least < 0 && most >= high) return `${s.dialect.toUint(text)} < ${Math.max(0, high)}u`;
  const both = [...(least < low ? [`(${text} >= ${low})`] : []), ...(most >= high ? [`(${text} < ${high})`] : [])];
  // Not "&&", which is a branch: some compilers take minutes over many of them.
  return both.join(" & ");
};

/** An access on the way to its position: spaces are entered one after another, and what is known by then is calculated there. */
export class Walk {
  readonly #source: Source;
  readonly #access: Access;
  readonly #sizes: Sizes;
  readonly #entered: ReadonlySet<Space>;
  readonly #address: Sum;
  readonly #indices: readonly Sum[];
  /** Names of conditions that must hold. */
  readonly conditions: readonly string[];

  private constructor(
    source: Source,
    access: Access,
    sizes: Sizes,
    entered: ReadonlySet<Space>,
    address: Sum,
    indices: readonly Sum[],
    conditions: readonly string[],
  ) {
    this.#source = source;
    this.#access = access;
    this.#sizes = sizes;
    this.#entered = entered;
    this.#address = address;
    this.#indices = indices;
    this.conditions = conditions;
  }

  static start(s: Source, access: Access, sizes: Sizes): Walk {
    const sum = (index: Affine): Sum => new Sum(index, undefined, index.constant);
    // A check of a constant that is made here fails always.
    const fails = access.checks.some(({ index }) => index.terms.length === 0);
    return new Walk(
      s,
      access,
      sizes,
      new Set(),
      sum(access.address),
      access.checks.map(({ index }) => sum(index)),
      fails ? ["false"] : [],
    );
  }

  enter(space: Space, coordinates: readonly string[]): Walk {
    const s = this.#source;
    const address = this.#address.enter(s, space, coordinates);
    const indices = this.#indices.map((sum) => sum.enter(s, space, coordinates));
    const conditions = [...this.conditions];
    this.#access.checks.forEach((check, i) => {
      if (!isLast(check.index, space, this.#entered)) return;
      conditions.push(s.let("bool", checkText(s, check, (indices[i] as Sum).text, this.#sizes), "ok"));
    });
    const entered = new Set([...this.#entered, space]);
    return new Walk(s, this.#access, this.#sizes, entered, address, indices, conditions);
  }

  /** The same where a further condition (text) holds. */
  under(condition: string): Walk {
    return new Walk(this.#source, this.#access, this.#sizes, this.#entered, this.#address, this.#indices, [
      ...this.conditions,
      condition,
    ]);
  }

  /** The name of the condition under which there is an element; "false" where there is none, undefined where there always is. */
  get condition(): string | undefined {
    // Compilers refuse to read at a literal place that does not exist.
    if (this.conditions.includes("false") || /^-\d+$/.test(this.address)) return "false";
    const [first, ...rest] = this.conditions;
    if (first === undefined || (rest.length === 0 && !/\W/.test(first))) return first;
    return this.#source.let(
      "bool",
      this.conditions.map((one) => (/\W/.test(one) ? `(${one})` : one)).join(" & "),
      "ok",
    );
  }

  /** Text of the address, an int32. */
  get address(): string {
    return this.#address.text;
  }
}

/** Names of coordinates, for the spaces that are known. */
export type Position = Readonly<Partial<Record<Space, readonly string[]>>>;

/** Texts of affine numbers at a position. */
export const valuesAt = (s: Source, indices: readonly Affine[], position: Position): string[] =>
  indices.map((index) => {
    let sum = new Sum(index, undefined, index.constant);
    for (const space of spaces) {
      const known = position[space];
      if (known !== undefined) sum = sum.enter(s, space, known);
    }
    return sum.text;
  });

/** The condition under which checks hold at a position; undefined where they always do. */
export const conditionOf = (
  s: Source,
  checks: readonly Check[],
  sizes: Sizes,
  position: Position,
): string | undefined => {
  const able = checks.filter((check) => canFail(check, sizes));
  if (able.length === 0) return undefined;
  const texts = valuesAt(
    s,
    able.map(({ index }) => index),
    position,
  );
  return able.map((check, i) => `(${checkText(s, check, texts[i] as string, sizes)})`).join(" & ");
};
