/** `TextEncoder`, `TextDecoder`, `atob` and `btoa`: `08_text_encoding.ts` in Convex's `npm-packages/udf-runtime/src`. */
import { adoptBytes, viewBytes } from "./bytes.ts";
import { throwHostError } from "./errors.ts";
import type { HostDecoder, IsolateHost } from "./host.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function installEncoding(global: Record<string, unknown>, host: IsolateHost): void {
  class TextEncoder {
    get encoding(): string {
      return "utf-8";
    }
    encode(text: unknown = ""): Uint8Array {
      return adoptBytes(host.encodeUtf8(String(text)));
    }
    encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
      if (!(target instanceof Uint8Array)) {
        throw new TypeError("The destination of encodeInto() must be a Uint8Array.");
      }
      let read = 0;
      let written = 0;
      for (const character of String(text)) {
        const bytes = host.encodeUtf8(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
    get [Symbol.toStringTag](): string {
      return "TextEncoder";
    }
  }

  class TextDecoder {
    readonly #decoder: HostDecoder;
    readonly #fatal: boolean;
    readonly #ignoreBom: boolean;
    constructor(label: unknown = "utf-8", options?: { fatal?: boolean; ignoreBOM?: boolean }) {
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBom = Boolean(options?.ignoreBOM);
      const decoder = host.createDecoder(String(label), this.#fatal, this.#ignoreBom);
      if (decoder === null) {
        throw new DOMException(`The encoding label provided ('${String(label)}') is invalid.`, "RangeError");
      }
      this.#decoder = decoder;
    }
    get encoding(): string {
      return this.#decoder.encoding;
    }
    get fatal(): boolean {
      return this.#fatal;
    }
    get ignoreBOM(): boolean {
      return this.#ignoreBom;
    }
    /** Without bytes nothing happens, as on Convex: a stream ends with its last bytes. */
    decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string {
      if (bytes === undefined) return "";
      return (
        this.#decoder.decode(viewBytes(bytes, "What is decoded"), Boolean(options?.stream)) ??
        throwHostError(host)
      );
    }
    get [Symbol.toStringTag](): string {
      return "TextDecoder";
    }
  }

  Object.assign(global, { TextEncoder, TextDecoder, atob, btoa });
}

function btoa(data: unknown): string {
  const text = String(data);
  let out = "";
  for (let i = 0; i < text.length; i += 3) {
    const codes = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
    if (codes.some((code) => code > 255)) {
      throw new DOMException(
        "The string to be encoded contains characters outside of the Latin1 range.",
        "InvalidCharacterError",
      );
    }
    const [first = 0, second = NaN, third = NaN] = codes;
    const bits = (first << 16) | (second << 8) | third;
    out += BASE64.charAt(bits >> 18) + BASE64.charAt((bits >> 12) & 63);
    out += Number.isNaN(second) ? "=" : BASE64.charAt((bits >> 6) & 63);
    out += Number.isNaN(third) ? "=" : BASE64.charAt(bits & 63);
  }
  return out;
}

function atob(data: unknown): string {
  let text = String(data).replace(/[\t\n\f\r ]/g, "");
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, "");
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) {
    throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
  }
  let out = "";
  let bits = 0;
  let count = 0;
  for (const character of text) {
    bits = ((bits << 6) | BASE64.indexOf(character)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += String.fromCharCode((bits >> count) & 255);
    }
  }
  return out;
}
