import { ByteWriter, unsignedLeb } from "./encoding.ts";
import { i32 } from "./numeric.ts";
import { asI32, type Emission, type I32, type I32Like, Local, type V128, Value, type ValueType } from "./value.ts";

/** A function that other functions of its module may call. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A place that `br` jumps to: the end of a block or the start of a loop. */
export interface Label {
  readonly depth: number;
}

export const typeCodes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

const scalarStores = { i32: [0x36, 2], i64: [0x37, 3], f32: [0x38, 2], f64: [0x39, 3], v128: [0xfd, 11, 4] } as const;

/** Writes the body of one function, statement by statement. */
export class FunctionBuilder {
  readonly type: FunctionType;
  readonly index: number;
  /** Runs first: vector constants that loops use. */
  private readonly prologue = new ByteWriter(64);
  private readonly out = new ByteWriter();
  private readonly constants = new Map<readonly number[], Local<"v128">>();
  private readonly emission: Emission = {
    all: (bytes) => this.out.all(bytes),
    vectorConstant: (code) => this.out.all(this.inLoop ? this.hoisted(code) : code),
  };
  /** Whether the innermost block is a loop, so that its instructions run in every round. */
  private inLoop = false;
  private readonly locals: ValueType[] = [];
  private depth = 0;

  constructor(type: FunctionType, index: number) {
    this.type = type;
    this.index = index;
  }

  param<T extends ValueType>(index: number, type: T): Local<T> {
    if (this.type.params[index] !== type) throw new Error(`parameter ${index} is no ${type}`);
    return new Local(type, index);
  }

