/** `structuredClone` and `crypto`, with cases in the spirit of web-platform-tests (`html/webappapis/structured-clone/`, `WebCryptoAPI/`), and as Convex has them. */
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { describeCases, runQuery } from "./cases.ts";

const notImplemented = (what: string): string =>
  `throws Not implemented: ${what}. Consider calling an action defined in Node.js instead ` +
  "(https://docs.convex.dev/functions/actions).";

// convex-backend's crates/isolate/src/ops/structured_clone.rs.
describeCases(
  "structuredClone (html/webappapis/structured-clone/structured-clone-battery-of-tests.js)",
  "clones:clones",
  {
    primitives: [true, true, true, true, true, true, true, true, true, true],
    "odd numbers": [true, true, true],
    "boxed primitives": [
      [true, false],
      [true, 0.2],
      [true, "𝌆"],
      [true, 2n],
    ],
    dates: [0, -1, 8640000000000000],
    "an invalid date": true,
    "regular expressions": ["a\\/[b]", "giu", 0, "(?:)"],
    arrays: [5, false, 1, "too", true],
    objects: ['{"a":1,"b":{"c":[2,{"d":null}]}}', true, true, true],
    "a field named __proto__": [["__proto__"], true],
    "keys in order, own and enumerable only": "1,b,a",
    "getters are called": [1, 1, 1],
    "classes are left behind": [false, 1, null],
    "without a prototype": true,
    "what only looks like a date": [true, "[object Object]", "[object Date]"],
    "maps and sets": [true, true, true, 2, 2],
    "circles and shared parts": [true, true, true],
    buffers: [true, [1, 2, 3]],
    "views share their buffer": [2, 3, 7, 7, true, 1],
    "every kind of array of numbers": [true, true, true, true, true, true],
    errors: [
      [true, "Error", "Error", "a", null, null, true],
      [true, "TypeError", "TypeError", "b", null, null, true],
      [true, "RangeError", "RangeError", "c", { d: 1 }, null, true],
      [true, "Error", "Error", "e", null, null, true],
    ],
    "what cannot be": [
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
      "throws TypeError",
    ],
    "nor inside": ["throws TypeError", "throws TypeError"],
    "Convex: nothing is transferred": notImplemented("transfer for structuredClone"),
  },
);

// convex-backend's npm-packages/udf-runtime/src/00_crypto.ts and crates/isolate/src/ops/subtle_crypto.
describeCases(
  "crypto (WebCryptoAPI/digest, getRandomValues.any.js, randomUUID, import_export, sign_verify)",
  "keys:keys",
  {
    digests: ["a9993e364706816a", "ba7816bf8f01cfea", "cb00753f45a35e8b", "ddaf35a193617aba"],
    "digests of views and of nothing": [
      "a9993e364706816aba3e25717850c26c9cd0d89d",
      "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ],
    "the source may be changed once the call is made": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "unknown digests": ["throws NotSupportedError", "throws NotSupportedError", "throws NotSupportedError"],
    "random values": [true, true, true, true],
    "random values of other views": ["throws TypeMismatchError", "throws TypeMismatchError"],
    "random UUIDs": [100, true],
    HMAC: ["b0344c61d8db3853", true, false, "secret", false, ["sign", "verify"]],
    "what a key may not": [
      "throws InvalidAccessError",
      "throws InvalidAccessError",
      "throws SyntaxError",
      "throws SyntaxError",
    ],
    "AES-GCM": [19, "616263", "throws OperationError"],
    "AES-CBC": [
      "7649abac8119b246cee98e9b12e9197d",
      "6bc1bee22e409f96e93d7e117393172a",
      "throws OperationError",
      "throws OperationError",
    ],
    "AES-CTR": ["874d6191b620e3261bef6864990db6ce", "6bc1bee22e409f96e93d7e117393172a"],
    "AES-CTR: the counter goes round by itself": [
      true,
      true,
      "throws OperationError",
      "throws OperationError",
    ],
    ECDSA: [64, true, "private", ["verify"], "P-256"],
  },
);

// WebCryptoAPI/encrypt_decrypt/rsa_oaep.https.any.js; `encrypt_oaep` in convex-backend's crates/isolate/src/ops/subtle_crypto/rsa.rs.
test("[E8.8] RSA-OAEP: sealed by the public key, opened by the private one, with the same label only", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const bytes = (der: Buffer): ArrayBuffer => new Uint8Array(der).buffer;
  const keys = {
    pkcs8: bytes(privateKey.export({ format: "der", type: "pkcs8" })),
    spki: bytes(publicKey.export({ format: "der", type: "spki" })),
  };
  expect(await runQuery("keys:seals", keys)).toEqual([
    "616263",
    "throws OperationError",
    "throws SyntaxError",
    "RSA-OAEP-256",
  ]);
});

// Convex has the first two: convex-backend's crates/isolate/src/ops/subtle_crypto/ec.rs and x25519.rs.
test.each(["ECDH", "X25519", "AES-KW"])("[E15.3] %s is refused by name", async (name) => {
  expect(await runQuery("keys:lacking", { names: [name] })).toEqual([
    expect.stringMatching(
      `^${name} is not supported in queries and mutations by the embedded backend\\. Supported are .*; anything else can be done in an action\\.$`,
    ),
  ]);
});
