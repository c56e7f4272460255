import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestServer {
  readonly address: string;
  /** What was asked for, with the range when there was one. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A server on this machine that answers as `answer` says. */
export const serve = async (
  answer: (path: string, request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(request.headers.range === undefined ? path : `${path} ${request.headers.range}`);
    answer(path, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { address: `http://127.0.0.1:${port}`, asked, close };
};

/** Sends bytes, or the part that is asked for; `cut` ends the connection after so many bytes of the body. */
export const send = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, cut = Infinity): void => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from > 0 && from >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  const body = bytes.subarray(from);
  const headers: Record<string, string | number> = { "content-length": body.length };
  if (from > 0) headers["content-range"] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(from > 0 ? 206 : 200, headers);
  if (cut >= body.length) response.end(body);
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
};
