import type { LabeledImages } from "@gradloom/datasets";
import { idxImages, mnist, syntheticDigits } from "@gradloom/datasets";

export interface Digits {
  readonly train: LabeledImages;
  readonly test: LabeledImages;
  readonly source: "mnist" | "synthetic";
}

const syntheticSamples = 10_000;

/** Whether the page's server has MNIST; servers that answer with a page to everything do not count. */
const isServed = async (folder: string): Promise<boolean> => {
  try {
    const answer = await fetch(`${folder}/t10k-labels-idx1-ubyte.gz`, { method: "HEAD" });
    return answer.ok && !answer.headers.get("content-type")?.includes("text/html");
  } catch {
    return false;
  }
};

/** MNIST from the folder at this address, or drawn digits where it is not there. */
export const loadDigits = async (folder: string, samples: number | undefined): Promise<Digits> => {
  if (await isServed(folder)) {
    const served = idxImages("mnist", mnist.classes, [folder]);
    const [train, test] = await Promise.all([served.load({ split: "train" }), served.load({ split: "test" })]);
    return { train, test, source: "mnist" };
  }
  const count = samples ?? syntheticSamples;
  return {
    train: syntheticDigits({ count, seed: 1 }),
    test: syntheticDigits({ count: Math.max(100, Math.floor(count / 5)), seed: 2 }),
    source: "synthetic",
  };
};
