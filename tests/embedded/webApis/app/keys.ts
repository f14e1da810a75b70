import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { evaluating, thrownBy } from "./evaluate.ts";

const hex = (buffer: ArrayBuffer | Uint8Array): string =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const { subtle } = crypto;
const SOURCE = new Uint8Array([97, 98, 99]);
const later = async (promise: Promise<unknown>): Promise<string> =>
  await promise.then(
    () => "nothing",
    (error: unknown) => `throws ${(error as Error).name}`,
  );
const AES_KEY = "2b7e151628aed2a6abf7158809cf4f3c";
const AES_TEXT = "6bc1bee22e409f96e93d7e117393172a";
const unhex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const HMAC = { name: "HMAC", hash: "SHA-256" };

export const { inQuery: keys, inMutation: keysInMutation } = evaluating({
  digests: async () =>
    await Promise.all(
      ["SHA-1", "SHA-256", "sha-384", "Sha-512"].map(async (name) =>
        hex(await subtle.digest(name, SOURCE)).slice(0, 16),
      ),
    ),
  "digests of views and of nothing": async () => [
    hex(await subtle.digest({ name: "SHA-1" }, new DataView(SOURCE.buffer, 0, 3))),
    hex(await subtle.digest("SHA-1", new ArrayBuffer(0))),
  ],
  "the source may be changed once the call is made": async () => {
    const source = SOURCE.slice();
    const digest = subtle.digest("SHA-1", source);
    source[0] = 0;
    return hex(await digest);
  },
  "unknown digests": async () => [
    await later(subtle.digest("AES-GCM", SOURCE)),
    await later(subtle.digest("", SOURCE)),
    await later(subtle.digest("MD5", SOURCE)),
  ],
  "random values": () => {
    const views = [new Int8Array(64), new Uint16Array(64), new BigUint64Array(64), new Uint8ClampedArray(64)];
    return views.map(
      (view) => crypto.getRandomValues(view) === view && [...view].some((value) => value !== view[0]),
    );
  },
  "random values of other views": () => [
    thrownBy(() => crypto.getRandomValues(new Float64Array(1) as never)),
    thrownBy(() => crypto.getRandomValues(new Float32Array(6) as never)),
  ],
  "random UUIDs": () => {
    const uuids = Array.from({ length: 100 }, () => crypto.randomUUID());
    return [
      new Set(uuids).size,
      uuids.every((uuid) =>
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid),
      ),
    ];
  },
  HMAC: async () => {
    const key = await subtle.importKey("raw", new Uint8Array(20).fill(0x0b), HMAC, false, ["sign", "verify"]);
    const signature = await subtle.sign("HMAC", key, new TextEncoder().encode("Hi There"));
    return [
      hex(signature).slice(0, 16),
      await subtle.verify("HMAC", key, signature, new TextEncoder().encode("Hi There")),
      await subtle.verify("HMAC", key, signature, SOURCE),
      key.type,
      key.extractable,
      key.usages,
    ];
  },
  "what a key may not": async () => {
    const key = await subtle.importKey("raw", SOURCE, HMAC, false, ["sign"]);
    return [
      await later(subtle.exportKey("raw", key)),
      await later(subtle.verify("HMAC", key, SOURCE, SOURCE)),
      await later(subtle.importKey("raw", SOURCE, HMAC, true, [])),
      await later(subtle.importKey("raw", SOURCE, HMAC, true, ["encrypt"])),
    ];
  },
  "AES-GCM": async () => {
    const key = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    const algorithm = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: SOURCE };
    const sealed = await subtle.encrypt(algorithm, key, SOURCE);
    const other = { ...algorithm, additionalData: new Uint8Array(1) };
    return [
      sealed.byteLength,
      hex(await subtle.decrypt(algorithm, key, sealed)),
      await later(subtle.decrypt(other, key, sealed)),
    ];
  },
  // Vectors of NIST SP 800-38A, F.2.1 and F.5.1.
  "AES-CBC": async () => {
    const key = await subtle.importKey("raw", unhex(AES_KEY), "AES-CBC", false, ["encrypt", "decrypt"]);
    const algorithm = { name: "AES-CBC", iv: unhex("000102030405060708090a0b0c0d0e0f") };
    const sealed = await subtle.encrypt(algorithm, key, unhex(AES_TEXT));
    const short = { name: "AES-CBC", iv: new Uint8Array(4) };
    return [
      hex(sealed).slice(0, 32),
      hex(await subtle.decrypt(algorithm, key, sealed)),
      await later(subtle.decrypt(algorithm, key, sealed.slice(1))),
      await later(subtle.encrypt(short, key, SOURCE)),
    ];
  },
  "AES-CTR": async () => {
    const key = await subtle.importKey("raw", unhex(AES_KEY), "AES-CTR", false, ["encrypt", "decrypt"]);
    const algorithm = { name: "AES-CTR", counter: unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), length: 64 };
    const sealed = await subtle.encrypt(algorithm, key, unhex(AES_TEXT));
    return [hex(sealed), hex(await subtle.decrypt(algorithm, key, sealed))];
  },
  "AES-CTR: the counter goes round by itself": async () => {
    const key = await subtle.importKey("raw", unhex(AES_KEY), "AES-CTR", false, ["encrypt"]);
    const sealed = async (counter: string, length: number, bytes: number) =>
      hex(
        await subtle.encrypt(
          { name: "AES-CTR", counter: unhex(counter), length },
          key,
          new Uint8Array(bytes),
        ),
      );
    const last = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
    const both = await sealed(last, 8, 32);
    return [
      both.slice(32) === (await sealed("f0f1f2f3f4f5f6f7f8f9fafbfcfdfe00", 8, 16)),
      both.slice(0, 32) === (await sealed(last, 8, 16)),
      await later(sealed(last, 0, 1)),
      await later(sealed(last, 1, 48)),
    ];
  },
  ECDSA: async () => {
    const { privateKey, publicKey } = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const signature = await subtle.sign(algorithm, privateKey, SOURCE);
    const jwk = await subtle.exportKey("jwk", publicKey);
    const again = await subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, true, [
      "verify",
    ]);
    return [
      signature.byteLength,
      await subtle.verify(algorithm, again, signature, SOURCE),
      privateKey.type,
      publicKey.usages,
      jwk.crv,
    ];
  },
});

