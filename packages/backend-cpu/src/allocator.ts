/** A piece of the address space that is in use or free. */
export interface Block {
  readonly address: number;
  /** Rounded up; 0 for a block of no bytes. */
  readonly bytes: number;
}

/** A stretch between two neighbours in the order of addresses. */
class Stretch implements Block {
  address: number;
  bytes: number;
  free = false;
  before: Stretch | undefined;
  after: Stretch | undefined;

  constructor(address: number, bytes: number, before: Stretch | undefined, after: Stretch | undefined) {
    this.address = address;
    this.bytes = bytes;
    this.before = before;
    this.after = after;
  }
}

/** A stretch cut into equal small blocks. */
interface Slab {
  readonly stretch: Stretch;
  readonly small: SmallClass;
  readonly free: SmallBlock[];
}

interface SmallBlock extends Block {
  readonly slab: Slab;
  taken: boolean;
}

interface SmallClass {
  readonly bytes: number;
  /** Slabs with a free block. */
  readonly open: Slab[];
}

const alignment = 64;
const slabBytes = 32768;

const smallSizes = [64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];
const largestSmall = 4096;
/** The index into `smallSizes` for each multiple of 64. */
const classOf = Array.from({ length: largestSmall / alignment + 1 }, (_, units) =>
  smallSizes.findIndex((size) => size >= units * alignment),
);

const nothing: Block = { address: alignment, bytes: 0 };

/**
 * Hands out addresses that are multiples of 64: small sizes from slabs of equal blocks, large ones best fit, joined with free neighbours
 * when they come back. The addresses mean nothing to it; `grow` is asked for more room behind the end.
 */
export class Allocator {
  private readonly limit: number;
  private readonly grow: (end: number) => boolean;
  private readonly small: readonly SmallClass[] = smallSizes.map((bytes) => ({ bytes, open: [] }));
  /** Free stretches by size, then address. */
  private readonly available: Stretch[] = [];
  private last: Stretch | undefined;
  private end: number;

  /** Addresses from `start` up to `limit`; `grow(end)` makes those below `end` usable or returns false. */
  constructor(start: number, limit: number, grow: (end: number) => boolean) {
    this.end = Math.max(alignment, Math.ceil(start / alignment) * alignment);
    this.limit = limit;
    this.grow = grow;
  }

  /** Undefined when there is no room. */
  allocate(bytes: number): Block | undefined {
    if (bytes === 0) return nothing;
    if (bytes > largestSmall) return this.allocateLarge(Math.ceil(bytes / alignment) * alignment);
    const small = this.small[classOf[Math.ceil(bytes / alignment)] as number] as SmallClass;
    const slab = small.open[small.open.length - 1] ?? this.openSlab(small);
    const block = slab?.free.pop();
    if (slab === undefined || block === undefined) return undefined;
    if (slab.free.length === 0) small.open.pop();
    block.taken = true;
    return block;
  }

  free(block: Block): void {
    if (block instanceof Stretch) this.freeLarge(block);
    else if (block !== nothing) this.freeSmall(block as SmallBlock);
  }

  /** The largest request that would succeed now. */
  get largestFree(): number {
    const tail = this.limit - this.end + (this.last?.free ? this.last.bytes : 0);
    return Math.max(this.available[this.available.length - 1]?.bytes ?? 0, Math.floor(tail / alignment) * alignment);
  }

  private openSlab(small: SmallClass): Slab | undefined {
    const stretch = this.allocateLarge(slabBytes);
    if (stretch === undefined) return undefined;
    const slab: Slab = { stretch, small, free: [] };
    for (let i = Math.floor(slabBytes / small.bytes) - 1; i >= 0; i--) {
      slab.free.push({ address: stretch.address + i * small.bytes, bytes: small.bytes, slab, taken: false });
    }
    small.open.push(slab);
    return slab;
  }

  private freeSmall(block: SmallBlock): void {
    const { slab } = block;
    if (!block.taken) throw new Error("block freed twice");
    block.taken = false;
    slab.free.push(block);
    const { open, bytes } = slab.small;
    if (slab.free.length === 1) open.push(slab);
    // The last open slab stays, so that one block that comes and goes does not open and close it each time.
    if (slab.free.length === Math.floor(slabBytes / bytes) && open.length > 1) {
      open.splice(open.indexOf(slab), 1);
      this.freeLarge(slab.stretch);
    }
  }

  private allocateLarge(bytes: number): Stretch | undefined {
    const index = this.firstFree(bytes, 0);
    const found = this.available[index];
    if (found === undefined) return this.extend(bytes);
    this.available.splice(index, 1);
    found.free = false;
    if (found.bytes > bytes) {
      const rest = new Stretch(found.address + bytes, found.bytes - bytes, found, found.after);
      found.bytes = bytes;
      if (found.after === undefined) this.last = rest;
      else found.after.before = rest;
      found.after = rest;
      this.addFree(rest);
    }
    return found;
  }

  /** Takes the room behind the last stretch, and that stretch if it is free. */
  private extend(bytes: number): Stretch | undefined {
    const tail = this.last?.free ? this.last : undefined;
    const address = tail?.address ?? this.end;
    if (address + bytes > this.limit || !this.grow(address + bytes)) return undefined;
    this.end = address + bytes;
    if (tail !== undefined) {
      this.removeFree(tail);
      tail.free = false;
      tail.bytes = bytes;
      return tail;
    }
    const stretch = new Stretch(address, bytes, this.last, undefined);
    if (this.last !== undefined) this.last.after = stretch;
    this.last = stretch;
    return stretch;
  }

  private freeLarge(stretch: Stretch): void {
    if (stretch.free) throw new Error("block freed twice");
    const { before, after } = stretch;
    if (after?.free) {
      this.removeFree(after);
      this.join(stretch, after);
    }
    if (before?.free) {
      this.removeFree(before);
      this.join(before, stretch);
      this.addFree(before);
    } else this.addFree(stretch);
  }

  private join(left: Stretch, right: Stretch): void {
    left.bytes += right.bytes;
    left.after = right.after;
    if (right.after === undefined) this.last = left;
    else right.after.before = left;
  }

  private addFree(stretch: Stretch): void {
    stretch.free = true;
    this.available.splice(this.firstFree(stretch.bytes, stretch.address), 0, stretch);
  }

  private removeFree(stretch: Stretch): void {
    this.available.splice(this.firstFree(stretch.bytes, stretch.address), 1);
  }

  /** Index of the first free stretch that is not before (bytes, address). */
  private firstFree(bytes: number, address: number): number {
    let low = 0;
    let high = this.available.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const s = this.available[middle] as Stretch;
      if (s.bytes < bytes || (s.bytes === bytes && s.address < address)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
