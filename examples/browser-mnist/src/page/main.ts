import type { DataReport, DeviceReport, FromWorker, Pixels, Point, Progress, State, ToWorker } from "../messages.ts";
import { byId } from "./byId.ts";
import { curve } from "./curve.ts";
import { drawingPad } from "./drawingPad.ts";
import { best, grouped, percent } from "./format.ts";
import { paintPixels } from "./paintPixels.ts";
import { predictionTable } from "./predictionTable.ts";
import { probabilityBars } from "./probabilityBars.ts";
import { settingsOf } from "./settings.ts";

const pause = byId<HTMLButtonElement>("pause");
const choice = byId<HTMLSelectElement>("choice");
const progressBar = byId<HTMLProgressElement>("progress");
const text = (id: string, value: string): void => {
  byId(id).textContent = value;
};

const lossCurve = curve(byId("loss-curve"), {
  name: "Curve of the loss",
  color: "--loss",
  format: (value) => value.toFixed(2),
});
const accuracyCurve = curve(byId("accuracy-curve"), {
  name: "Curve of the accuracy",
  color: "--accuracy",
  format: (value) => percent(value),
  top: 1,
});
const bars = probabilityBars(byId("bars"));
const table = predictionTable(byId("predictions"), byId("score"));

let settings = settingsOf(location.search);
let worker: Worker | undefined;
const send = (message: ToWorker): void => worker?.postMessage(message);

// What is drawn: one question at a time, and the newest next.
let drawn: Pixels | undefined;
let asked: Pixels | undefined;
const ask = (): void => {
  if (drawn === undefined || asked !== undefined) return;
  asked = drawn;
  send({ type: "classify", pixels: drawn });
};
const answered = (probabilities: readonly number[]): void => {
  const changed = asked !== drawn;
  asked = undefined;
  if (drawn === undefined) return;
  bars.show(probabilities);
  const digit = best(probabilities);
  text("answer", `a ${digit} (${percent(probabilities[digit] as number)})`);
  if (changed) ask();
};
const pad = drawingPad(byId<HTMLCanvasElement>("pad"), (pixels) => {
  drawn = pixels;
  byId("hint").hidden = pixels !== undefined;
  paintPixels(
    byId<HTMLCanvasElement>("seen"),
    Array.from(pixels ?? new Float32Array(784), (ink) => 255 * ink),
  );
  if (pixels === undefined) {
    bars.show(undefined);
    text("answer", "nothing yet");
  } else ask();
});

const showState = (state: State | "loading" | "pausing" | "failed"): void => {
  const words = {
    loading: "Loading",
    training: "Training",
    pausing: "Pausing",
    paused: "Paused",
    finished: "Finished",
    failed: "Stopped",
  };
  byId("state").dataset.state = state;
  text("state", words[state]);
  pause.disabled = state !== "training" && state !== "paused";
  pause.textContent = state === "paused" ? "Resume" : "Pause";
};

const showDevice = ({ kind, name, detail, note = "" }: DeviceReport): void => {
  byId("device").dataset.kind = kind;
  text("device", name);
  text("device-detail", detail);
  text("device-note", note);
  byId("device-note").hidden = note === "";
};

const showProgress = ({ step, epoch, samplesPerSecond }: Progress): void => {
  text("step", grouped(step));
  text("epoch", `${epoch} of ${settings.epochs}`);
  if (samplesPerSecond !== undefined) text("rate", grouped(samplesPerSecond));
  progressBar.value = step;
};

const showPoint = ({ step, loss, accuracy }: Point): void => {
  text("loss", loss.toFixed(3));
  text("accuracy", percent(accuracy, 1));
  lossCurve.add(step, loss);
  accuracyCurve.add(step, accuracy);
};

const fail = (message: string): void => {
  const advice = settings.device === "webgpu" ? " Choose another device, such as the CPU." : "";
  text("error", `${message}${/[.!?]$/.test(message) ? "" : "."}${advice}`);
  byId("error").hidden = false;
  showState("failed");
};

const showData = ({ source, train, test, steps, weights }: DataReport): void => {
  const digits = source === "mnist" ? "handwritten digits (MNIST)" : "drawn digits, since MNIST is not served here";
  const images = `${grouped(train)} images to learn from and ${grouped(test)} to test with`;
  text("data", `${grouped(weights)} weights; ${images}: ${digits}.`);
  byId("data").dataset.source = source;
  progressBar.max = steps;
  lossCurve.clear(steps);
  accuracyCurve.clear(steps);
};

const showTested = ({ step, loss, accuracy }: Point): void => {
  text("tested", percent(accuracy, 1));
  lossCurve.addTested(step, loss);
  accuracyCurve.addTested(step, accuracy);
};

const listeners: { readonly [K in FromWorker["type"]]: (message: Extract<FromWorker, { type: K }>) => void } = {
  device: ({ device }) => showDevice(device),
  data: ({ data }) => showData(data),
  state: ({ state }) => showState(state),
  progress: ({ progress }) => showProgress(progress),
  point: ({ point }) => showPoint(point),
  tested: ({ point }) => showTested(point),
  predictions: ({ predictions }) => {
    table.show(predictions);
    // The model has changed since the drawing was looked at.
    ask();
  },
  answer: ({ probabilities }) => answered(probabilities),
  error: ({ message }) => fail(message),
};

/** Begins anew, in a worker of its own: what the last one has in memory goes with it. */
const start = (): void => {
  worker?.terminate();
  asked = undefined;
  byId("error").hidden = true;
  for (const id of ["device", "epoch", "rate", "loss", "accuracy", "tested"]) text(id, "–");
  for (const id of ["device-detail", "device-note", "data"]) text(id, "");
  text("step", "0");
  progressBar.value = 0;
  choice.value = settings.device;
  showState("loading");
  worker = new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module", name: "gradloom" });
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => listeners[data.type](data as never);
  worker.onerror = ({ message }) => fail(message || "The worker could not be loaded");
  send({ type: "start", settings, digits: new URL("mnist", document.baseURI).href });
};

pause.addEventListener("click", () => {
  if (byId("state").dataset.state === "paused") send({ type: "resume" });
  else {
    showState("pausing");
    send({ type: "pause" });
  }
});
byId("restart").addEventListener("click", start);
byId("clear").addEventListener("click", () => pad.clear());
byId("sample").addEventListener("click", () => send({ type: "sample" }));
choice.addEventListener("change", () => {
  const address = new URL(location.href);
  address.searchParams.set("device", choice.value);
  history.replaceState(null, "", address);
  settings = settingsOf(address.search);
  start();
});

start();
