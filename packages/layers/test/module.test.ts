import { createReferenceBackend } from "@gradloom/backend-reference";
import {
  BatchNorm,
  Conv2d,
  compose,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ModuleDict,
  ModuleList,
  Residual,
  Sequential,
} from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { evaluate, ones, relu, ShapeError, statistics, tensor, useDevice, Variable, zeros } from "@gradloom/tensor";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

class Net extends Module {
  readonly features = new Sequential(new Conv2d(1, 4, 3), new BatchNorm(4), relu, new MaxPool2d(2), new Flatten());
  readonly heads = [new Linear(36, 3), new Linear(36, 2)];
  readonly extra = { scale: new Variable(ones([3])), steps: new Variable(zeros([]), { trainable: false }) };
  readonly byName = new Map([["last", new Linear(3, 3, { bias: false })]]);
  readonly #hidden = new Variable(ones([7]));

  forward(x: Tensor): Tensor {
    const y = (this.heads[0] as Linear).call(this.features.call(x));
    return (this.byName.get("last") as Linear).call(y).mul(this.extra.scale.value).add(this.#hidden.value.sum());
  }
}

const state = (entries: Record<string, number[]>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(entries).map(([name, shape]) => [name, zeros(shape)]));

const message = (text: string) => expect.objectContaining({ message: text });

describe("Module", () => {
  test("finds variables and modules in its fields, in order, by name", () => {
    const net = new Net();
    expect([...net.namedParameters().keys()]).toEqual([
      "features.0.weight",
      "features.0.bias",
      "features.1.weight",
      "features.1.bias",
      "heads.0.weight",
      "heads.0.bias",
      "heads.1.weight",
      "heads.1.bias",
      "extra.scale",
      "byName.last.weight",
    ]);
    expect([...net.namedBuffers().keys()]).toEqual(["features.1.runningMean", "features.1.runningVar", "extra.steps"]);
    expect([...net.namedModules()].map(([name, module]) => `${name}:${module.constructor.name}`)).toEqual([
      ":Net",
      "features:Sequential",
      "features.0:Conv2d",
      "features.1:BatchNorm",
      "features.2:Lambda",
      "features.3:MaxPool2d",
      "features.4:Flatten",
      "heads.0:Linear",
      "heads.1:Linear",
      "byName.last:Linear",
    ]);
    expect(net.parameters().every(({ trainable }) => trainable)).toBe(true);
    expect(net.buffers().some(({ trainable }) => trainable)).toBe(false);
    expect(net.modules()).toHaveLength(10);
  });

  test("shared variables and modules count once, and their further names load too", async () => {
    class Tied extends Module {
      readonly input = new Linear(2, 2, { bias: false });
      readonly again = this.input;
      readonly output = new Linear(2, 2);
      readonly tie = this.input.weight;
      readonly back: Module = this;
      forward(x: Tensor): Tensor {
        return this.output.call(this.again.call(x));
      }
    }
    const net = new Tied();
    expect([...net.namedParameters().keys()]).toEqual(["input.weight", "output.weight", "output.bias"]);
    const names = { "input.weight": [2, 2], "again.weight": [2, 2], tie: [2, 2], "output.weight": [2, 2] };
    expect(net.loadStateDict(state({ ...names, "output.bias": [2] }))).toEqual({ missing: [], unexpected: [] });
    expect(await net.input.weight.value.array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("train and eval reach every module", () => {
    const net = new Net();
    expect(net.eval()).toBe(net);
    expect(net.modules().map(({ training }) => training)).not.toContain(true);
    net.train();
    expect(net.modules().map(({ training }) => training)).not.toContain(false);
  });

  test("hooks see and replace inputs and outputs until they are removed", async () => {
    const layer = new Sequential((x) => x.mul(2));
    const seen: string[] = [];
    const removals = [
      layer.registerForwardPreHook((module, [x]) => {
        seen.push(`${module.constructor.name} ${x.shape}`);
      }),
      layer.registerForwardPreHook((_, [x]) => [x.add(1)]),
      layer.registerForwardHook((_, [x], y) => x.add(y)),
      layer.registerForwardHook((_, __, y) => {
        seen.push(`gives ${y.shape}`);
      }),
    ];
    expect(await layer.call(tensor([1, 2])).array()).toEqual([6, 9]);
    expect(seen).toEqual(["Sequential 2", "gives 2"]);
    for (const remove of removals) remove();
    expect(await layer.call(tensor([1, 2])).array()).toEqual([2, 4]);
    expect(seen).toHaveLength(2);
  });

  test("errors name the innermost layer and its place, whatever called it", () => {
    const inner = new Sequential(new Residual(new Linear(3, 3)));
    const outer = new ModuleDict({ body: inner });
    class Model extends Module {
      readonly parts = outer;
      forward(x: Tensor): Tensor {
        return this.parts.get("body").call(x).reshape([7]);
      }
    }
    const model = new Model();
    let error: unknown;
    try {
      model.call(zeros([2, 4]));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toMatchObject({
      where: "parts.body.0.body Linear",
      message: "[parts.body.0.body Linear] takes [..., 3], got [2,4]; fix inFeatures or reshape the input",
    });
    expect((error as Error).stack).toContain("[parts.body.0.body Linear] takes [..., 3]");
    expect(() => model.call(zeros([2, 3]))).toThrow(
      "[Model] reshape: 6 elements do not fill 7, got [2,3] and [7]; give a shape of the same size",
    );
    expect(() => inner.call(zeros([2, 4]))).toThrow("[0.body Linear] takes [..., 3]");
    const broken = new Sequential(() => {
      throw new TypeError("not ours");
    });
    expect(() => broken.call(zeros([1]))).toThrow(new TypeError("not ours"));
  });
});

describe("state", () => {
  test("is what was loaded, in the model's element types", async () => {
    const one = new Net();
    const other = new Net();
    expect(Object.keys(one.stateDict())).toEqual([...one.namedParameters().keys(), ...one.namedBuffers().keys()]);
    const doubles = Object.fromEntries(
      Object.entries(one.stateDict()).map(([name, value]) => [name, value.cast("float64")]),
    );
    expect(other.loadStateDict(doubles)).toEqual({ missing: [], unexpected: [] });
    const x = ones([2, 8, 8, 1]);
    const outputs = [one.eval().call(x), other.eval().call(x)];
    await evaluate(...outputs);
    expect(await outputs[0]?.data()).toEqual(await outputs[1]?.data());
  });

  test("lists everything that does not fit, and changes nothing", async () => {
    const layer = new Sequential(new Linear(2, 3), new Linear(3, 1));
    await evaluate(...Object.values(layer.stateDict()));
    const before = await layer.parameters()[0]?.value.data();
    const bad = state({ "0.weight": [3, 2], "0.bias": [3], "1.weight": [3, 2], "2.bias": [1], more: [] });
    expect(() => layer.loadStateDict(bad)).toThrow(
      message(
        "[loadStateDict] the state does not fit the model: missing 1.bias; unexpected 2.bias, more; of another shape 0.weight ([3,2] for [2,3]), 1.weight ([3,2] for [3,1]); nothing was loaded",
      ),
    );
    expect(() => layer.loadStateDict(state({ "0.weight": [2, 3] }))).toThrow(
      message(
        "[loadStateDict] the state does not fit the model: missing 0.bias, 1.weight, 1.bias; nothing was loaded, pass { strict: false } to load the rest",
      ),
    );
    expect(() => layer.loadStateDict(bad, { strict: false })).toThrow("of another shape 0.weight");
    expect(await layer.parameters()[0]?.value.data()).toEqual(before);
  });

  test("loads what is there when it is not strict, and says what is not", async () => {
    const layer = new Linear(2, 1);
    const given = { bias: tensor([5]), other: tensor([1]) };
    expect(layer.loadStateDict(given, { strict: false })).toEqual({ missing: ["weight"], unexpected: ["other"] });
    expect(await layer.bias?.value.array()).toEqual([5]);
  });
});

describe("summary", () => {
  test("is a table of layers, made without computing anything", async () => {
    const net = new Net();
    const { evaluations } = statistics();
    const summary = net.summary([1, 8, 8, 1]);
    expect(statistics().evaluations).toBe(evaluations);
    expect(String(summary)).toBe(
      [
        "Layer        Kind        Output     Parameters",
        "----------------------------------------------",
        "(model)      Net         [1,3]               3",
        "features     Sequential  [1,36]              0",
        "features.0   Conv2d      [1,6,6,4]          40",
        "features.1   BatchNorm   [1,6,6,4]           8",
        "features.2   Lambda      [1,6,6,4]           0",
        "features.3   MaxPool2d   [1,3,3,4]           0",
        "features.4   Flatten     [1,36]              0",
        "heads.0      Linear      [1,3]             111",
        "heads.1      Linear      -                  74",
        "byName.last  Linear      [1,3]               9",
        "----------------------------------------------",
        "245 parameters, 9 elements in buffers",
      ].join("\n"),
    );
    expect(summary).toMatchObject({ parameters: 245, buffers: 9 });
    expect(summary.rows[2]).toEqual({
      name: "features.0",
      kind: "Conv2d",
      outputShape: [1, 6, 6, 4],
      parameters: 40,
    });
    expect(net.training && net.features.training).toBe(true);
    expect(() => net.summary([1, 8, 8, 3])).toThrow("[features.0 Conv2d] input has 3 channels");
    expect(net.training && net.features.training).toBe(true);
  });
});

describe("ModuleList", () => {
  test("holds modules by position", () => {
    class Net extends Module {
      readonly blocks = new ModuleList([new Linear(2, 2), new Linear(2, 2)]);
      forward(x: Tensor): Tensor {
        return [...this.blocks].reduce((y, block) => block.call(y), x);
      }
    }
    const net = new Net();
    net.blocks.push(new Linear(2, 5, { bias: false }));
    expect(net.blocks.length).toBe(3);
    expect(net.blocks.at(-1)?.outFeatures).toBe(5);
    expect(net.call(zeros([1, 2])).shape).toEqual([1, 5]);
    expect([...net.namedParameters().keys()].at(-1)).toBe("blocks.2.weight");
    expect(() => net.blocks.call()).toThrow("[ModuleList] is no function; call the modules in it, or use Sequential");
  });
});

describe("ModuleDict", () => {
  test("holds modules by name", () => {
    const dict = new ModuleDict({ "10": new Linear(2, 2), left: new Linear(2, 2), "2": new Linear(2, 3) });
    dict.set("right", new Linear(2, 4));
    expect([...dict].map(([name]) => name)).toEqual(["2", "10", "left", "right"]);
    expect(dict.has("left") && !dict.has("up")).toBe(true);
    expect(dict.get("left").outFeatures).toBe(2);
    expect([...dict.namedModules().keys()]).toEqual(["", "2", "10", "left", "right"]);
    expect(() => dict.get("up" as "left")).toThrow('[ModuleDict] has no "up"; use one of 2, 10, left, right');
    expect(() => dict.set("a.b", new Linear(1, 1))).toThrow('[ModuleDict] a name has no dots, got "a.b"');
    expect(() => dict.call()).toThrow("[ModuleDict] is no function; call the modules in it");
  });
});

describe("compose", () => {
  test("applies functions and modules one after the other", async () => {
    const f = compose((x) => x.add(1), new Sequential((x) => x.mul(10)), relu);
    expect(await f(tensor([-2, 3])).array()).toEqual([0, 40]);
  });
});
