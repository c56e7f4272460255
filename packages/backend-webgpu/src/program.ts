import {
  bufferNeeds,
  type ComputeType,
  DeviceError,
  type Kernel,
  type Program,
  UnsupportedError,
} from "@gradloom/backend";
import type { GpuProgram, Pass } from "@gradloom/codegen";
import { computeStage } from "./flags.ts";

/** A pass with its pipeline and the bind groups of buffers that it met before. */
export interface PreparedPass extends Pass {
  readonly layout: GPUBindGroupLayout;
  readonly groups: Map<string, GPUBindGroup>;
  pipeline: GPUComputePipeline | undefined;
}

/** A prepared kernel; `ready` resolves, never rejects, when its pipelines exist or `fault` says why they do not. */
export class WebGpuProgram implements Program {
  readonly kernel: Kernel;
  /** Bytes that each buffer must have behind its binding's offset. */
  readonly needs: readonly number[];
  readonly scalars: readonly ComputeType[];
  readonly device: GPUDevice;
  readonly label: string;
  /** Known when ready, as `scratch`. */
  passes: readonly PreparedPass[] = [];
  scratch: readonly number[] = [];
  readonly ready: Promise<void>;
  isReady = false;
  fault: DeviceError | UnsupportedError | undefined;

  constructor(kernel: Kernel, code: Promise<GpuProgram>, device: GPUDevice, layouts: Layouts) {
    this.kernel = kernel;
    this.device = device;
    this.needs = bufferNeeds(kernel);
    this.scalars = "scalars" in kernel ? kernel.scalars : [];
    this.label = describe(kernel);
    this.ready = this.#open(code, layouts);
  }

  async #open(code: Promise<GpuProgram>, layouts: Layouts): Promise<void> {
    try {
      const { passes, scratch } = await code;
      this.scratch = scratch;
      this.passes = passes.map((pass) => ({
        ...pass,
        layout: layouts.storage(pass),
        groups: new Map(),
        pipeline: undefined,
      }));
      await Promise.all(this.passes.map((pass) => this.#compile(pass, layouts)));
    } catch (error) {
      this.fault =
        error instanceof UnsupportedError
          ? error
          : new DeviceError("webgpu", `there is no code for ${this.label}: ${(error as Error).message}`);
    }
    this.isReady = true;
  }

  async #compile(pass: PreparedPass, layouts: Layouts): Promise<void> {
    const label = `${this.label} (${pass.name})`;
    this.device.pushErrorScope("validation");
    const module = this.device.createShaderModule({ label, code: pass.code });
    const refused = this.device.popErrorScope().catch(() => null);
    try {
      pass.pipeline = await this.device.createComputePipelineAsync({
        label,
        layout: layouts.pipeline(pass),
        compute: { module, entryPoint: "main" },
      });
    } catch (error) {
      const { message } = (await refused) ?? (error as Error);
      this.fault ??= new DeviceError("webgpu", `the device does not compile ${label}: ${message}`);
    }
  }
}

const describe = (kernel: Kernel): string =>
  kernel.kind === "custom" ? `custom kernel ${kernel.name}` : `${kernel.kind} kernel [${kernel.shape.join(",")}]`;

/** The layouts of bind groups and pipelines, one for each way of binding. */
export class Layouts {
  readonly #device: GPUDevice;
  readonly #storage = new Map<string, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, GPUPipelineLayout>();
  readonly scalars: GPUBindGroupLayout;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.scalars = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: computeStage, buffer: { type: "uniform", hasDynamicOffset: true } }],
    });
  }

  storage({ uses }: Pass): GPUBindGroupLayout {
    const key = uses.map(({ access }) => access[0]).join("");
    let layout = this.#storage.get(key);
    if (layout === undefined) {
      const entries = uses.map(
        ({ access }, binding): GPUBindGroupLayoutEntry => ({
          binding,
          visibility: computeStage,
          buffer: { type: access === "read" ? "read-only-storage" : "storage" },
        }),
      );
      layout = this.#device.createBindGroupLayout({ entries });
      this.#storage.set(key, layout);
    }
    return layout;
  }

  pipeline(pass: Pass): GPUPipelineLayout {
    const key = `${pass.uses.map(({ access }) => access[0]).join("")} ${pass.scalars}`;
    let layout = this.#pipelines.get(key);
    if (layout === undefined) {
      const bindGroupLayouts = [this.storage(pass), ...(pass.scalars ? [this.scalars] : [])];
      layout = this.#device.createPipelineLayout({ bindGroupLayouts });
      this.#pipelines.set(key, layout);
    }
    return layout;
  }
}
