import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { compile, evaluate, ones, openDevice, tensor, Variable, zeros } from "@gradloom/tensor";
import type { CommonSettings, UpdateRule } from "../src/index.ts";
import { Adam, AdamW, defineOptimizer, Optimizer, SGD } from "../src/index.ts";
import { distance, numbersIn, open, problem } from "./support/problem.ts";

beforeEach(() => open());

describe("groups", () => {
  test("have their own settings, and the optimizer's for the rest", async () => {
    const [p, q] = [new Variable(tensor([1])), new Variable(tensor([1]))];
    const optimizer = new SGD([{ parameters: [p], learningRate: 0.5 }, { parameters: [q] }], {
      learningRate: 0.1,
      weightDecay: 0.1,
    });
    optimizer.apply([tensor([1]), tensor([1])]);
    const expected = [1 - 0.5 * 1.1, 1 - 0.1 * 1.1];
    expect(distance(await numbersIn(p, q), expected)).toBeLessThan(1e-6);
    expect(optimizer.groups.map(({ learningRate }) => learningRate)).toEqual([0.5, 0.1]);
    optimizer.groups[1]!.learningRate = 0;
    optimizer.apply([tensor([1]), tensor([1])]);
    expect((await numbersIn(q))[0]).toBeCloseTo(expected[1] as number, 6);
    optimizer.learningRate = 0.2;
    expect(optimizer.groups.map(({ learningRate }) => learningRate)).toEqual([0.2, 0.2]);
  });

  test("of several element types take one step together", async () => {
    const p = new Variable(tensor([1]));
    const q = new Variable(tensor([1], { dtype: "float64" }));
    const optimizer = new Adam([p, q], { learningRate: 0.1 });
    optimizer.apply([tensor([0.5]), tensor([0.5], { dtype: "float64" })]);
    const [a, b] = (await numbersIn(p, q)) as [number, number];
    expect(a).toBeCloseTo(0.9, 6);
    expect(b).toBeCloseTo(0.9, 7);
    expect(optimizer.groups[0]!.rate.dtype).toBe("float64");
  });

  test("16-bit parameters keep their type and are updated in float32", async () => {
    const p = new Variable(tensor([1, 2], { dtype: "float16" }));
    const optimizer = new AdamW([p]);
    optimizer.apply([tensor([1, 1], { dtype: "float16" })]);
    expect(p.value.dtype).toBe("float16");
    expect(distance(await numbersIn(p.value.cast("float32")), [0.999, 1.999])).toBeLessThan(1e-3);
    expect(optimizer.state()["m.0"]!.dtype).toBe("float32");
  });
});

describe("steps", () => {
  test("minimize makes the loss part of the step's evaluation", async () => {
    const { a, b, loss } = problem("float32");
    const optimizer = new SGD([a, b], { learningRate: 0.1 });
    const first = loss();
    const again = loss();
    optimizer.minimize(first, { keep: [again] });
    await evaluate();
    optimizer.minimize(loss());
    optimizer.minimize(loss());
    expect(await first.item()).toBe(await again.item());
  });

  test("apply takes given gradients and keeps tensors", async () => {
    const { a, b, loss } = problem("float32");
    const optimizer = new SGD([a, b], { learningRate: 0.1 });
    const value = loss();
    const before = await problem("float32").loss().item();
    optimizer.apply(gradients(value, optimizer.parameters), { keep: [value] });
    expect(await value.item()).toBe(before);
  });

  test("a changed rate holds from the next step on, in compiled steps too", async () => {
    const p = new Variable(tensor([1]));
    const optimizer = new SGD([p], { learningRate: 0.5 });
    const step = compile(() => optimizer.apply([ones([1])]));
    step();
    optimizer.learningRate = 0.25;
    step();
    expect(await numbersIn(p)).toEqual([0.25]);
    expect(optimizer.learningRate).toBe(0.25);
  });

  test("parameters that the loss does not depend on have gradient 0", async () => {
    const [p, q] = [new Variable(tensor([1])), new Variable(tensor([1]))];
    new Adam([p, q]).minimize(p.value.sum());
    expect((await numbersIn(q))[0]).toBe(1);
  });
});

