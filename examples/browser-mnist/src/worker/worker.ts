import { DataLoader, take } from "@gradloom/datasets";
import { crossEntropy } from "@gradloom/layers";
import { Adam, oneCycle } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { currentDevice, seed } from "@gradloom/tensor";
import { fit, schedule } from "@gradloom/training";
import type { FromWorker, Pixels, Settings, ToWorker } from "../messages.ts";
import { chooseDevice } from "./chooseDevice.ts";
import { classifier } from "./classifier.ts";
import type { Digits } from "./digits.ts";
import { loadDigits } from "./digits.ts";
import { network } from "./network.ts";
import { Pace } from "./Pace.ts";
import { reporter } from "./reporter.ts";
import { testSample } from "./testSample.ts";

// Everything that computes. The page only draws, and hears from here some times per second.

interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as Scope;
const post = (message: FromWorker): void => scope.postMessage(message);

const accuracy = (logits: Tensor, labels: Tensor): Tensor => logits.argmax(1).equal(labels).cast("float32").mean();

/** A model on the current device with everything that a visitor can do with it. */
const session = ({ train, test, source }: Digits, { epochs, batch, samples = train.length }: Settings) => {
  seed(1);
  const model = network();
  const classify = classifier(model);
  const pace = new Pace(currentDevice(), (paused) => post({ type: "state", state: paused ? "paused" : "training" }));
  const table = testSample(test, classify, (predictions) => post({ type: "predictions", predictions }));
  const options = { batchSize: batch, shuffle: true, seed: 1 };
  const learnt = new DataLoader(take(train, samples), { ...options, dropLast: samples > batch });
  const tested = new DataLoader(take(test, Math.max(100, Math.floor(samples / 5))), { batchSize: batch });
  const steps = epochs * learnt.length;
  const weights = model.parameters().reduce((sum, { value }) => sum + value.size, 0);
  post({
    type: "data",
    data: { source, train: learnt.dataset.length, test: tested.dataset.length, steps, weights },
  });

  const run = async (): Promise<void> => {
    await table.show();
    post({ type: "state", state: "training" });
    await fit(model, pace.over(learnt), {
      loss: crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs,
      metrics: { accuracy },
      validation: pace.over(tested),
      callbacks: [schedule(oneCycle({ rate: 0.003, steps })), reporter(post, () => pace.now()), table.callback],
      readEvery: 200,
    });
    await table.show();
    post({ type: "state", state: "finished" });
  };
  const answer = async (pixels: Pixels): Promise<void> => {
    const [probabilities = []] = await classify(pixels);
    post({ type: "answer", probabilities });
  };
  return { run, answer, next: () => table.next(), pause: () => pace.pause(), resume: () => pace.resume() };
};

let running: Promise<ReturnType<typeof session>> | undefined;

const begin = async (settings: Settings, digits: string): Promise<ReturnType<typeof session>> => {
  post({ type: "device", device: await chooseDevice(settings.device) });
  return session(await loadDigits(digits, settings.samples), settings);
};

const handle = async (message: ToWorker): Promise<void> => {
  if (message.type === "start") {
    running = begin(message.settings, message.digits);
    return (await running).run();
  }
  const current = await running;
  if (message.type === "classify") return current?.answer(message.pixels);
  if (message.type === "sample") return current?.next();
  if (message.type === "pause") return current?.pause();
  return current?.resume();
};

scope.onmessage = ({ data }) => {
  handle(data).catch((error: Error) => post({ type: "error", message: error.message }));
};
