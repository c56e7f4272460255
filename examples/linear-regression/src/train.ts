import { Linear, mseLoss } from "@gradloom/layers";
import { Adam } from "@gradloom/optimizers";
import { matmul, normal, seed, tensor } from "@gradloom/tensor";
import { fit, progressBar } from "@gradloom/training";

/** Points on y = 2 a - 3 b + 0.5, with a little noise; finds the three numbers again. */
export const train = async (epochs = 40): Promise<{ weight: number[]; bias: number }> => {
  seed(1);
  const x = await normal([256, 2]).evaluate();
  const noise = normal([256, 1]).mul(0.01);
  const y = await matmul(x, tensor([[2], [-3]]))
    .add(0.5)
    .add(noise)
    .evaluate();

  const model = new Linear(2, 1);
  const optimizer = new Adam(model.parameters(), { learningRate: 0.1 });
  const batches = [0, 64, 128, 192].map((from) => ({
    inputs: x.slice(`${from}:${from + 64}`),
    targets: y.slice(`${from}:${from + 64}`),
  }));
  await fit(model, batches, { loss: mseLoss, optimizer, epochs, callbacks: [progressBar()] });

  const [weight, bias] = [await model.weight.value.data(), await model.bias?.value.item()];
  return { weight: [...weight].map(Number), bias: bias ?? 0 };
};
