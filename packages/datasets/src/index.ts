export type { BatchOptions } from "./core/batch.ts";
export { batch } from "./core/batch.ts";
export { cache } from "./core/cache.ts";
export type { Collated } from "./core/collate.ts";
export { collate } from "./core/collate.ts";
export { concat } from "./core/concat.ts";
export type { DataLoaderOptions } from "./core/DataLoader.ts";
export { DataLoader } from "./core/DataLoader.ts";
export type { DataSource, Dataset, Stream } from "./core/dataset.ts";
export { dataset } from "./core/dataset.ts";
export { filter } from "./core/filter.ts";
export type { ArrayColumn, Column, ExampleOf } from "./core/fromArrays.ts";
export { fromArrays } from "./core/fromArrays.ts";
export type { HostTensor } from "./core/hostTensor.ts";
export { map } from "./core/map.ts";
export type { WorkerDataset, WorkerOptions } from "./core/mapInWorkers.ts";
export { mapInWorkers } from "./core/mapInWorkers.ts";
export type { Random } from "./core/random.ts";
export { random } from "./core/random.ts";
export type { Counted, Sampler } from "./core/samplers.ts";
export {
  distributedSampler,
  randomSampler,
  sequentialSampler,
  stratifiedSampler,
  weightedSampler,
} from "./core/samplers.ts";
export type { ShuffleOptions } from "./core/shuffle.ts";
export { shuffle } from "./core/shuffle.ts";
export type { SplitOptions } from "./core/split.ts";
export { split } from "./core/split.ts";
export { subset, take } from "./core/subset.ts";
export { DownloadError } from "./files/DownloadError.ts";
export { download } from "./files/download.ts";
export type { Progress, RemoteFile, TransferOptions } from "./files/RemoteFile.ts";
export type { CsvDataset, CsvFileOptions } from "./readers/csvFile.ts";
export { csvFile } from "./readers/csvFile.ts";
export type { Channels, DecodeImageOptions } from "./readers/decodeImage.ts";
export { decodeImage } from "./readers/decodeImage.ts";
export type { ImageFolder } from "./readers/imageFolder.ts";
export { imageFolder } from "./readers/imageFolder.ts";
export type { CsvOptions } from "./readers/parseCsv.ts";
export { parseCsv } from "./readers/parseCsv.ts";
export { textLines } from "./readers/textLines.ts";
export type { Cifar100Options } from "./sources/cifar.ts";
export { cifar10, cifar100 } from "./sources/cifar.ts";
export type { ImageType, LabeledImages, Source } from "./sources/LabeledImages.ts";
export type { DatasetName } from "./sources/loadDataset.ts";
export { datasetNames, loadDataset } from "./sources/loadDataset.ts";
export type { ImageSource } from "./sources/mnist.ts";
export { fashionMnist, idxImages, kmnist, mnist } from "./sources/mnist.ts";
export type { LoadOptions, Split } from "./sources/openFiles.ts";
export type { CifarImages, CifarLabels } from "./sources/parseCifar.ts";
export { parseCifar } from "./sources/parseCifar.ts";
export type { Idx } from "./sources/parseIdx.ts";
export { parseIdx } from "./sources/parseIdx.ts";
export type { SyntheticOptions } from "./synthetic/syntheticDigits.ts";
export { syntheticDigits } from "./synthetic/syntheticDigits.ts";
