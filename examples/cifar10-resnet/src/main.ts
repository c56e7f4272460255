import { cifar10 } from "@gradloom/datasets";
import { train } from "./train.ts";

const epochs = Number(process.argv[2] ?? 5);
const [images, test] = [await cifar10.load({ split: "train" }), await cifar10.load({ split: "test" })];
if (images.source.missing.length > 0) console.log(`Training without ${images.source.missing.join(", ")}`);
const accuracy = await train(images, test, { depth: 20, epochs, batchSize: 128 });
console.log(`Test accuracy ${(100 * accuracy).toFixed(2)} % after ${epochs} epochs`);
process.exit();
