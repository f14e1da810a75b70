/**
 * WebCrypto, synchronously, on `node:crypto`: functions run to their end in one go, so nothing may wait for a thread
 * pool. Errors are `CryptoFailure`s with the names that WebCrypto gives them.
 */
import { createHash } from "node:crypto";
import type { HostCrypto, KeyDescription } from "../isolate/host.ts";
import { CryptoFailure, hashOf, parse, parseNamed } from "./algorithms.ts";
import { operationOf } from "./families.ts";
import { exportKey, generateKey, importKey, keyObject } from "./keys.ts";

/** The cryptography of one context. `report` receives why a function returned `null`. */
export function createHostCrypto(report: (error: { name: string; message: string }) => void): HostCrypto {
  const guard = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      report(
        error instanceof CryptoFailure
          ? { name: error.name, message: error.message }
          : { name: "OperationError", message: error instanceof Error ? error.message : String(error) },
      );
      return null;
    }
  };
  return {
    digest: (algorithm, data) =>
      guard(() =>
        createHash(hashOf(parse(algorithm)).node)
          .update(data)
          .digest(),
      ),
    importKey: (format, data, algorithm, extractable, usages) =>
      guard(() => importKey(format, data, parseNamed(algorithm), extractable, usages)),
    generateKey: (algorithm, extractable, usages) =>
      guard(() => generateKey(parseNamed(algorithm), extractable, usages)),
    exportKey: (format, key, description) =>
      guard(() => exportKey(format, keyObject(key), JSON.parse(description) as KeyDescription)),
    sign: (call, key, keyAlgorithm, data) =>
      guard(() => {
        const algorithm = parseNamed(call);
        return operationOf(algorithm.name, "sign")(algorithm, keyObject(key), parse(keyAlgorithm), data);
      }),
    verify: (call, key, keyAlgorithm, signature, data) =>
      guard(() => {
        const algorithm = parseNamed(call);
        const verify = operationOf(algorithm.name, "verify");
        return verify(algorithm, keyObject(key), parse(keyAlgorithm), signature, data) ? 1 : 0;
      }),
    encrypt: (call, key, data) =>
      guard(() => {
        const algorithm = parseNamed(call);
        return operationOf(algorithm.name, "encrypt")(algorithm, keyObject(key), data);
      }),
    decrypt: (call, key, data) =>
      guard(() => {
        const algorithm = parseNamed(call);
        return operationOf(algorithm.name, "decrypt")(algorithm, keyObject(key), data);
      }),
    deriveBits: (call, key, length) =>
      guard(() => {
        const algorithm = parseNamed(call);
        const derive = operationOf(algorithm.name, "deriveBits");
        if (length % 8 !== 0) throw new CryptoFailure("OperationError", "length must be a multiple of 8.");
        return derive(algorithm, keyObject(key), length / 8);
      }),
  };
}
