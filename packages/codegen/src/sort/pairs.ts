import { Memory } from "../memory.ts";
import type { Source } from "../source.ts";

/** Rows of pairs: a uint32 key to be ordered by, and an int32 number that goes with it. Rows and places are names or literals of int32s. */
export interface PairSource {
  load(row: string, at: string): { readonly key: string; readonly number: string };
}

export interface PairTarget {
  store(row: string, at: string, key: string, number: string): void;
}

/** Pairs in two scratch buffers of `bytes` bytes, `index` and the next. */
export class PairsInScratch implements PairSource, PairTarget {
  readonly #source: Source;
  readonly #keys: Memory;
  readonly #numbers: Memory;
  readonly #length: number;

  constructor(s: Source, index: number, rows: number, length: number, access: "read" | "write") {
    this.#source = s;
    this.#length = length;
    const bytes = 4 * rows * length;
    this.#keys = new Memory(s, "scratch", index, "uint32", bytes, access);
    this.#numbers = new Memory(s, "scratch", index + 1, "int32", bytes, access);
  }

  key(row: string, at: string): string {
    return this.#source.let("uint32", this.#keys.load(this.#place(row, at)));
  }

  number(row: string, at: string): string {
    return this.#source.let("int32", this.#numbers.load(this.#place(row, at)));
  }

  load(row: string, at: string): { readonly key: string; readonly number: string } {
    return { key: this.key(row, at), number: this.number(row, at) };
  }

  store(row: string, at: string, key: string, number: string): void {
    const place = this.#place(row, at);
    this.#keys.store(place, key);
    this.#numbers.store(place, number);
  }

  #place(row: string, at: string): string {
    return row === "0" ? at : this.#source.let("int32", `${row} * ${this.#length} + ${at}`, "o");
  }
}
