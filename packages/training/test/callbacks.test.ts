import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { crossEntropy } from "@gradloom/layers";
import { ReduceOnPlateau, SGD } from "@gradloom/optimizers";
import { UnsupportedError, useDevice } from "@gradloom/tensor";
import type { Callback, FitOptions, Values } from "../src/index.ts";
import {
  checkpoint,
  earlyStopping,
  evaluate,
  fit,
  jsonLines,
  liveCurves,
  plateau,
  progressBar,
  schedule,
  tensorBoard,
} from "../src/index.ts";
import { crc32c } from "../src/tensorboard/crc32c.ts";
import { accuracy, network, points, weightsOf } from "./support/task.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

const train = async (callbacks: readonly Callback[], options: Partial<FitOptions> = {}) => {
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
  const history = await fit(model, points(30, 15), { loss: crossEntropy, optimizer, epochs: 3, callbacks, ...options });
  return { model, optimizer, history };
};

const sink = (isTTY: boolean) => {
  const texts: string[] = [];
  return { isTTY, write: (text: string) => texts.push(text), text: () => texts.join("") };
};

test("the progress bar leaves one line per epoch", async () => {
  const plain = sink(false);
  await train([progressBar(plain)], { metrics: { accuracy }, validation: points(9, 9) });
  const lines = plain.text().trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    /^epoch 1\/3 {2}loss \S+ {2}accuracy \S+ {2}validation loss \S+ {2}validation accuracy \S+ {2}\S+ s {2}\d+ samples\/s {2}waited for data \d+ %$/,
  );
  const terminal = sink(true);
  await train([progressBar(terminal)], { readEvery: 0 });
  expect(terminal.text()).toContain("epoch 1/3 [==========          ] 1/2  loss ");
});

test("early stopping gives back the weights of the best epoch", async () => {
  // Learning backwards: every epoch is worse than the first.
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.5, maximize: true });
  const after: number[][][] = [];
  const data = points(30, 15);
  const history = await fit(model, data, {
    loss: crossEntropy,
    optimizer,
    epochs: 10,
    validation: data,
    callbacks: [
      {
        onEpochEnd: async (run) => {
          after.push(await weightsOf(run.model as ReturnType<typeof network>));
        },
      },
      earlyStopping({ patience: 2 }),
    ],
  });
  expect(history.stopped).toBe("validation.loss has not improved since epoch 1");
  expect(history.epochs).toHaveLength(3);
  expect(after[2]).not.toEqual(after[0]);
  const losses = history.epochs.map(({ validation }) => validation?.loss as number);
  expect(losses).toEqual([...new Set(losses)].sort((a, b) => a - b));
  expect(await weightsOf(model)).toEqual(after[0]);
  const { loss } = await evaluate(model, data, { loss: crossEntropy });
  expect(loss).toBeCloseTo(history.epochs[0]?.validation?.loss as number, 6);
});

test("early stopping keeps what is best by the way of the metric, and names what it can watch", async () => {
  const { history } = await train([earlyStopping({ monitor: "accuracy", patience: 50 })], { metrics: { accuracy } });
  expect(history.stopped).toBeUndefined();
  await expect(train([earlyStopping({ monitor: "validation.f1" })])).rejects.toThrow(
    '[earlyStopping] there is no number "validation.f1" to monitor; use one of loss',
  );
});

test("schedules set the learning rate of each step or epoch", async () => {
  const rates: number[] = [];
  const watch: Callback = { onStep: ({ optimizer }) => void rates.push(optimizer.learningRate) };
  await train([schedule((step) => 0.1 / (step + 1)), watch], { epochs: 2 });
  expect(rates).toEqual([0.1, 0.1 / 2, 0.1 / 3, 0.1 / 4]);
  rates.length = 0;
  await train([schedule((epoch) => 0.1 / (epoch + 1), { per: "epoch" }), watch], { epochs: 2 });
  expect(rates).toEqual([0.1, 0.1, 0.05, 0.05]);
});

test("a plateau lowers the learning rate", async () => {
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, maximize: true });
  const callbacks = [plateau(new ReduceOnPlateau(optimizer, { patience: 0, factor: 0.5 }))];
  const { epochs } = await fit(model, points(30, 15), { loss: crossEntropy, optimizer, epochs: 3, callbacks });
  expect(epochs.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.1, 0.05]);
  expect(optimizer.learningRate).toBe(0.025);
});

test("checkpoints are saved every so often, or when better", async () => {
  const saved: number[] = [];
  const save = (_: unknown, { epoch }: { readonly epoch: number }): void => {
    saved.push(epoch);
  };
  await train([checkpoint(save, { every: 2 })], { epochs: 5 });
  expect(saved).toEqual([2, 4, 5]);
  saved.length = 0;
  await train([checkpoint(save, { bestOnly: true, mode: "max" })]);
  expect(saved).toEqual([1]);
});

test("JSON lines hold the records", async () => {
  const lines: string[] = [];
  const { history } = await train([jsonLines((line) => void lines.push(line))]);
  expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(history.epochs)));
});

test("curves are drawn in the terminal", async () => {
  const output = sink(false);
  await train([liveCurves({ output, height: 4 })], { epochs: 1 });
  expect(output.text()).toMatch(/^loss\n.*[┤┼]/s);
});

test("CRC-32C is that of RFC 3720", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

/** Reads an event file back: checks lengths and checksums, decodes tags and numbers. */
const events = (file: Uint8Array): { step: number; values: Values; version: string | undefined }[] => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const unmasked = (at: number): number => {
    const rotated = (view.getUint32(at, true) - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  const found: ReturnType<typeof events> = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(unmasked(at + 8)).toBe(crc32c(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(unmasked(at + 12 + length)).toBe(crc32c(data));
    at += 16 + length;
    const event = { step: 0, values: {} as Record<string, number>, version: undefined as string | undefined };
    const reader = new BinaryReader(data);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 2) event.step = Number(reader.int64());
      else if (field === 3) event.version = reader.string();
      else if (field === 5) {
        const summary = new BinaryReader(reader.bytes());
        while (summary.pos < summary.len) {
          summary.tag();
          const value = new BinaryReader(summary.bytes());
          value.tag();
          const tag = value.string();
          value.tag();
          event.values[tag] = value.float();
        }
      } else reader.skip(type);
    }
    found.push(event);
  }
  return found;
};

test("TensorBoard finds loss, metrics and learning rate", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradloom-events-"));
  try {
    const { history } = await train([tensorBoard(join(folder, "run"))], { epochs: 2, validation: points(9, 9) });
    const names = readdirSync(join(folder, "run"));
    expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\./)]);
    const [version, ...rest] = events(readFileSync(join(folder, "run", names[0] as string)));
    expect(version?.version).toBe("brain.Event:2");
    expect(rest.map(({ step }) => step)).toEqual([2, 2, 4, 4]);
    expect(rest[2]?.values).toEqual({ "training/loss": Math.fround(history.epochs[1]?.training.loss as number) });
    expect(rest[3]?.values).toMatchObject({
      "validation/loss": Math.fround(history.epochs[1]?.validation?.loss as number),
      "training/learningRate": Math.fround(0.1),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("TensorBoard refuses a browser before training", async () => {
  const node = jest.replaceProperty(globalThis, "process", {} as NodeJS.Process);
  try {
    await expect(train([tensorBoard("logs")])).rejects.toThrow(
      new UnsupportedError(
        "tensorBoard",
        "needs Node's node:fs/promises, and there are no files here",
        "use jsonLines",
      ),
    );
  } finally {
    node.restore();
  }
});
