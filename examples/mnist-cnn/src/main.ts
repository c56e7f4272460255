import { mnist } from "@gradloom/datasets";
import { train } from "./train.ts";

const began = performance.now();
const accuracy = await train(await mnist.load({ split: "train" }), await mnist.load({ split: "test" }), 3);
const seconds = (performance.now() - began) / 1000;
console.log(`Test accuracy ${(100 * accuracy).toFixed(2)} % after ${seconds.toFixed(0)} s`);
process.exit(accuracy >= 0.99 ? 0 : 1);