/** What is sealed by a public key of RSA-OAEP, opened by its private one; with another label; and the keys' usages. */
export const seals = queryGeneric({
  args: { pkcs8: v.bytes(), spki: v.bytes() },
  handler: async (_ctx, { pkcs8, spki }) => {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const privateKey = await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["decrypt"]);
    const publicKey = await subtle.importKey("spki", spki, algorithm, true, ["encrypt"]);
    const labelled = { name: "RSA-OAEP", label: SOURCE };
    const sealed = await subtle.encrypt(labelled, publicKey, SOURCE);
    return [
      hex(await subtle.decrypt(labelled, privateKey, sealed)),
      await later(subtle.decrypt("RSA-OAEP", privateKey, sealed)),
      await later(subtle.importKey("spki", spki, algorithm, true, ["decrypt"])),
      (await subtle.exportKey("jwk", publicKey)).alg ?? null,
    ];
  },
});

/** What each algorithm that this backend lacks says. */
export const lacking = queryGeneric({
  args: { names: v.array(v.string()) },
  handler: async (_ctx, { names }) => {
    const said: string[] = [];
    for (const name of names) {
      const made = subtle.generateKey({ name } as unknown as AesKeyGenParams, false, ["deriveBits"] as never);
      said.push(
        await (made as Promise<unknown>).then(
          () => "nothing",
          (error: unknown) => (error as Error).message,
        ),
      );
    }
    return said;
  },
});
