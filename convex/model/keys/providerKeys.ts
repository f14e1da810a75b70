import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { ownKeysAreOffered, type OwnKeys } from "../../providers/ownKeys";
import { usableWith, type Connected, type Provider } from "../../providers/settings";
import { failure } from "../../shared/errors";
import { recordOwnAudit } from "../accounts/audit";
import { connectedHere } from "../modelProviders/added";
import { secretIds } from "./keySecrets";
import { readKey, MAX_KEY_CHARS } from "./readKey";
import { addressOfServer, vSealedKey, type KeyUse, type SealedKey } from "./sealedKey";

/**
 * People's own API keys, one for each provider: for their own answers, titles, follow-ups and lists of models, in place of the server's.
 * A run opens its key when it begins and keeps it to its end, so that removing or replacing one breaks nothing that is under way.
 */

/** A person has no more rows than there have been providers; the page shows these. */
const MAX_ROWS = 200;

/** Shorter keys would be told in full, or nearly, by their last four characters. */
const MIN_KEY_CHARS = 8;

export const vOwnKey = v.object({
  providerId: v.string(),
  /** The provider's, for people; of one that is no longer connected, its id. */
  name: v.string(),
  /**
   * `none`: no key is set. `set`: it is used. `lost`: the server can no longer read it; it must be set again. `unused`: its provider is no
   * longer connected here; it can only be removed.
   */
  state: v.union(v.literal("none"), v.literal("set"), v.literal("lost"), v.literal("unused")),
  /** Of the key's characters; "" while there is none. */
  lastFour: v.string(),
  /** Milliseconds since the epoch; null while there is none. */
  setAt: v.union(v.number(), v.null()),
  /** Can the provider be used without an own key? */
  optional: v.boolean(),
});
type OwnKeyView = Infer<typeof vOwnKey>;

/** A person's key as a generator gets it. */
export const vStoredKey = v.object({ providerId: v.string(), sealed: vSealedKey });
export type StoredKey = Infer<typeof vStoredKey>;

/** A key is for this person, provider and server alone: it is never sent to an address that its person did not give it for. */
export const keyUse = (userId: Id<"users">, { id, server }: Provider): KeyUse => ({
  userId,
  providerId: id,
  address: addressOfServer(server),
});

/** Checks a key's form. Errors: INVALID_INPUT. Returns it without the space around it. */
export function checkKey(text: string): string {
  const apiKey = readKey(text);
  if (apiKey !== null && apiKey.length >= MIN_KEY_CHARS) return apiKey;
  throw failure(
    "INVALID_INPUT",
    `This is no API key: one has ${MIN_KEY_CHARS} to ${MAX_KEY_CHARS.toLocaleString("en")} letters, digits and signs, without spaces.`,
  );
}

/** Errors: OWN_KEYS_OFF. */
export function requireOwnKeys(): void {
  if (!ownKeysAreOffered()) {
    throw failure("OWN_KEYS_OFF", "This server does not take people's own API keys.");
  }
}

/** Errors: NOT_FOUND. */
export function requireKeyProvider(providerId: string, { providers }: Connected): Provider {
  const provider = providers.find(({ id }) => id === providerId);
  if (provider === undefined) throw failure("NOT_FOUND", "This provider is not connected here.");
  return provider;
}

const rowsOf = (ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"providerKeys">[]> =>
  ctx.db
    .query("providerKeys")
    .withIndex("by_user_provider", (q) => q.eq("userId", userId))
    .take(MAX_ROWS);

const findRow = (
  ctx: QueryCtx,
  userId: Id<"users">,
  providerId: string,
): Promise<Doc<"providerKeys"> | null> =>
  ctx.db
    .query("providerKeys")
    .withIndex("by_user_provider", (q) => q.eq("userId", userId).eq("providerId", providerId))
    .unique();

/** What a person is shown: one entry for each connected provider, and for keys of those that were. */
export async function viewOwnKeys(ctx: QueryCtx, userId: Id<"users">): Promise<OwnKeyView[]> {
  const known = await secretIds();
  const rows = await rowsOf(ctx, userId);
  const { providers } = await connectedHere(ctx);
  const connected = providers.map((provider): OwnKeyView => {
    const row = rows.find(({ providerId }) => providerId === provider.id);
    return {
      ...{ providerId: provider.id, name: provider.name, optional: !provider.forOwnKeys },
      state: row === undefined ? "none" : known.includes(row.sealed.secretId) ? "set" : "lost",
      ...{ lastFour: row?.lastFour ?? "", setAt: row?.setAt ?? null },
    };
  });
  const others = rows.filter((row) => !connected.some(({ providerId }) => providerId === row.providerId));
  return [
    ...connected,
    ...others.map(({ providerId, lastFour, setAt }): OwnKeyView => ({
      ...{ providerId, name: providerId, state: "unused", lastFour, setAt, optional: true },
    })),
  ];
}

/** Sealed: only an action opens them. None where own keys are off. */
export async function readStoredKeys(ctx: QueryCtx, userId: Id<"users">): Promise<StoredKey[]> {
  if (!ownKeysAreOffered()) return [];
  const rows = await rowsOf(ctx, userId);
  return rows.map(({ providerId, sealed }) => ({ providerId, sealed }));
}

/** What a person can use, for transactions, which ask no provider. */
export async function connectedFor(ctx: QueryCtx, userId: Id<"users">): Promise<Connected> {
  const keys = await readStoredKeys(ctx, userId);
  const own: OwnKeys = new Map(keys.map(({ providerId }) => [providerId, { state: "sealed" }]));
  return usableWith(await connectedHere(ctx), own);
}

/** Keeps a person's key, in place of the one before. */
export async function storeKey(
  ctx: MutationCtx,
  args: { userId: Id<"users">; providerId: string; sealed: SealedKey; lastFour: string },
): Promise<null> {
  const { userId, providerId, ...rest } = args;
  const row = await findRow(ctx, userId, providerId);
  const key = { ...rest, setAt: Date.now() };
  if (row) await ctx.db.patch("providerKeys", row._id, key);
  else await ctx.db.insert("providerKeys", { userId, providerId, ...key });
  await recordOwnAudit(ctx, userId, { kind: "keySet", detail: providerId });
  return null;
}

/** One that is not there is no error. */
export async function removeKey(ctx: MutationCtx, userId: Id<"users">, providerId: string): Promise<null> {
  const row = await findRow(ctx, userId, providerId);
  if (!row) return null;
  await ctx.db.delete("providerKeys", row._id);
  await recordOwnAudit(ctx, userId, { kind: "keyRemoved", detail: providerId });
  return null;
}
