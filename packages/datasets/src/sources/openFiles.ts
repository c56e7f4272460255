import { ArgumentError, FormatError, UnsupportedError } from "@gradloom/backend";
import { cacheFolder } from "../files/cacheFolder.ts";
import { download } from "../files/download.ts";
import { fetchCached } from "../files/fetchCached.ts";
import { gunzip } from "../files/gunzip.ts";
import { nodeModule, runsInNode } from "../files/nodeModule.ts";
import type { RemoteFile, TransferOptions } from "../files/RemoteFile.ts";
import { readFile } from "../files/readFile.ts";
import { unpackArchive } from "../files/unpackArchive.ts";
import type { ImageType, Source } from "./LabeledImages.ts";

export type Split = "train" | "test";

export interface LoadOptions extends TransferOptions {
  /** `train` by default. */
  readonly split?: Split;
  /** A folder with the files. It is looked into first, then `$GRADLOOM_DATA/<name>`, then the cache. */
  readonly dir?: string;
  /** False never downloads; true by default. */
  readonly download?: boolean;
  /** Where downloads are kept; `gradloom` in the user's cache folder by default. */
  readonly cacheDir?: string;
  /** Addresses of folders with the files, instead of the known ones. */
  readonly mirrors?: readonly string[];
  /** Type of images; float32, from 0 to 1, by default. */
  readonly dtype?: ImageType;
}

/** What must be known of a data set to find its files. */
export interface FileSet {
  readonly name: string;
  /** Names of its folder. */
  readonly folders: readonly string[];
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** Whether some files of a split are of use without the others. */
  readonly partial: boolean;
  /** The most bytes of an unpacked file. */
  readonly maxBytes: number;
  readonly mirrors: readonly string[];
  /** What the mirrors have: each file by itself, or all in one archive. */
  readonly remote: { readonly files: readonly RemoteFile[] } | { readonly archive: RemoteFile };
}

export interface OpenedFiles {
  readonly source: Source;
  /** Unpacked contents with the paths that errors name. */
  readonly contents: readonly (readonly [path: string, bytes: Uint8Array])[];
}

/** The names of files in a folder, plain or gzipped. */
const lookInto = async (folder: string, wanted: readonly string[]): Promise<Map<string, string>> => {
  const { stat } = await nodeModule("node:fs/promises");
  const { join } = await nodeModule("node:path");
  const found = new Map<string, string>();
  for (const name of wanted) {
    for (const candidate of [join(folder, name), join(folder, `${name}.gz`)]) {
      const file = await stat(candidate).catch(() => undefined);
      if (!file?.isFile()) continue;
      found.set(name, candidate);
      break;
    }
  }
  return found;
};

const read = async (
  set: FileSet,
  folder: string,
  wanted: readonly string[],
  found: Map<string, string>,
): Promise<OpenedFiles> => {
  const contents: [string, Uint8Array][] = [];
  for (const path of found.values()) {
    contents.push([path, await gunzip(path, await readFile(path, set.maxBytes), set.maxBytes)]);
  }
  const missing = wanted.filter((name) => !found.has(name));
  return { source: { folder, files: [...found.values()], missing }, contents };
};

const downloadInto = async (set: FileSet, folder: string, wanted: readonly string[], options: LoadOptions) => {
  const { rm } = await nodeModule("node:fs/promises");
  const { join } = await nodeModule("node:path");
  const mirrors = options.mirrors ?? set.mirrors;
  if ("archive" in set.remote) {
    const archive = join(folder, set.remote.archive.name);
    await download(set.remote.archive, mirrors, archive, options);
    const all = [...set.files.train, ...set.files.test].map((name) => [name, set.maxBytes] as const);
    try {
      await unpackArchive(archive, folder, new Map(all));
    } finally {
      await rm(archive, { force: true });
    }
    return;
  }
  for (const file of set.remote.files) {
    if (wanted.some((name) => file.name === name || file.name === `${name}.gz`)) {
      await download(file, mirrors, join(folder, file.name), options);
    }
  }
};

const openInNode = async (set: FileSet, wanted: readonly string[], options: LoadOptions): Promise<OpenedFiles> => {
  const { join } = await nodeModule("node:path");
  const home = process.env.GRADLOOM_DATA;
  const cache = join(options.cacheDir ?? (await cacheFolder()), set.folders[0] as string);
  const { dir } = options;
  const folders = [
    ...(dir === undefined ? [] : [dir, ...set.folders.map((name) => join(dir, name))]),
    ...(home ? set.folders.map((name) => join(home, name)) : []),
    cache,
  ];
  for (const folder of folders) {
    const found = await lookInto(folder, wanted);
    if (found.size === wanted.length || (set.partial && folder !== cache && found.size > 0))
      return read(set, folder, wanted, found);
  }
  if (options.download === false) {
    throw new ArgumentError(
      set.name,
      `${wanted.join(", ")} (or the same with .gz) are in none of ${folders.join(", ")}`,
      "name their folder with dir, or allow download",
    );
  }
  await downloadInto(set, cache, wanted, options);
  return read(set, cache, wanted, await lookInto(cache, wanted));
};

const openInBrowser = async (set: FileSet, wanted: readonly string[], options: LoadOptions): Promise<OpenedFiles> => {
  const mirrors = options.mirrors ?? (options.dir === undefined ? set.mirrors : [options.dir]);
  if (options.download === false) throw new ArgumentError(set.name, "a browser has no files to read", "allow download");
  if ("archive" in set.remote && mirrors === set.mirrors) {
    throw new UnsupportedError(
      set.name,
      "archives are not unpacked in browsers",
      `serve ${wanted.join(", ")} yourself and give their address as dir`,
    );
  }
  const known = "files" in set.remote ? set.remote.files : [];
  const contents: [string, Uint8Array][] = [];
  for (const name of wanted) {
    const file = known.find((each) => each.name === name || each.name === `${name}.gz`) ?? { name };
    const bytes = await fetchCached(file, mirrors, options);
    contents.push([file.name, await gunzip(file.name, bytes, set.maxBytes)]);
  }
  return { source: { folder: String(mirrors[0]), files: contents.map(([path]) => path), missing: [] }, contents };
};

/**
 * Finds the files of a split, downloads them where they are not there, and reads them.
 *
 * @throws ArgumentError for an unknown split and for files that are nowhere, FormatError for damaged ones, DownloadError.
 */
export const openFiles = async (set: FileSet, options: LoadOptions): Promise<OpenedFiles> => {
  const { split = "train" } = options;
  if (!Object.hasOwn(set.files, split)) {
    throw new ArgumentError(
      set.name,
      `has no split ${JSON.stringify(split)}`,
      `use one of ${Object.keys(set.files).join(", ")}`,
    );
  }
  const wanted = set.files[split];
  const opened = await (runsInNode() ? openInNode : openInBrowser)(set, wanted, options);
  if (opened.contents.length === 0) throw new FormatError(opened.source.folder, "lost its files while they were read");
  return opened;
};
