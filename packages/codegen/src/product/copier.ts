import type { ValueType } from "../dialect.ts";
import type { Source } from "../source.ts";
import { count } from "./affine.ts";
import { Neighbours } from "./neighbours.ts";
import type { Product } from "./product.ts";
import type { Reader } from "./reader.ts";
import type { Walk } from "./walk.ts";

/** A block of four lines and four depths that an invocation copies. */
interface Block {
  readonly walks: readonly Walk[];
  /** Names: the number of the block's vectors along the lines, and how much deeper it begins. */
  readonly line: string;
  readonly deeper: string;
  /** The invocations that have such a block; undefined for all. */
  readonly condition: string | undefined;
}

/** Copies `lines` times `depth` elements of an operand to shared memory, as vectors of four lines, one depth after another. */
export class Copier {
  readonly #source: Source;
  readonly #product: Product;
  readonly #reader: Reader;
  readonly #shared: string;
  readonly #type: ValueType;
  readonly #width: number;
  readonly #blocks: readonly Block[];

  /** `first` names the first line; block number 0 is that of invocation `skip` of the workgroup, whose number `local` names. */
  constructor(
    source: Source,
    product: Product,
    reader: Reader,
    batch: readonly string[],
    first: string,
    { lines, depth, type }: { readonly lines: number; readonly depth: number; readonly type: ValueType },
    { local, workgroup, skip }: { readonly local: string; readonly workgroup: number; readonly skip: number },
  ) {
    const s = source;
    this.#source = s;
    this.#product = product;
    this.#reader = reader;
    this.#type = type;
    this.#width = lines / 4;
    this.#shared = s.shared(type, this.#width * depth, reader.side);
    const layers = depth / 4;
    const all = this.#width * layers;
    const clamp = count(product.sizes, reader.space) % lines !== 0;
    const from = reader.start(batch);
    const rounds = Math.ceil((skip + all) / workgroup) - Math.floor(skip / workgroup);
    this.#blocks = Array.from({ length: rounds }, (_, round): Block => {
      const shift = (Math.floor(skip / workgroup) + round) * workgroup - skip;
      const number =
        shift === 0 ? local : s.let("int32", shift > 0 ? `${local} + ${shift}` : `${local} - ${-shift}`, "block");
      // Neighbouring invocations take blocks that are neighbours in memory.
      const [one, other] =
        reader.direction === "depth" ? [layers, `${number} / ${layers}`] : [this.#width, `${number} / ${this.#width}`];
      const fast = s.let("int32", `${number} % ${one}`, "block");
      const slow = s.let("int32", other, "block");
      const [layer, line] = reader.direction === "depth" ? [fast, slow] : [slow, fast];
      const conditions = [
        ...(shift < 0 ? [`(${number} >= 0)`] : []),
        ...(shift + workgroup > all ? [`(${number} < ${all})`] : []),
      ];
      return {
        walks: reader.lines(from, s.let("int32", `${first} + ${line} * 4`, "line"), 4, clamp),
        line,
        deeper: s.let("int32", `${layer} * 4`, "deeper"),
        condition: conditions.length === 0 ? undefined : conditions.join(" & "),
      };
    });
  }

  /** Blocks of four by four elements. */
  static blocks(lines: number, depth: number): number {
    return (lines / 4) * (depth / 4);
  }

  enterOuter(outer: readonly string[]): readonly Block[] {
    return this.#blocks.map((block) => ({ ...block, walks: block.walks.map((walk) => walk.enter("outer", outer)) }));
  }

  /** Copies what begins at depth `k`; terms from `end` on are 0. */
  copy(blocks: readonly Block[], k: string, end: string | undefined): void {
    const s = this.#source;
    for (const { walks, line, deeper, condition } of blocks) {
      const copy = (): void => {
        const neighbours = new Neighbours(s, this.#product.sizes.inner, s.let("int32", `${k} + ${deeper}`, "k"), end);
        this.#reader.block(walks, neighbours, 4).forEach((values, u) => {
          const place = `(${deeper}${u === 0 ? "" : ` + ${u}`}) * ${this.#width} + ${line}`;
          s.line(`${this.#shared}[${place}] = ${s.dialect.vector(this.#type, values)};`);
        });
      };
      if (condition === undefined) copy();
      else s.if(condition, copy);
    }
  }

  /** The vector of four lines at depth `u` of what was copied. */
  vector(u: string, line: string): string {
    return `${this.#shared}[${u} * ${this.#width} + ${line}]`;
  }
}
