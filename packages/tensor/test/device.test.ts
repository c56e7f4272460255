import { Device, evaluate, openDevice, tensor, useDevice } from "../src/index.ts";
import { devicesUnderTest } from "./support/devices.ts";

test("auto takes no software renderer for a GPU", async () => {
  expect((await openDevice("auto")).name).toBe("cpu");
});

test.each(devicesUnderTest)("values move to %s and back", async (name) => {
  const reference = await useDevice("reference");
  const device = await openDevice(name);
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const moved = await x.mul(2).transpose().to(device);
  expect(moved.device).toBe(device);
  expect(await moved.add(moved).array()).toEqual([
    [4, 12],
    [8, 16],
  ]);
  await moved.evaluate();
  const back = await moved.to(reference);
  expect(await back.add(x).array()).toEqual([
    [3, 8],
    [7, 12],
  ]);
  expect(await back.to(reference)).toBe(back);
  expect(await (await tensor([true, false]).to(device)).array()).toEqual([1, 0]);
});

test("operands on two devices are refused with what to do", async () => {
  const [a, b] = await Promise.all([openDevice("reference"), openDevice("cpu")]);
  const x = tensor([1], { device: a });
  const y = tensor([1], { device: b });
  expect(() => x.add(y)).toThrow("operands live on two devices, got reference and cpu; move one with to(device)");
  expect(await x.add(await y.to(a)).array()).toEqual([2]);
});

test("unknown devices are refused with the names of those there are", async () => {
  await expect(useDevice("tpu" as "cpu")).rejects.toThrow(
    'unknown device "tpu"; use one of auto, cpu, webgpu, reference',
  );
});

const hasGpu = devicesUnderTest.includes("webgpu");
(hasGpu ? test : test.skip)(
  `a lost device is replaced by a new one${hasGpu ? "" : " (skipped: no driver)"}`,
  async () => {
    const first = await useDevice("webgpu");
    const x = tensor([1, 2, 3]);
    await evaluate(x);
    first.backend.dispose();
    await expect(x.add(1).data()).rejects.toThrow(/disposed/);
    const second = await useDevice("webgpu");
    expect(second).not.toBe(first);
    expect(second).toBeInstanceOf(Device);
    expect(await tensor([1, 2, 3]).add(1).array()).toEqual([2, 3, 4]);
  },
);
