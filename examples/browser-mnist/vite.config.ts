import { createReadStream, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Connect, defineConfig, type Plugin } from "vite";

/** Threads may share memory only on pages that are served with these headers. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Serves MNIST's files from `$GRADLOOM_DATA/mnist`; without them the page draws digits itself. */
const mnistFiles = (): Plugin => {
  const { GRADLOOM_DATA: folder } = process.env;
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const name = basename(new URL(request.url ?? "", "http://localhost").pathname);
    const path = join(folder ?? "", "mnist", name);
    if (folder === undefined || !/^(train|t10k)-(images|labels)-idx\d-ubyte\.gz$/.test(name) || !existsSync(path)) {
      return next();
    }
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    response.setHeader("Content-Type", "application/gzip");
    createReadStream(path).pipe(response);
  };
  return {
    name: "mnist-files",
    configureServer: ({ middlewares }) => void middlewares.use("/mnist", serve),
    configurePreviewServer: ({ middlewares }) => void middlewares.use("/mnist", serve),
  };
};

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  // A missing file is an error 404, not the page.
  appType: "mpa",
  plugins: [mnistFiles()],
  // Reads the packages from their sources, so that nothing needs a build first. Outside of this repository, leave it out.
  resolve: {
    alias: [
      {
        find: /^@gradloom\/([^/]+)$/,
        replacement: fileURLToPath(new URL("../../packages/$1/src/index.ts", import.meta.url)),
      },
    ],
  },
  worker: { format: "es" },
  // What the packages load only when asked for need not be prepared.
  optimizeDeps: { noDiscovery: true, include: ["uplot"] },
  build: { target: "es2022" },
  server: { headers },
  preview: { headers },
});
