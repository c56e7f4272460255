/** What page and worker say to each other. */

export type DeviceChoice = "auto" | "webgpu" | "cpu";

export interface Settings {
  readonly device: DeviceChoice;
  readonly epochs: number;
  /** Images per step. */
  readonly batch: number;
  /** The most images to train on; undefined for all that there are. */
  readonly samples: number | undefined;
}

/** An image of a digit: 28x28 pixels from 0 to 1, ink on black. */
export type Pixels = Float32Array<ArrayBuffer>;

export type ToWorker =
  | { readonly type: "start"; readonly settings: Settings; readonly digits: string }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Asks for other test images in the table. */
  | { readonly type: "sample" }
  | { readonly type: "classify"; readonly pixels: Pixels };

export interface DeviceReport {
  readonly kind: "webgpu" | "cpu";
  /** For the visitor, such as "CPU". */
  readonly name: string;
  readonly detail: string;
  /** Why it is not the one that was hoped for. */
  readonly note: string | undefined;
}

export interface DataReport {
  readonly source: "mnist" | "synthetic";
  readonly train: number;
  readonly test: number;
  readonly steps: number;
  readonly weights: number;
}

export type State = "training" | "paused" | "finished";

/** How far training is; sent some times per second, without waiting for the device. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly samplesPerSecond: number | undefined;
}

/** Means over the images of the last steps. */
export interface Point {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** One test image, the digit that it is, and the probability that the model gives to each digit. */
export interface Prediction {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly label: number;
  readonly probabilities: readonly number[];
}

export type FromWorker =
  | { readonly type: "device"; readonly device: DeviceReport }
  | { readonly type: "data"; readonly data: DataReport }
  | { readonly type: "state"; readonly state: State }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "point"; readonly point: Point }
  /** Values on the test images after an epoch. */
  | { readonly type: "tested"; readonly point: Point; readonly epoch: number }
  | { readonly type: "predictions"; readonly predictions: readonly Prediction[] }
  | { readonly type: "answer"; readonly probabilities: readonly number[] }
  | { readonly type: "error"; readonly message: string };
