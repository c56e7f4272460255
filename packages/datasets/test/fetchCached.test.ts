import { createHash } from "node:crypto";
import { DownloadError } from "@gradloom/datasets";
import { fetchCached } from "../src/files/fetchCached.ts";
import type { TestServer } from "./support/server.ts";
import { send, serve } from "./support/server.ts";

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 255);
const sha256 = createHash("sha256").update(bytes).digest("hex");

/** What a browser's Cache API does with these calls. */
const kept = new Map<string, Response>();
const cache = {
  match: async (address: string) => kept.get(address)?.clone(),
  put: async (address: string, response: Response) => void kept.set(address, response),
  delete: async (address: string) => kept.delete(address),
};

let server: TestServer;
beforeAll(async () => {
  server = await serve((path, request, response) => {
    if (path.startsWith("/none/")) response.writeHead(404).end();
    else send(request, response, bytes);
  });
  Object.assign(globalThis, { caches: { open: async () => cache } });
});
afterAll(async () => {
  await server.close();
  Reflect.deleteProperty(globalThis, "caches");
});

test("loads from the next mirror, checks, and loads once", async () => {
  const mirrors = [`${server.address}/none`, server.address];
  expect(await fetchCached({ name: "a", sha256 }, mirrors)).toEqual(bytes);
  expect(await fetchCached({ name: "a", sha256 }, [server.address])).toEqual(bytes);
  expect(server.asked).toEqual(["/none/a", "/a"]);
});

test("loads again what the cache has damaged", async () => {
  kept.set(`${server.address}/a`, new Response("other bytes"));
  const asked = server.asked.length;
  expect(await fetchCached({ name: "a", sha256 }, [server.address])).toEqual(bytes);
  expect(server.asked.length).toBe(asked + 1);
});

test("refuses, and does not keep, what is not as it should be", async () => {
  const loading = fetchCached({ name: "b", sha256: "0".repeat(64) }, [server.address]);
  await expect(loading).rejects.toThrow(DownloadError);
  await expect(loading).rejects.toThrow(`has the sha256 checksum ${sha256} instead of 000`);
  await expect(fetchCached({ name: "b", bytes: 1 }, [server.address])).rejects.toThrow("has 5000 bytes instead of 1");
  expect(kept.has(`${server.address}/b`)).toBe(false);
});