describe("what is refused", () => {
  test("parameters that cannot be updated", async () => {
    const p = new Variable(tensor([1]), { name: "p" });
    const whole = new Variable(tensor([1], { dtype: "int32" }), { name: "whole" });
    const fixed = new Variable(tensor([1]), { name: "fixed", trainable: false });
    const device = await openDevice(createReferenceBackend());
    const elsewhere = new Variable(zeros([1], { device }), { name: "elsewhere" });
    const refused: [Iterable<unknown>, string][] = [
      [[], "[Adam] has nothing to update, got no parameters"],
      [[p, p], "[Adam] got the parameter p twice; put it into one group"],
      [[whole], "[Adam] updates floats, got whole of int32"],
      [[fixed], "[Adam] fixed is not trainable; leave it out, or make it with { trainable: true }"],
      [[p, tensor([1])], "[Adam] entry 0 is not a group; give variables only, or groups { parameters, ... } only"],
      [[{ parameters: [p, 1] }], "[Adam] updates variables, got 1"],
      [
        [p, elsewhere],
        "[Adam] parameters live on two devices, got reference and reference; use one optimizer per device",
      ],
    ];
    for (const [parameters, message] of refused) {
      expect(() => new Adam(parameters as Iterable<Variable>)).toThrow(expect.objectContaining({ message }));
    }
  });

  test("gradients that do not fit", () => {
    const optimizer = new Adam([new Variable(tensor([1]), { name: "p" })]);
    expect(() => optimizer.apply([])).toThrow("[Adam] needs a gradient per parameter, got 0 for 1");
    expect(() => optimizer.apply([ones([2])])).toThrow("[Adam] gradient 0 does not fit p, got [2] for [1]");
  });

  test("a learning rate out of range", () => {
    const optimizer = new Adam([new Variable(tensor([1]))]);
    expect(() => {
      optimizer.learningRate = -1;
    }).toThrow("[Adam] learningRate must be a number >= 0, got -1");
    expect(optimizer.learningRate).toBe(1e-3);
  });

  test("a state that does not fit; nothing changes then", async () => {
    const remedy = "load the state of an optimizer with the same rule, settings and parameters";
    const optimizer = new Adam([new Variable(tensor([1]))]);
    const { step, ...rest } = optimizer.state();
    await expect(optimizer.loadState(rest)).rejects.toThrow(`[Adam] the state lacks step; ${remedy}`);
    await expect(optimizer.loadState({ ...optimizer.state(), "m.1": ones([1]) })).rejects.toThrow(
      `[Adam] keeps no m.1; ${remedy}`,
    );
    await expect(optimizer.loadState({ ...rest, step: step!, "m.0": ones([2]) })).rejects.toThrow(
      `[Adam] m.0 of the state does not fit, got [2] for [1]; ${remedy}`,
    );
    await expect(optimizer.loadState({ ...rest, step: step!, "m.0": ones([1], { dtype: "float64" }) })).rejects.toThrow(
      `[Adam] m.0 of the state does not fit, got float64 for float32; ${remedy}`,
    );
    expect(await numbersIn(optimizer.state()["m.0"]!)).toEqual([0]);
  });
});

test("a rule of one's own becomes an optimizer", async () => {
  const rule: UpdateRule<CommonSettings, Record<string, never>> = {
    name: "SignDescent",
    defaults: { learningRate: 0.1, weightDecay: 0, maximize: false },
    ranges: SGD.defaults && {
      learningRate: { holds: () => true, text: "" },
      weightDecay: { holds: () => true, text: "" },
      maximize: { holds: () => true, text: "" },
    },
    state: () => ({}),
    step:
      ({ learningRate }) =>
      (p, g) =>
        ({ p: p.sub(g.sign().mul(learningRate)) }) as never,
  };
  const p = new Variable(tensor([1, -1]));
  const optimizer = new (defineOptimizer(rule))([p]);
  expect(optimizer).toBeInstanceOf(Optimizer);
  optimizer.minimize(p.value.square().sum());
  expect(distance(await numbersIn(p), [0.9, -0.9])).toBeLessThan(1e-6);
});
