import { OutOfMemoryError } from "@gradloom/backend";
import { Allocator, type Block } from "../src/allocator.ts";
import { Memory } from "../src/memory.ts";

/** A small repeatable generator of whole numbers below `n`. */
const generator = (seed: number) => (n: number) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
};

describe("allocator", () => {
  test.each([1, 2, 3])("random requests never overlap, run %d", (seed) => {
    const random = generator(seed);
    const limit = 4 << 20;
    let end = 0;
    const allocator = new Allocator(0, limit, (wanted) => {
      end = Math.max(end, wanted);
      return true;
    });
    const owner = new Int32Array(limit / 64).fill(-1);
    const live: { block: Block; bytes: number; id: number }[] = [];
    let refused = 0;
    for (let id = 0; id < 8000; id++) {
      if (live.length > 0 && (random(100) < 49 || live.length > 400)) {
        const [gone] = live.splice(random(live.length), 1) as [(typeof live)[number]];
        const from = gone.block.address / 64;
        const to = from + Math.ceil(gone.bytes / 64);
        expect(owner.subarray(from, to).every((o) => o === gone.id)).toBe(true);
        owner.fill(-1, from, to);
        allocator.free(gone.block);
        continue;
      }
      const bytes = 1 + random([64, 5000, 70000, 300000][random(4)] as number);
      const block = allocator.allocate(bytes);
      if (block === undefined) {
        refused++;
        expect(allocator.largestFree).toBeLessThan(Math.max(32768, Math.ceil(bytes / 64) * 64));
        continue;
      }
      expect(block.address % 64).toBe(0);
      expect(block.address).toBeGreaterThan(0);
      expect(block.bytes).toBeGreaterThanOrEqual(bytes);
      expect(block.address + block.bytes).toBeLessThanOrEqual(end);
      const from = block.address / 64;
      const to = from + Math.ceil(bytes / 64);
      expect(owner.subarray(from, to).every((o) => o === -1)).toBe(true);
      owner.fill(id, from, to);
      live.push({ block, bytes, id });
    }
    expect(refused).toBeGreaterThan(0);
    for (const { block } of live) allocator.free(block);
    // All free neighbours have joined: but for one slab per small size, the space is whole again.
    expect(allocator.largestFree).toBeGreaterThan((limit - 64 - 12 * 32768) / 13);
    const sizes = [150000, 150000, 150000, 150000];
    for (const size of sizes) expect(allocator.allocate(size)).toBeDefined();
  });

  test("large blocks join with free neighbours on both sides", () => {
    const allocator = new Allocator(0, 64 + 300000, () => true);
    const [a, b, c] = [100000, 100000, 99904].map((bytes) => allocator.allocate(bytes) as Block) as [
      Block,
      Block,
      Block,
    ];
    expect(allocator.allocate(5000)).toBeUndefined();
    allocator.free(a);
    allocator.free(c);
    expect(allocator.largestFree).toBe(100032);
    allocator.free(b);
    expect(allocator.largestFree).toBe(299968);
    expect((allocator.allocate(299000) as Block).address).toBe(64);
  });

  test("the best fit is taken", () => {
    const allocator = new Allocator(0, 2 ** 30, () => true);
    const blocks = [50048, 10048, 20032, 10048, 30016, 10048].map((bytes) => allocator.allocate(bytes) as Block);
    for (const i of [0, 2, 4]) allocator.free(blocks[i] as Block);
    expect((allocator.allocate(25000) as Block).address).toBe((blocks[4] as Block).address);
    expect((allocator.allocate(20000) as Block).address).toBe((blocks[2] as Block).address);
  });

  test("a block comes back once only", () => {
    const allocator = new Allocator(0, 2 ** 30, () => true);
    for (const bytes of [10, 100000]) {
      const block = allocator.allocate(bytes) as Block;
      allocator.free(block);
      expect(() => allocator.free(block)).toThrow("freed twice");
    }
  });
});

describe("memory", () => {
  test("counts live and peak bytes and leaks nothing", () => {
    const memory = new Memory(1 << 26, false, () => {});
    const buffers = [0, 1, 100, 5000, 1 << 20].map((bytes) => memory.allocate(bytes));
    const total = 5101 + (1 << 20);
    expect(memory.statistics()).toEqual({ liveBytes: total, peakBytes: total, buffers: 5 });
    memory.release(memory.reserve(1 << 21));
    for (const buffer of buffers) memory.free(buffer);
    for (const buffer of buffers) memory.free(buffer);
    expect(memory.statistics()).toEqual({ liveBytes: 0, peakBytes: total, buffers: 0 });
  });

  test.each([false, true])("grows and keeps what it holds (shared: %s)", (shared) => {
    const memory = new Memory(1 << 28, shared, () => {});
    const small = memory.allocate(64);
    memory.bytes.fill(7, small.address, small.address + 64);
    const before = memory.growths;
    const large = memory.allocate(100 << 20);
    expect(memory.growths).toBeGreaterThan(before);
    expect(memory.bytes[small.address + 63]).toBe(7);
    expect(large.address + large.bytes).toBeLessThanOrEqual(memory.bytes.length - 65536);
    expect(memory.wasm.buffer.byteLength).toBe(memory.bytes.length);
  });

  test("says what is live, what was asked for and what is left when it is full", () => {
    let relieved = 0;
    const memory = new Memory(1 << 20, false, () => relieved++);
    const held = memory.allocate(600000);
    memory.reserve(100000);
    const full = (): unknown => memory.allocate(500000);
    expect(full).toThrow(OutOfMemoryError);
    expect(full).toThrow(
      "[cpu] no room for 500000 bytes: 600000 bytes are live in 1 buffers, 100032 are scratch memory, and the largest free block " +
        "has 348480; free tensors that are no longer needed, or use smaller batches",
    );
    expect(relieved).toBe(2);
    expect(memory.statistics()).toEqual({ liveBytes: 600000, peakBytes: 600000, buffers: 1 });
    memory.free(held);
    expect(memory.allocate(500000).address).toBeGreaterThan(0);
  });

  test("asks for scratch memory back before it refuses", () => {
    const memory: Memory = new Memory(1 << 20, false, () => memory.release(scratch));
    const scratch = memory.reserve(900000);
    expect(memory.allocate(800000).bytes).toBe(800000);
  });
});