  /** A new variable; it starts as 0 where no value is given. */
  local<T extends ValueType>(type: T, initial?: Value<T>): Local<T> {
    const local = new Local(type, this.type.params.length + this.locals.length);
    this.locals.push(type);
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  /** A new i32 variable. */
  i32(initial: I32Like): Local<"i32"> {
    return this.local("i32", asI32(initial));
  }

  set<T extends ValueType>(local: Local<T>, value: NoInfer<Value<T>>): void {
    if (local.type !== value.type) throw new Error(`expected a ${local.type} for a local, got ${value.type}`);
    value.emit(this.emission);
    this.out.byte(0x21);
    this.out.unsigned(local.index);
  }

  /** Sets the variable and is its new content. */
  tee<T extends ValueType>(local: Local<T>, value: NoInfer<Value<T>>): Value<T> {
    return new Value(local.type, [0x22, ...unsignedLeb(local.index)], [value]);
  }

  /** `local += amount` */
  increment(local: Local<"i32">, amount: I32Like): void {
    if (amount !== 0) this.set(local, i32.add(local, amount));
  }

  /** Stores the whole value at `address + offset`. */
  store(address: I32, value: Value, offset = 0): void {
    this.statement([...scalarStores[value.type], ...unsignedLeb(offset)], address, value);
  }

  /** Stores the low byte. */
  store8(address: I32, value: I32, offset = 0): void {
    this.statement([0x3a, 0, ...unsignedLeb(offset)], address, value);
  }

  /** Stores the low two bytes. */
  store16(address: I32, value: I32, offset = 0): void {
    this.statement([0x3b, 1, ...unsignedLeb(offset)], address, value);
  }

  /** Stores one lane of 1, 2, 4 or 8 bytes. */
  storeLane(bytes: 1 | 2 | 4 | 8, address: I32, vector: V128, lane: number, offset = 0): void {
    const log = Math.log2(bytes);
    this.statement([0xfd, 88 + log, log, ...unsignedLeb(offset), lane], address, vector);
  }

  /** Copies bytes within the memory; the ranges may overlap. */
  copyBytes(target: I32, source: I32, bytes: I32Like): void {
    this.statement([0xfc, 10, 0, 0], target, source, asI32(bytes));
  }

  /** Sets bytes to the low byte of `value`. */
  fillBytes(target: I32, value: I32Like, bytes: I32Like): void {
    this.statement([0xfc, 11, 0], target, asI32(value), asI32(bytes));
  }

  /** Runs a function for its effect. */
  call(callee: FunctionBuilder, ...args: Value[]): void {
    this.statement(callCode(callee, args), ...args);
    for (const _ of callee.type.results) this.out.byte(0x1a);
  }

  /** The only result of a function. */
  callValue<T extends ValueType>(type: T, callee: FunctionBuilder, ...args: Value[]): Value<T> {
    if (callee.type.results.length !== 1 || callee.type.results[0] !== type) throw new Error(`no function to ${type}`);
    const code = callCode(callee, args);
    return new Value(type, code, args);
  }

  /** Statements that `br(label)` leaves. */
  block(body: (label: Label) => void): void {
    this.nest([0x02, 0x40], this.inLoop, body);
  }

  /** Statements that `br(label)` repeats. */
  repeat(body: (label: Label) => void): void {
    this.nest([0x03, 0x40], true, body);
  }

  br(label: Label): void {
    this.out.byte(0x0c);
    this.out.unsigned(this.depth - label.depth);
  }

  brIf(label: Label, condition: I32): void {
    this.statement([0x0d, ...unsignedLeb(this.depth - label.depth)], condition);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    condition.emit(this.emission);
    this.nest([0x04, 0x40], false, () => {
      then();
      if (otherwise === undefined) return;
      this.out.byte(0x05);
      otherwise();
    });
  }

  return(...values: Value[]): void {
    this.statement([0x0f], ...values);
  }

  /** The function's result, at the end of its body. */
  result(value: Value): void {
    this.statement([], value);
  }

  /**
   * `for (counter = from; counter < to; counter += step) body()` with signed comparison and a step > 0. `to` is calculated anew in
   * every round, so keep it in a local or a constant.
   */
  loop(counter: Local<"i32">, from: I32Like, to: Local<"i32"> | number, step: number, body: () => void): void {
    this.set(counter, asI32(from));
    this.while(
      () => i32.ltS(counter, to),
      () => {
        body();
        this.increment(counter, step);
      },
    );
  }

  /** Repeats `body` while `condition` holds; the condition is written twice, as a guard and at the end of the loop. */
  while(condition: () => I32, body: () => void): void {
    this.if(condition(), () =>
      this.repeat((again) => {
        body();
        this.brIf(again, condition());
      }),
    );
  }

  /** Writes the function's entry in the code section. */
  write(to: ByteWriter): void {
    const runs: [number, ValueType][] = [];
    for (const type of this.locals) {
      const last = runs[runs.length - 1];
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const header = [...unsignedLeb(runs.length), ...runs.flatMap(([n, type]) => [...unsignedLeb(n), typeCodes[type]])];
    to.unsigned(header.length + this.prologue.length + this.out.length + 1);
    to.all(header);
    to.append(this.prologue);
    to.append(this.out);
    to.byte(0x0b);
  }

  private statement(code: readonly number[], ...args: readonly Value[]): void {
    for (const arg of args) arg.emit(this.emission);
    this.out.all(code);
  }

  private nest(head: readonly number[], inLoop: boolean, body: (label: Label) => void): void {
    const outside = this.inLoop;
    this.out.all(head);
    this.depth++;
    this.inLoop = inLoop;
    body({ depth: this.depth });
    this.inLoop = outside;
    this.depth--;
    this.out.byte(0x0b);
  }

  /** The instruction for a constant that is kept in a local: some engines would make it anew in every round of a loop. */
  private hoisted(code: readonly number[]): readonly number[] {
    // All zeros and all ones take one instruction.
    const first = code[2];
    if ((first === 0 || first === 255) && code.every((byte, i) => i < 2 || byte === first)) return code;
    let local = this.constants.get(code);
    if (local === undefined) {
      local = this.local("v128");
      this.constants.set(code, local);
      this.prologue.all(code);
      this.prologue.byte(0x21);
      this.prologue.unsigned(local.index);
    }
    return local.code;
  }
}

const callCode = (callee: FunctionBuilder, args: readonly Value[]): number[] => {
  const { params } = callee.type;
  if (params.length !== args.length || params.some((type, i) => args[i]?.type !== type)) {
    throw new Error(`expected arguments (${params.join(", ")}), got (${args.map((a) => a.type).join(", ")})`);
  }
  return [0x10, ...unsignedLeb(callee.index)];
};
