import { threefry2x32 } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import {
  assign,
  compile,
  evaluate,
  normal,
  randomKey,
  randomState,
  seed,
  setRandomState,
  splitKey,
  statistics,
  tensor,
  uniform,
  useDevice,
  Variable,
  zeros,
} from "../src/index.ts";
import { randomBits } from "../src/ops/randomBits.ts";

let device: Device;
beforeEach(async () => {
  device = await useDevice(createReferenceBackend());
});

describe("random numbers", () => {
  test("bits are Threefry2x32-20 of the key and the position, with known answers", async () => {
    const word = (value: number) => tensor(value, { dtype: "uint32" });
    const bits = async (key0: number, key1: number, stream: number, n: number): Promise<number[]> =>
      (await randomBits({ key0: word(key0), key1: word(key1), stream: word(stream) }, [n]).array()) as number[];
    // Random123's known answers for counters (0, 0) and (243f6a88, 85a308d3), the latter by the host function.
    expect(await bits(0, 0, 0, 1)).toEqual([0x6b200159]);
    expect(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
    expect(threefry2x32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
    const expected = Array.from({ length: 100 }, (_, i) => threefry2x32(12345, 678, i, 9)[0]);
    expect(await bits(12345, 678, 9, 100)).toEqual(expected);
  });

  test("the same seed gives the same numbers, in one evaluation or in several", async () => {
    const separately = async (): Promise<unknown[]> => {
      seed(42);
      return [await uniform([5]).array(), await uniform([5]).array(), await uniform([5]).array()];
    };
    const together = async (): Promise<unknown[]> => {
      seed(42);
      const list = [uniform([5]), uniform([5]), uniform([5])];
      await evaluate(...list);
      return Promise.all(list.map((t) => t.array()));
    };
    const first = await separately();
    expect(new Set(first.map(String)).size).toBe(3);
    expect(await together()).toEqual(first);
    expect(await separately()).toEqual(first);
  });

  test("draws are right however late they are read, and however often they are computed", async () => {
    seed(1);
    const w = new Variable(tensor([1, 2, 3]));
    const a = uniform([3]);
    const b = uniform([3]);
    await uniform([3]).data();
    for (let i = 0; i < 3; i++) w.assign(w.value.mul(a).add(uniform([3])));
    await w.value.data();
    const late = [await b.array(), await a.mul(1).array()];
    seed(1);
    const [first, second] = [await uniform([3]).array(), await uniform([3]).array()];
    expect(late).toEqual([second, first]);
  });

  test("compiled functions draw what plain ones do, first values of variables and seeds included", async () => {
    const run = async (compiled: boolean): Promise<unknown[]> => {
      seed(9);
      const results: unknown[] = [await uniform([2]).array()];
      let made: Variable | undefined;
      const fn = (x: Tensor): Tensor[] => {
        made ??= new Variable(uniform([2]));
        return [x.add(uniform([2])).add(made.value), uniform([2])];
      };
      const seeded = (x: Tensor): Tensor => {
        const before = uniform([2]);
        seed(4);
        return x.add(before).add(uniform([2]));
      };
      const calls = compiled ? [compile(fn), compile(seeded)] : [fn, seeded];
      for (const call of [calls[0], calls[0], calls[1], calls[0], calls[1]]) {
        const outputs = [(call as typeof fn)(zeros([2]))].flat();
        await evaluate(...outputs);
        for (const output of outputs) results.push(await output.array());
        results.push(await uniform([2]).array());
      }
      return results;
    };
    const plain = await run(false);
    expect(await run(true)).toEqual(plain);
    // Only the draw behind each seed(4) comes twice.
    expect(new Set(plain.map(String)).size).toBe(plain.length - 1);
  });

  test("a loop that draws, and assigns what it drew, reads nothing and plans nothing new", async () => {
    const step = (w: Variable): Tensor => {
      const loss = w.value.mul(uniform([3])).sum();
      assign([[w, w.value.sub(uniform([3]))]], { keep: [loss] });
      return loss;
    };
    const run = async (read: boolean): Promise<unknown[]> => {
      seed(3);
      const w = new Variable(tensor([1, 2, 3]));
      const losses: Tensor[] = [];
      for (let i = 0; i < 4; i++) {
        losses.push(step(w));
        if (read) await losses[i]?.data();
      }
      return Promise.all(losses.map((loss) => loss.item()));
    };
    const unread = await run(false);
    const plans = statistics(device).plans;
    expect(await run(false)).toEqual(unread);
    expect(await run(true)).toEqual(unread);
    expect(statistics(device).plans).toBe(plans);
  });

  test("explicit keys give the same numbers at every use; split keys differ", async () => {
    const key = randomKey(7);
    expect(await uniform([4], { key }).array()).toEqual(await uniform([4], { key }).array());
    const [a, b] = (await splitKey(key, 2).array()) as number[][];
    expect(a).not.toEqual(b);
    expect(device.pending.size).toBe(0);
  });

  test("a state goes on where it was taken, as JSON too, compiled or not", async () => {
    seed(7);
    uniform([3]);
    const draw = compile(() => uniform([4]));
    draw();
    const state = JSON.parse(JSON.stringify(randomState()));
    const numbers = async () => [await uniform([4]).array(), await draw().array(), await normal([2]).array()];
    const first = await numbers();
    expect(await numbers()).not.toEqual(first);
    setRandomState(state);
    expect(await numbers()).toEqual(first);
    for (const bad of [
      undefined,
      { key: [1], drawn: 0 },
      { key: [1, 2 ** 32], drawn: 0 },
      { key: [1, 2], drawn: -1 },
    ]) {
      expect(() => setRandomState(bad as never)).toThrow("[setRandomState] takes { key: [word, word], drawn }");
    }
    expect(() => compile(() => tensor([randomState().drawn]))()).toThrow("[randomState] is called inside");
  });

  test("bad seeds and keys are refused", () => {
    expect(() => seed(-1)).toThrow("[seed] takes a whole number from 0 to 2^53 - 1, got -1");
    expect(() => randomKey(0.5)).toThrow("[randomKey] takes a whole number from 0 to 2^53 - 1, got 0.5");
    expect(() => uniform([2], { key: tensor([1, 2]) })).toThrow("[uniform] a key is two uint32 words, got float32 [2]");
  });
});
