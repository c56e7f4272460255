import {
  Adam,
  compile,
  crossEntropy,
  type Device,
  Dropout,
  evaluate,
  Linear,
  lenet,
  normal,
  relu,
  Sequential,
  seed,
  type Tensor,
  tensor,
  uniform,
  useDevice,
} from "gradloom";

const hasGpu = (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu !== undefined;
const withGpu = hasGpu ? test : test.skip;
const why = hasGpu ? "" : " (skipped: no driver for Vulkan, or VK_ICD_FILENAMES does not name it)";

// Software drivers compile each kernel for tenths of a second.
jest.setTimeout(180_000);

/** The losses of compiled steps on a device, all from one seed. */
const losses = async (device: "cpu" | "webgpu", steps: number, build: () => () => Tensor): Promise<number[]> => {
  await useDevice(device);
  seed(7);
  const step = build();
  const results: number[] = [];
  for (let i = 0; i < steps; i++) results.push(await step().item());
  return results;
};

const labels = (n: number): Tensor => tensor(Int32Array.from({ length: n }, (_, i) => (i * 7) % 10));

/** A small convolutional network with dropout, trained with SGD's relatives on images that stay. */
const network = (): (() => Tensor) => {
  const model = new Sequential(lenet({ inputShape: [14, 14, 1] }), new Dropout(0.2), relu, new Linear(10, 10));
  const optimizer = new Adam(model.parameters(), { learningRate: 1e-3 });
  const [images, targets] = [normal([16, 14, 14, 1]), labels(16)];
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.call(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  return () => step(images, targets);
};

withGpu(`100 compiled steps give the CPU's losses${why}`, async () => {
  const want = await losses("cpu", 100, network);
  const got = await losses("webgpu", 100, network);
  expect(want[99]).toBeLessThan((want[0] as number) / 2);
  got.forEach((loss, i) => {
    expect(Math.abs(loss / (want[i] as number) - 1)).toBeLessThan(1e-4);
  });
});

withGpu(`the same seed gives the same dropout masks and the same bits${why}`, async () => {
  const draw = async (device: "cpu" | "webgpu"): Promise<unknown[]> => {
    await useDevice(device);
    seed(3);
    const layer = new Dropout(0.4);
    const draws = [layer.call(tensor(new Float32Array(1000).fill(1))), uniform([257]), layer.call(uniform([40, 25]))];
    return Promise.all(draws.map((t) => t.data()));
  };
  expect(await draw("webgpu")).toEqual(await draw("cpu"));
});

/** Work given to a device by one call of a step that ran before. */
const workOf = async (device: Device, step: () => Tensor): Promise<{ dispatches: number; submits: number }> => {
  for (let i = 0; i < 2; i++) await step().item();
  const before = { ...(device.backend.counters as { dispatches: number; submits: number }) };
  const loss = step();
  await evaluate(loss);
  const after = device.backend.counters as { dispatches: number; submits: number };
  return { dispatches: after.dispatches - before.dispatches, submits: after.submits - before.submits };
};

withGpu(`a training step of LeNet is one submission of at most 40 dispatches${why}`, async () => {
  const device = await useDevice("webgpu");
  seed(1);
  const model = lenet();
  const optimizer = new Adam(model.parameters());
  const [images, targets] = [await normal([8, 28, 28, 1]).evaluate(), await labels(8).evaluate()];
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.call(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  const work = await workOf(device, () => step(images, targets));
  expect(work.submits).toBe(1);
  expect(work.dispatches).toBeLessThanOrEqual(40);
});
