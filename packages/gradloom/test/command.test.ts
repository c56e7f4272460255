import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { createProgram } from "../src/command/program.ts";

const folder = mkdtempSync(join(tmpdir(), "gradloom-command-"));

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command within this process. */
const run = async (...args: string[]) => {
  const out: string[] = [];
  const notes: string[] = [];
  let code: number | undefined;
  const program = createProgram(
    { out: (line) => void out.push(line), note: (line) => void notes.push(line) },
    (given) => {
      code = given;
    },
  );
  program.configureOutput({ writeErr: (text) => void notes.push(text), writeOut: (text) => void out.push(text) });
  for (const command of [program, ...program.commands]) command.exitOverride().copyInheritedSettings(program);
  await program.parseAsync(args, { from: "user" });
  return { out, notes: notes.join("\n"), code };
};

const small = ["--data", "synthetic-digits", "--model", "mlp", "--images", "640", "--epochs", "2", "--seed", "3"];

test("trains, saves, evaluates and predicts; the same figures at every run", async () => {
  const out = join(folder, "model");
  const first = await run("train", ...small, "--json", "--out", out);
  const lines = first.out.map((line) => JSON.parse(line));
  expect(first.code).toBe(0);
  expect(lines.map(({ epoch }) => epoch)).toEqual([1, 2, undefined]);
  expect(lines[0]).toMatchObject({ loss: expect.any(Number), accuracy: expect.any(Number), samples: 640 });
  expect(Object.keys(lines[2])).toEqual(["testAccuracy", "testLoss", "seconds", "device"]);
  expect(lines[2].testAccuracy).toBeGreaterThan(0.5);
  expect(first.notes).toContain(`Saved ${join(out, "model.safetensors")}`);
  expect(readdirSync(out)).toContain("model.safetensors");

  const second = (await run("train", ...small, "--json")).out.map((line) => JSON.parse(line));
  expect(second[2].testAccuracy).toBe(lines[2].testAccuracy);
  expect(second[2].testLoss).toBe(lines[2].testLoss);

  const evaluated = JSON.parse((await run("evaluate", out, "--data", "synthetic-digits", "--json")).out[0] as string);
  expect(evaluated.testAccuracy).toBe(lines[2].testAccuracy);
  const predicted = await run("predict", out, "--data", "synthetic-digits", "--count", "3", "--draw");
  expect(predicted.out).toHaveLength(6);
  expect(predicted.out[1]).toMatch(/^0: \d \(\d+\.\d %\)/);
}, 120_000);

test("holds images out to look at after each epoch, and changes the others at random", async () => {
  const args = ["train", ...small, "--validation", "0.25", "--json"];
  const lines = async (...more: string[]) => (await run(...args, ...more)).out.map((line) => JSON.parse(line));
  const [plain, changed] = [await lines(), await lines("--augment", "flip,crop")];
  expect(Object.keys(plain[0])).toEqual([
    "epoch",
    "loss",
    "accuracy",
    "validation.loss",
    "validation.accuracy",
    "learningRate",
    "seconds",
    "samples",
    "waiting",
  ]);
  expect(plain[0].samples).toBe(480);
  expect(plain[1]["validation.accuracy"]).toBeGreaterThan(0.3);
  expect(changed[0].loss).not.toBe(plain[0].loss);
  expect((await lines("--augment", "flip,crop"))[2].testLoss).toBe(changed[2].testLoss);
}, 120_000);

test("unknown names list the valid ones", async () => {
  await expect(run("train", "--data", "mnits")).rejects.toThrow('unknown data "mnits"; use a folder, or one of auto, ');
  const bad = (option: string) => expect(run("train", option, "x")).rejects;
  await bad("--model").toThrow("Allowed choices are mlp, lenet, cnn, vgg11,");
  await bad("--optimizer").toThrow("Allowed choices are sgd, adam,");
  await bad("--schedule").toThrow("Allowed choices are one-cycle, constant.");
  await bad("--device").toThrow("Allowed choices are auto, cpu, ");
  await bad("--augment").toThrow('There is no "x". Allowed choices are flip, crop.');
  await expect(run("train", "--validation", "1")).rejects.toThrow("It is a number from 0 to below 1.");
  await expect(run("train", "--epochs", "-1")).rejects.toThrow("It is a whole number >= 0.");
  const empty = mkdtempSync(join(folder, "empty-"));
  await expect(run("train", "--data", empty)).rejects.toThrow("holds neither folders of images nor the files of MNIST");
}, 60_000);

