import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@gradloom/backend";
import type { Progress } from "@gradloom/datasets";
import { DownloadError, download } from "@gradloom/datasets";
import type { TestServer } from "./support/server.ts";
import { send, serve } from "./support/server.ts";

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
const md5 = createHash("md5").update(bytes).digest("hex");
const sha256 = createHash("sha256").update(bytes).digest("hex");

let folder: string;
let path: string;
let server: TestServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "download-"));
  path = join(folder, "below", "a.bin");
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const start = async (
  answer: (path: string, request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> => {
  server = await serve(answer);
  return server.address;
};

/** What is there: the file itself or parts of it. */
const left = (): string[] => (existsSync(join(folder, "below")) ? readdirSync(join(folder, "below")) : []);

test("loads a file, says how far it is, and checks it", async () => {
  const address = await start((_, request, response) => send(request, response, bytes));
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => seen.push(progress);
  await download({ name: "a.bin", bytes: bytes.length, md5, sha256 }, [`${address}/data/`], path, { onProgress });
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  expect(left()).toEqual(["a.bin"]);
  expect(server?.asked).toEqual(["/data/a.bin"]);
  expect(seen.at(-1)).toEqual({ file: "a.bin", loaded: bytes.length, total: bytes.length });
});

test("goes to the next mirror when one has no such file", async () => {
  const address = await start((path, request, response) => {
    if (path.startsWith("/none/")) response.writeHead(404).end("no");
    else send(request, response, bytes);
  });
  await download({ name: "a.bin", md5 }, ["http://127.0.0.1:1", `${address}/none`, `${address}/some`], path);
  expect(server?.asked).toEqual(["/none/a.bin", "/some/a.bin"]);
  expect(left()).toEqual(["a.bin"]);
});

test.each([
  ["a wrong checksum", { md5: "0".repeat(32) }, `has the md5 checksum ${md5} instead of 000`],
  ["another wrong checksum", { sha256: "0".repeat(64) }, `has the sha256 checksum ${sha256} instead of 000`],
  ["a wrong size", { bytes: 5 }, "has 200000 bytes instead of 5"],
  ["a wrong size before a right checksum", { bytes: 200_001, md5 }, "has 200000 bytes instead of 200001"],
])("refuses %s, with nothing left", async (_, known, text) => {
  const address = await start((_, request, response) => send(request, response, bytes));
  const loading = download({ name: "a.bin", ...known }, [address], path);
  await expect(loading).rejects.toThrow(FormatError);
  await expect(loading).rejects.toThrow(`[a.bin] cannot be downloaded: ${address}/a.bin ${text}`);
  expect(left()).toEqual([]);
});

test("refuses more bytes than it knows of, without their number being said", async () => {
  const address = await start((_, __, response) => {
    response.writeHead(200);
    response.write(bytes);
    response.end(bytes);
  });
  await expect(download({ name: "a.bin", bytes: bytes.length, md5 }, [address], path)).rejects.toThrow(
    "gives more than 200000 bytes",
  );
  expect(existsSync(path)).toBe(false);
});

test("goes on where it was interrupted", async () => {
  let cuts = 2;
  const address = await start((_, request, response) => send(request, response, bytes, cuts-- > 0 ? 70_000 : Infinity));
  await download({ name: "a.bin", bytes: bytes.length, md5 }, [address], path);
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  expect(server?.asked).toEqual(["/a.bin", "/a.bin bytes=70000-", "/a.bin bytes=140000-"]);
  expect(left()).toEqual(["a.bin"]);
});

test("goes on in a later call, at another mirror", async () => {
  const address = await start((path, request, response) =>
    send(request, response, bytes, path.startsWith("/bad/") ? 10_000 : Infinity),
  );
  const file = { name: "a.bin", md5 };
  await expect(download(file, [`${address}/bad`], path)).rejects.toThrow(/ended after|terminated|aborted/);
  expect(left()).toEqual(["a.bin.part"]);
  await expect(download(file, ["http://127.0.0.1:1"], path)).rejects.toThrow(DownloadError);
  expect(left()).toEqual(["a.bin.part"]);
  await download(file, [`${address}/good`], path);
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  expect(server?.asked.at(-1)).toBe("/good/a.bin bytes=40000-");
});

test("starts anew after bytes of another file, and where a server cannot go on", async () => {
  const address = await start((path, request, response) => {
    if (path.startsWith("/whole/")) delete request.headers.range;
    send(request, response, bytes);
  });
  const file = { name: "a.bin", md5 };
  await download(file, [address], path);
  for (const [part, mirror] of [
    [new Uint8Array(500), address],
    [new Uint8Array(500), `${address}/whole`],
    [new Uint8Array(300_000), address],
  ] as const) {
    rmSync(path);
    writeFileSync(`${path}.part`, part);
    await download(file, [mirror], path);
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(left()).toEqual(["a.bin"]);
  }
});

test("without a checksum nothing of an interrupted file is kept or trusted", async () => {
  let cuts = 1;
  const address = await start((_, request, response) => send(request, response, bytes, cuts-- > 0 ? 70_000 : Infinity));
  await download({ name: "a.bin" }, [address], path);
  expect(server?.asked).toEqual(["/a.bin", "/a.bin"]);
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  cuts = 99;
  await expect(download({ name: "b.bin" }, [address], join(folder, "below", "b.bin"))).rejects.toThrow(DownloadError);
  expect(left()).toEqual(["a.bin"]);
});

test("stops when it is told to, and goes on later", async () => {
  const control = new AbortController();
  let cut = 50_000;
  const address = await start((_, request, response) => {
    if (cut === Infinity) send(request, response, bytes);
    else {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, cut));
    }
  });
  const onProgress = ({ loaded }: Progress): void => {
    if (loaded === cut) control.abort();
  };
  const file = { name: "a.bin", md5 };
  await expect(download(file, [address], path, { signal: control.signal, onProgress })).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(left()).toEqual(["a.bin.part"]);
  await expect(download(file, [address], path, { signal: control.signal })).rejects.toMatchObject({
    name: "AbortError",
  });
  cut = Infinity;
  await download(file, [address], path);
  expect(server?.asked).toEqual(["/a.bin", "/a.bin bytes=50000-"]);
});

test("gives up a mirror that sends nothing", async () => {
  const address = await start((path, request, response) => {
    if (path.startsWith("/good/")) send(request, response, bytes);
  });
  await download({ name: "a.bin", md5 }, [address, `${address}/good`], path, { timeout: 100 });
  expect(left()).toEqual(["a.bin"]);
  const b = join(folder, "below", "b.bin");
  await expect(download({ name: "b.bin" }, [address], b, { timeout: 100 })).rejects.toThrow("sent nothing for 100 ms");
});

test("two that want the same file load it once", async () => {
  const address = await start((_, request, response) => send(request, response, bytes));
  await Promise.all([1, 2, 3].map(() => download({ name: "a.bin", md5 }, [address], path)));
  expect(server?.asked).toEqual(["/a.bin"]);
});

test("needs a mirror", async () => {
  await expect(download({ name: "a.bin" }, [], path)).rejects.toThrow("there are no mirrors");
});
