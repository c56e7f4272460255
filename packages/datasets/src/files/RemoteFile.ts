/** A file to download and what is known of it; with a checksum, an interrupted download can go on where it ended. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes?: number;
  readonly md5?: string;
  readonly sha256?: string;
}

/** How far a download is. */
export interface Progress {
  readonly file: string;
  readonly loaded: number;
  /** Undefined where the server does not say. */
  readonly total: number | undefined;
}

export interface TransferOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without any data after which a mirror is given up; 30,000 by default. */
  readonly timeout?: number | undefined;
}

/** The most bytes that a file of unknown size may have. */
export const maxUnknownBytes = 2 ** 31;

/** The addresses of a file below those of the mirrors. */
export const addressesOf = (mirrors: readonly string[], { name }: RemoteFile): string[] =>
  mirrors.map((mirror) => `${mirror.replace(/\/+$/, "")}/${name}`);
