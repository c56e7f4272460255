import { train } from "../src/train.ts";

test("finds the numbers that the data was made with", async () => {
  const { weight, bias } = await train();
  expect(weight[0]).toBeCloseTo(2, 1);
  expect(weight[1]).toBeCloseTo(-3, 1);
  expect(bias).toBeCloseTo(0.5, 1);
});
