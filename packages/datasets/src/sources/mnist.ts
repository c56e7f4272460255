import { FormatError, formatShape } from "@gradloom/backend";
import type { RemoteFile } from "../files/RemoteFile.ts";
import type { LabeledImages } from "./LabeledImages.ts";
import { labeledImages } from "./LabeledImages.ts";
import type { FileSet, LoadOptions } from "./openFiles.ts";
import { openFiles } from "./openFiles.ts";
import { parseIdx } from "./parseIdx.ts";

/** A data set that loads by itself. */
export interface ImageSource {
  readonly classes: readonly string[];
  /** @throws FormatError for damaged files, DownloadError, ArgumentError when files are missing and may not be downloaded. */
  load(options?: LoadOptions): Promise<LabeledImages>;
}

const names = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;

/** A data set in the four files of MNIST: images of one channel and labels, in IDX format. */
export const idxImages = (
  name: string,
  classes: readonly string[],
  mirrors: readonly string[],
  known: readonly Omit<RemoteFile, "name">[] = [],
): ImageSource => {
  const set: FileSet = {
    name,
    folders: [name],
    files: { train: names.slice(0, 2), test: names.slice(2) },
    partial: false,
    maxBytes: 2 ** 28,
    mirrors,
    remote: { files: names.map((each, i) => ({ name: `${each}.gz`, ...known[i] })) },
  };
  const load = async (options: LoadOptions = {}): Promise<LabeledImages> => {
    const { source, contents } = await openFiles(set, options);
    const [images, labels] = contents.map(([path, bytes]) => parseIdx(path, bytes));
    if (images?.shape.length !== 3 || labels?.shape.length !== 1 || images.shape[0] !== labels.shape[0]) {
      const shapes = [images, labels].map((each) => formatShape(each?.shape ?? []));
      throw new FormatError(source.folder, `images ${shapes[0]} and labels ${shapes[1]} do not belong together`);
    }
    const wrong = labels.data.findIndex((label) => label >= classes.length);
    if (wrong >= 0) {
      throw new FormatError(
        source.files[1] as string,
        `has the label ${labels.data[wrong]} at position ${wrong}, the last is ${classes.length - 1}`,
      );
    }
    const shape = [...images.shape, 1];
    const { dtype = "float32" } = options;
    return labeledImages(images.data, shape, Int32Array.from(labels.data), classes, source, dtype);
  };
  return { classes, load };
};

const digits = Array.from({ length: 10 }, (_, i) => `${i}`);

/**
 * MNIST: 60,000 and 10,000 handwritten digits of 28x28 pixels (LeCun, Cortes and Burges).
 *
 * @example const train = await mnist.load({ split: "train" })
 */
export const mnist: ImageSource = idxImages(
  "mnist",
  digits,
  ["https://storage.googleapis.com/cvdf-datasets/mnist", "https://ossci-datasets.s3.amazonaws.com/mnist"],
  [
    { bytes: 9912422, md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873" },
    { bytes: 28881, md5: "d53e105ee54ea40749a09fcbcd1e9432" },
    { bytes: 1648877, md5: "9fb629c4189551a2d022fa330f9573f3" },
    { bytes: 4542, md5: "ec29112dd5afa0611ce80d1b7f02629c" },
  ],
);

/** FashionMNIST: clothes in the form of MNIST (Xiao, Rasul and Vollgraf, 2017). */
export const fashionMnist: ImageSource = idxImages(
  "fashion-mnist",
  ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
  [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
  ],
  [
    { md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
    { md5: "25c81989df183df01b3e8a0aad5dffbe" },
    { md5: "bef4ecab320f06d8554ea6380940ec79" },
    { md5: "bb300cfdad3c16e7a12a480ee83cd310" },
  ],
);

/** KMNIST: old Japanese letters in the form of MNIST (Clanuwat and others, 2018). */
export const kmnist: ImageSource = idxImages(
  "kmnist",
  ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  ["http://codh.rois.ac.jp/kmnist/dataset/kmnist"],
  [
    { md5: "bdb82020997e1d708af4cf47b453dcf7" },
    { md5: "e144d726b3acfaa3e44228e80efcd344" },
    { md5: "5c965bf0a639b31b8f53240b1b52f4d7" },
    { md5: "7320c461ea6c1c855c0b718fb2a4b134" },
  ],
);