test("learns from a folder of images", async () => {
  const images = join(folder, "images");
  for (const [k, name] of ["dark", "light"].entries()) {
    mkdirSync(join(images, name), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const png = new PNG({ width: 8, height: 8 });
      png.data.fill(k === 0 ? 3 * i : 255 - 3 * i);
      writeFileSync(join(images, name, `${String(i).padStart(2, "0")}.png`), PNG.sync.write(png));
    }
  }
  const [data] = (await run("data", images, "--json")).out;
  expect(JSON.parse(data as string)).toMatchObject({
    inputShape: [8, 8, 3],
    classes: ["dark", "light"],
    train: [16, 16],
    test: [4, 4],
  });
  const { out } = await run(
    "train",
    "--data",
    images,
    "--model",
    "mlp",
    "--epochs",
    "20",
    "--batch-size",
    "8",
    "--json",
  );
  expect(JSON.parse(out.at(-1) as string).testAccuracy).toBe(1);
}, 60_000);

test("a file that is no saved model is refused", async () => {
  const file = join(folder, "broken.safetensors");
  writeFileSync(file, "not a model");
  await expect(run("evaluate", file, "--data", "synthetic-digits")).rejects.toThrow(file);
});

test("places that cannot be written to are refused before the work", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const places = existsSync("/proc/self") ? [file, "/proc/self/deep/model"] : [file];
  for (const place of places) {
    const outputs = [
      ["--out", place],
      ["--report", join(place, "report.html")],
      ["--tensorboard", place],
    ];
    for (const [option = "", value = ""] of outputs) {
      const refused = run("train", "--data", "synthetic-digits", option, value);
      await expect(refused).rejects.toThrow(`[${option}] cannot write to ${place} (`);
    }
  }
}, 60_000);

test("says what there is", async () => {
  expect((await run("info")).out.join("\n")).toContain("models:     mlp, lenet, cnn, vgg11");
  expect((await run("info", "--model", "resnet18", "--shape", "64x64x3")).out.at(-1)).toBe("11,181,642 parameters");
  expect((await run("devices")).out.join("\n")).toMatch(/^cpu +available$/m);
  const [data] = (await run("data", "synthetic-digits", "--json")).out;
  expect(JSON.parse(data as string)).toMatchObject({ inputShape: [28, 28, 1], train: Array(10).fill(1000) });
  const bench = await run("bench", "--model", "mlp", "--batch-size", "8", "--steps", "3", "--json");
  expect(JSON.parse(bench.out[0] as string)).toMatchObject({ model: "mlp", device: "cpu", batchSize: 8 });
}, 60_000);

test("every command has help", async () => {
  for (const command of createProgram({ out: () => undefined, note: () => undefined }, () => undefined).commands) {
    expect(command.helpInformation()).toMatch(/^Usage: gradloom /);
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
  }
});

test("Ctrl-C stops cleanly and says what was saved", async () => {
  const root = join(__dirname, "../../..");
  const out = join(folder, "stopped");
  const args = [
    "--import",
    "tsx",
    "packages/gradloom/src/main.ts",
    "train",
    ...small,
    "--epochs",
    "1000",
    "--out",
    out,
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let sent = false;
  child.stderr.on("data", (chunk) => {
    text += String(chunk);
    if (sent || !text.includes("epoch 2/1000")) return;
    sent = true;
    child.kill("SIGINT");
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(text).toContain("Stopping after this step");
  expect(text).toMatch(/Stopped after \d+ steps; the model was saved to .*model\.safetensors/);
  expect(code).toBe(130);
}, 60_000);
