import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { DataLoader, dataset, mapInWorkers } from "@gradloom/datasets";
import { useDevice } from "@gradloom/tensor";

let folder: string;
let script: URL;
beforeAll(async () => {
  await useDevice(createReferenceBackend());
  folder = mkdtempSync(join(tmpdir(), "workers-"));
  script = pathToFileURL(join(folder, "change.mjs"));
  writeFileSync(
    script,
    `import { threadId } from "node:worker_threads";
    export default (x, i) => { if (x === 13) throw new RangeError("unlucky"); return Float32Array.of(x * x, i); };
    export const thread = () => threadId;
    export const quit = () => process.exit(3);
    export const tooLittle = 1;`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = (n: number) => dataset({ length: n, get: (i) => i + 10 });

test("examples are made in several threads, in order", async () => {
  const squares = mapInWorkers<number, Float32Array>(numbers(3), { module: script });
  const rows: unknown[] = [];
  for await (const x of new DataLoader(squares, { batchSize: 2 })) rows.push(...((await x.array()) as number[][]));
  expect(rows).toEqual([
    [100, 0],
    [121, 1],
    [144, 2],
  ]);
  squares.close();
  await expect(squares.get(0)).rejects.toThrow("the workers are closed");
  const threads = mapInWorkers<number, number>(numbers(4), { module: script, name: "thread", workers: 2 });
  const ids = new Set(await Promise.all([0, 1, 2, 3].map((i) => threads.get(i))));
  expect(ids.size).toBe(2);
  threads.close();
});

test("failures name their reason", async () => {
  const unlucky = mapInWorkers(numbers(4), { module: script });
  await expect(unlucky.get(3)).rejects.toThrow(/\[mapInWorkers\] RangeError: unlucky/);
  unlucky.close();
  const none = mapInWorkers(numbers(4), { module: script, name: "tooLittle" });
  await expect(none.get(0)).rejects.toThrow("the module exports no function named tooLittle");
  none.close();
  const missing = mapInWorkers(numbers(4), { module: `${script}.missing` });
  await expect(missing.get(0)).rejects.toThrow(/Cannot find module/);
  missing.close();
  const ended = mapInWorkers(numbers(4), { module: script, name: "quit" });
  await expect(ended.get(0)).rejects.toThrow("the worker has ended");
  ended.close();
  const functions = mapInWorkers(dataset({ length: 1, get: () => () => 1 }), { module: script });
  await expect(functions.get(0)).rejects.toThrow("cannot be copied to a worker");
  functions.close();
  expect(() => mapInWorkers(numbers(1), { module: script, workers: 0 })).toThrow(
    "needs a whole number of workers >= 1",
  );
});
