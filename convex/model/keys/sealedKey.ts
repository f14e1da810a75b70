import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { ModelServer } from "../../providers/settings";
import { sealingSecret, secretWithId } from "./keySecrets";

/** An API key as it is stored: encrypted with AES-GCM under a secret that only the server's functions have. */
export const vSealedKey = v.object({
  /** The fingerprint of the secret that sealed it. */
  secretId: v.string(),
  iv: v.bytes(),
  /** With the tag that proves it whole. */
  bytes: v.bytes(),
});
export type SealedKey = Infer<typeof vSealedKey>;

/** Whose key it is, a person's or the server's own, and what for: sealed with it, so that a row that was moved to another person or provider cannot be opened. */
export type KeyUse = { userId: Id<"users"> | "server"; providerId: string; address: string };

/** What a key for this server is bound to: its paths may change, and the key goes nowhere else. */
export const addressOfServer = ({ baseURL }: Pick<ModelServer, "baseURL">): string =>
  URL.canParse(baseURL) ? new URL(baseURL).origin : baseURL;

/** Bytes that AES-GCM wants. */
const IV_BYTES = 12;

/** Null when the server has no secret. */
export async function sealKey(apiKey: string, use: KeyUse): Promise<SealedKey | null> {
  const secret = await sealingSecret();
  if (secret === null) return null;
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const algorithm = { name: "AES-GCM", iv, additionalData: boundTo(use) };
  const bytes = await crypto.subtle.encrypt(algorithm, secret.key, new TextEncoder().encode(apiKey));
  return { secretId: secret.id, iv: iv.buffer, bytes };
}

/** Null when it cannot be read: the secret is gone, the row is damaged, or it was sealed for another use. */
export async function openKey(sealed: SealedKey, use: KeyUse): Promise<string | null> {
  const secret = await secretWithId(sealed.secretId);
  if (secret === null) return null;
  const algorithm = { name: "AES-GCM", iv: sealed.iv, additionalData: boundTo(use) };
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, secret.key, sealed.bytes));
  } catch {
    return null;
  }
}

const boundTo = ({ userId, providerId, address }: KeyUse): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(["verbatim key", 1, userId, providerId, address]));
