/** The outer side of a context (`isolate/host.ts`): a thin layer that hands everything to the run that is in it. */
import { createHostCrypto } from "./crypto/hostCrypto.ts";
import type { HostDecoder, HostError, IsolateCall, IsolateHost, LogLevel, UrlParts } from "./isolate/host.ts";
import { mapFrames } from "./sourceMaps.ts";
import { UserError, UserErrorWithData } from "./types.ts";

/** What happens in a context on behalf of one execution of one function. */
export interface IsolateRun {
  readonly call: IsolateCall;
  noteLoaded(): void;
  noteTimeRead(): void;
  elapsedMs(): number;
  syscall(op: string, argsJson: string): string;
  log(level: LogLevel, text: string): void;
  randomBytes(length: number): Uint8Array;
  finish(resultJson: string): void;
  fail(errorJson: string): void;
  /** A promise that nobody awaited was rejected, which fails what else succeeded. */
  failUnhandled(errorJson: string): void;
}

/** The time of the run is up: nothing that it asks is answered any more. */
export class RunOverError extends UserError {}

export class HostOfIsolate implements IsolateHost {
  /** The run in progress, or `null` between runs, when only left-over promises could still ask for anything. */
  run: IsolateRun | null = null;
  /** A defect of the backend met in a syscall. It must not look to the function like an error of its own. */
  defect: { error: unknown } | null = null;
  readonly crypto = createHostCrypto((error) => {
    this.error = error;
  });
  private error: HostError | null = null;

  constructor(
    readonly env: string,
    private readonly codeFile: string,
  ) {}

  get call(): IsolateCall {
    return this.run?.call ?? IDLE_CALL;
  }

  noteLoaded(): void {
    this.run?.noteLoaded();
  }

  noteTimeRead(): void {
    this.run?.noteTimeRead();
  }

  elapsedMs(): number {
    return this.run?.elapsedMs() ?? 0;
  }

  finish(resultJson: string): void {
    this.run?.finish(resultJson);
  }

  fail(errorJson: string): void {
    this.run?.fail(errorJson);
  }

  log(level: LogLevel, text: string): void {
    this.run?.log(level, text);
  }

  syscall(op: string, argsJson: string): string | null {
    try {
      if (this.run === null) throw new UserError(`${op} is unsupported at import time`);
      return this.run.syscall(op, argsJson);
    } catch (error) {
      if (error instanceof UserError) {
        this.error = { message: error.message };
        if (error instanceof UserErrorWithData) this.error.data = error.data;
        if (error instanceof RunOverError) this.error.endsRun = true;
      } else {
        this.defect ??= { error };
        this.error = { message: "The backend failed." };
      }
      return null;
    }
  }

  takeError(): string {
    const error = this.error ?? { message: "Unknown error" };
    this.error = null;
    return JSON.stringify(error);
  }

  mapFrames(frames: string): string {
    return mapFrames(this.codeFile, frames);
  }

  randomBytes(length: number): Uint8Array {
    // While modules are loaded there is no run; Convex gives no randomness then either, but constants are harmless.
    return this.run?.randomBytes(length) ?? new Uint8Array(length);
  }

  encodeUtf8(text: string): Uint8Array {
    return Buffer.from(text, "utf8");
  }

  createDecoder(label: string, fatal: boolean, ignoreBom: boolean): HostDecoder | null {
    let decoder: TextDecoder;
    try {
      decoder = new TextDecoder(label, { fatal, ignoreBOM: ignoreBom });
    } catch {
      return null;
    }
    const { encoding } = decoder;
    return {
      encoding,
      decode: (bytes, stream) => {
        try {
          const text = decoder.decode(bytes, { stream });
          // Node.js 20 takes it for Latin-1.
          return encoding === "windows-1252" ? text.replace(C1_CONTROL, toWindows1252) : text;
        } catch {
          this.error = {
            name: "TypeError",
            message: `The encoded data was not valid for encoding ${decoder.encoding}`,
          };
          return null;
        }
      },
    };
  }

  parseUrl(url: string, base: string | null): string | null {
    try {
      return urlParts(base === null ? new URL(url) : new URL(url, base));
    } catch {
      return null;
    }
  }

  changeUrl(url: string, part: string, value: string): string {
    try {
      const changed = new URL(url);
      (changed as unknown as Record<string, string>)[part] = value;
      return urlParts(changed);
    } catch {
      return "";
    }
  }
}

const C1_CONTROL = /[\x80-\x9f]/g;
/** From 0x80 on; what is not assigned stays what it is (https://encoding.spec.whatwg.org/index-windows-1252.txt). */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

function toWindows1252(control: string): string {
  return WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80);
}

const IDLE_CALL: IsolateCall = {
  module: "",
  exportName: "",
  kind: "query",
  argsJson: "[]",
  now: 0,
  seed: [0, 0, 0, 0],
};

function urlParts(url: URL): string {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  const parts: UrlParts = {
    href,
    // Convex has none for `blob:` (`00_url.ts` in its `npm-packages/udf-runtime/src`).
    origin: protocol === "blob:" ? "null" : origin,
    protocol,
    username,
    password,
    host,
    hostname,
    port,
    pathname,
    search,
    hash,
  };
  return JSON.stringify(parts);
}
