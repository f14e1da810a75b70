/**
 * What the code in this folder, which runs inside a function's context, asks of the process outside. The folder is
 * bundled into one script (`bundler/runtimeScript.ts`); the other side is in `functions/isolateHost.ts`.
 *
 * Only strings, numbers and bytes cross. A promise or an error of the outer realm would behave differently from the
 * context's own, so asynchronous functions and errors are made in here, and a host function that fails returns `null`
 * and says why in `takeError`.
 */
export interface IsolateHost {
  /** The call to make; set before each `run`. */
  readonly call: IsolateCall;
  /** The deployment's environment variables as this component sees them, as JSON. */
  readonly env: string;

  /** Called when the function's module is there, which takes long the first time only. */
  noteLoaded(): void;
  /** Called when a call looks at the clock for the first time. */
  noteTimeRead(): void;
  /** Milliseconds since the call began: 0 in queries, whose time stands still. */
  elapsedMs(): number;
  finish(resultJson: string): void;
  fail(errorJson: string): void;
  log(level: LogLevel, text: string): void;

  syscall(op: string, argsJson: string): string | null;
  /** A `HostError` as JSON: why the last host function returned `null`. */
  takeError(): string;

  /** Maps the frames of a stack trace, one a line, to source files. Frames outside the app's code are left out. */
  mapFrames(frames: string): string;
  randomBytes(length: number): Uint8Array;
  encodeUtf8(text: string): Uint8Array;
  createDecoder(label: string, fatal: boolean, ignoreBom: boolean): HostDecoder | null;
  /** `UrlParts` as JSON. */
  parseUrl(url: string, base: string | null): string | null;
  changeUrl(url: string, part: string, value: string): string;
  crypto: HostCrypto;
}

export type IsolateCall = {
  module: string;
  exportName: string;
  kind: "query" | "mutation";
  /** The list of arguments, which has one element. */
  argsJson: string;
  /** Milliseconds since the epoch; time stands still during a call. */
  now: number;
  /** Seed of `Math.random`. */
  seed: readonly [number, number, number, number];
};

export type LogLevel = "DEBUG" | "LOG" | "INFO" | "WARN" | "ERROR";

export type HostError = {
  message: string;
  /** Class to throw; `Error` unless said otherwise. Names that are no class of errors become `DOMException`s. */
  name?: string;
  /** Of a `ConvexError`, in Convex's JSON encoding. */
  data?: unknown;
  /** The function must not go on, not even by catching this. */
  endsRun?: true;
};

export interface HostDecoder {
  readonly encoding: string;
  decode(bytes: ArrayBufferView | ArrayBuffer | undefined, stream: boolean): string | null;
}

export type UrlParts = Record<
  | "href"
  | "origin"
  | "protocol"
  | "username"
  | "password"
  | "host"
  | "hostname"
  | "port"
  | "pathname"
  | "search"
  | "hash",
  string
>;

/** A key outside. Nothing in here looks into it. */
export type HostKey = { readonly brand: "key" };

/** A key as the context's `CryptoKey` describes it. */
export type KeyDescription = {
  type: "public" | "private" | "secret";
  extractable: boolean;
  /** JSON; of `CryptoKey.algorithm`. */
  algorithmJson: string;
  usages: string;
};

export interface ImportedKey extends KeyDescription {
  readonly key: HostKey;
}

/** WebCrypto, synchronously. Algorithms are JSON; their binary members are `{ "$bytes": base64 }`. */
export interface HostCrypto {
  digest(algorithm: string, data: Uint8Array): Uint8Array | null;
  importKey(
    format: string,
    data: Uint8Array | string,
    algorithm: string,
    extractable: boolean,
    usages: string,
  ): ImportedKey | null;
  generateKey(algorithm: string, extractable: boolean, usages: string): readonly ImportedKey[] | null;
  /** Bytes, or a JWK as JSON. */
  exportKey(format: string, key: HostKey, description: string): Uint8Array | string | null;
  sign(algorithm: string, key: HostKey, keyAlgorithm: string, data: Uint8Array): Uint8Array | null;
  /** 1, 0, or `null` after an error. */
  verify(
    algorithm: string,
    key: HostKey,
    keyAlgorithm: string,
    signature: Uint8Array,
    data: Uint8Array,
  ): 0 | 1 | null;
  encrypt(algorithm: string, key: HostKey, data: Uint8Array): Uint8Array | null;
  decrypt(algorithm: string, key: HostKey, data: Uint8Array): Uint8Array | null;
  deriveBits(algorithm: string, key: HostKey, length: number): Uint8Array | null;
}
