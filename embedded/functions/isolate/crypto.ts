/** `crypto`. The work is done outside, synchronously; the promises of `crypto.subtle` are made in here. */
import { adoptBytes, bytesToBase64, viewBytes } from "./bytes.ts";
import { throwHostError } from "./errors.ts";
import type { HostKey, ImportedKey, IsolateHost } from "./host.ts";

type Algorithm = string | Record<string, unknown>;

const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];
/** As the standard has it. */
const MAX_RANDOM_BYTES = 65_536;

const keys = new WeakMap<object, HostKey>();

class CryptoKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: Record<string, unknown>;
  readonly usages: string[];
  constructor(imported?: ImportedKey) {
    if (imported === undefined) throw new TypeError("Illegal constructor");
    this.type = imported.type;
    this.extractable = imported.extractable;
    this.algorithm = reviveBytes(JSON.parse(imported.algorithmJson)) as Record<string, unknown>;
    this.usages = imported.usages === "" ? [] : imported.usages.split(",");
    keys.set(this, imported.key);
  }
  get [Symbol.toStringTag](): string {
    return "CryptoKey";
  }
}

export function installCrypto(global: Record<string, unknown>, host: IsolateHost): void {
  const bytesOrThrow = (bytes: Uint8Array | null): ArrayBuffer =>
    adoptBytes(bytes ?? throwHostError(host)).buffer;

  class SubtleCrypto {
    async digest(algorithm: Algorithm, data: unknown): Promise<ArrayBuffer> {
      return bytesOrThrow(host.crypto.digest(serialize(algorithm), viewBytes(data, "data")));
    }
    async importKey(
      format: string,
      keyData: unknown,
      algorithm: Algorithm,
      extractable: boolean,
      usages: string[],
    ): Promise<CryptoKey> {
      const data = format === "jwk" ? JSON.stringify(keyData) : viewBytes(keyData, "keyData");
      return new CryptoKey(
        host.crypto.importKey(format, data, serialize(algorithm), extractable, checkUsages(usages)) ??
          throwHostError(host),
      );
    }
    async generateKey(
      algorithm: Algorithm,
      extractable: boolean,
      usages: string[],
    ): Promise<CryptoKey | { publicKey: CryptoKey; privateKey: CryptoKey }> {
      const made =
        host.crypto.generateKey(serialize(algorithm), extractable, checkUsages(usages)) ??
        throwHostError(host);
      const [first, second] = [made[0], made[1]];
      if (first === undefined) throw new TypeError("No key was made.");
      if (second === undefined) return new CryptoKey(first);
      return { publicKey: new CryptoKey(first), privateKey: new CryptoKey(second) };
    }
    async exportKey(format: string, key: CryptoKey): Promise<unknown> {
      if (!key.extractable) throw new DOMException("key is not extractable", "InvalidAccessError");
      const description = JSON.stringify({
        type: key.type,
        extractable: key.extractable,
        algorithmJson: serialize(key.algorithm),
        usages: key.usages.join(","),
      });
      const exported = host.crypto.exportKey(format, handleOf(key), description) ?? throwHostError(host);
      return typeof exported === "string" ? (JSON.parse(exported) as unknown) : adoptBytes(exported).buffer;
    }
    async sign(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
      checkUsage(key, "sign", algorithm);
      return bytesOrThrow(
        host.crypto.sign(
          serialize(algorithm),
          handleOf(key),
          serialize(key.algorithm),
          viewBytes(data, "data"),
        ),
      );
    }
    async verify(algorithm: Algorithm, key: CryptoKey, signature: unknown, data: unknown): Promise<boolean> {
      checkUsage(key, "verify", algorithm);
      const answer = host.crypto.verify(
        serialize(algorithm),
        handleOf(key),
        serialize(key.algorithm),
        viewBytes(signature, "signature"),
        viewBytes(data, "data"),
      );
      return (answer ?? throwHostError(host)) === 1;
    }
    async encrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
      checkUsage(key, "encrypt", algorithm);
      return bytesOrThrow(
        host.crypto.encrypt(serialize(withHash(algorithm, key)), handleOf(key), viewBytes(data, "data")),
      );
    }
    async decrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
      checkUsage(key, "decrypt", algorithm);
      return bytesOrThrow(
        host.crypto.decrypt(serialize(withHash(algorithm, key)), handleOf(key), viewBytes(data, "data")),
      );
    }
    async deriveBits(algorithm: Algorithm, key: CryptoKey, length: number): Promise<ArrayBuffer> {
      checkUsage(key, "deriveBits", algorithm);
      return bytesOrThrow(host.crypto.deriveBits(serialize(algorithm), handleOf(key), length));
    }
    async deriveKey(
      algorithm: Algorithm,
      key: CryptoKey,
      derivedType: Algorithm,
      extractable: boolean,
      usages: string[],
    ): Promise<CryptoKey> {
      checkUsage(key, "deriveKey", algorithm);
      const length = derivedLength(derivedType);
      const bits = bytesOrThrow(host.crypto.deriveBits(serialize(algorithm), handleOf(key), length));
      return this.importKey("raw", bits, derivedType, extractable, usages);
    }
    async wrapKey(): Promise<never> {
      throw new DOMException(
        "crypto.subtle.wrapKey is not supported in queries and mutations by the embedded backend. Use exportKey and encrypt.",
        "NotSupportedError",
      );
    }
    async unwrapKey(): Promise<never> {
      throw new DOMException(
        "crypto.subtle.unwrapKey is not supported in queries and mutations by the embedded backend. Use decrypt and importKey.",
        "NotSupportedError",
      );
    }
    get [Symbol.toStringTag](): string {
      return "SubtleCrypto";
    }
  }

  const crypto = {
    subtle: new SubtleCrypto(),
    getRandomValues: <T extends ArrayBufferView>(array: T): T => {
      if (!ArrayBuffer.isView(array) || array instanceof Float32Array || array instanceof Float64Array) {
        throw new DOMException(
          "The provided ArrayBufferView is not an integer array type",
          "TypeMismatchError",
        );
      }
      if (array.byteLength > MAX_RANDOM_BYTES) {
        throw new DOMException(
          `Byte length (${array.byteLength}) exceeds the number of bytes of entropy available via this API (${MAX_RANDOM_BYTES})`,
          "QuotaExceededError",
        );
      }
      viewBytes(array, "array").set(host.randomBytes(array.byteLength));
      return array;
    },
    randomUUID: (): string => {
      const bytes = adoptBytes(host.randomBytes(16));
      // Version 4, variant 1.
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
  Object.defineProperty(crypto, Symbol.toStringTag, { value: "Crypto" });
  Object.defineProperty(global, "crypto", { value: crypto, writable: true, configurable: true });
  Object.assign(global, { CryptoKey, SubtleCrypto });
}

function handleOf(key: CryptoKey): HostKey {
  const handle = keys.get(key);
  if (handle === undefined) throw new TypeError("key must be a CryptoKey.");
  return handle;
}

function checkUsages(usages: string[]): string {
  const unknown = usages.find((usage) => !USAGES.includes(usage));
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is not a key usage.`);
  return usages.join(",");
}

function checkUsage(key: CryptoKey, usage: string, algorithm: Algorithm): void {
  const name = typeof algorithm === "string" ? algorithm : String(algorithm["name"]);
  if (!key.usages.includes(usage)) {
    throw new DOMException(`key does not support the "${usage}" operation`, "InvalidAccessError");
  }
  if (name.toUpperCase() !== String(key.algorithm["name"]).toUpperCase()) {
    throw new DOMException(`key is not for ${name}`, "InvalidAccessError");
  }
}

/** The hash of RSA-OAEP is that of the key. */
function withHash(algorithm: Algorithm, key: CryptoKey): Algorithm {
  const { hash } = key.algorithm;
  return {
    ...(typeof algorithm === "string" ? { name: algorithm } : algorithm),
    ...(hash !== undefined && { hash }),
  };
}

/** Bits that a derived key of this kind has. */
function derivedLength(algorithm: Algorithm): number {
  const { name, length, hash } = (typeof algorithm === "string" ? { name: algorithm } : algorithm) as {
    name: string;
    length?: number;
    hash?: string | { name: string };
  };
  if (length !== undefined) return length;
  if (name.toUpperCase() === "HMAC") {
    const hashName = typeof hash === "object" ? hash.name : hash;
    return hashName === "SHA-384" || hashName === "SHA-512" ? 1024 : 512;
  }
  throw new TypeError(`The length of a derived ${name} key must be given.`);
}

function serialize(algorithm: Algorithm): string {
  const normalized = typeof algorithm === "string" ? { name: algorithm } : algorithm;
  return JSON.stringify(normalized, function replace(this: Record<string, unknown>, key) {
    const value = this[key];
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      return { $bytes: bytesToBase64(viewBytes(value, key)) };
    }
    if (value instanceof CryptoKey) {
      throw new DOMException(`${String(normalized["name"])} is not supported`, "NotSupportedError");
    }
    return value;
  });
}

function reviveBytes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $bytes } = value as { $bytes?: string };
  if ($bytes !== undefined) return Uint8Array.from(atob($bytes), (character) => character.charCodeAt(0));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reviveBytes(item)]));
}
