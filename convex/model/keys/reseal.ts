import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { ActionCtx, MutationCtx, QueryCtx } from "../../_generated/server";
import { addedProvider } from "../../providers/addedProvider";
import type { Connected } from "../../providers/settings";
import { serverKeyUse, withSealedKeys } from "../modelProviders/added";
import { vAddedConfig, type Added } from "../modelProviders/addedConfig";
import { findSignInServer } from "../tools/mcp/mcpSettings";
import { signInUse } from "../tools/mcp/signInUse";
import { sealingSecret } from "./keySecrets";
import { keyUse } from "./providerKeys";
import { openKey, sealKey, vSealedKey, type KeyUse, type SealedKey } from "./sealedKey";

/**
 * Sealing people's own keys, those of providers that the owner's page has added, and sign-ins to MCP servers with the first of the server's secrets, so that the others can be taken away.
 * A sign-in that is under way then, ten minutes at most, must be begun again.
 */

/** Rows looked at in one query. */
const PAGE = 100;

const sealedOf = { userId: v.id("users"), sealed: vSealedKey };
export const vResealable = v.union(
  v.object({ ...sealedOf, kind: v.literal("ownKey"), rowId: v.id("providerKeys"), providerId: v.string() }),
  v.object({ ...sealedOf, kind: v.literal("signIn"), rowId: v.id("mcpSignIns"), server: v.string() }),
  v.object({
    ...{ kind: v.literal("serverKey"), rowId: v.id("addedProviders") },
    ...{ config: vAddedConfig, sealed: vSealedKey },
  }),
);
type Resealable = Infer<typeof vResealable>;

export const vResealableKind = v.union(v.literal("ownKey"), v.literal("signIn"), v.literal("serverKey"));
type Kind = Infer<typeof vResealableKind>;

export const vResealablePage = v.object({
  rows: v.array(vResealable),
  cursor: v.union(v.string(), v.null()),
});
type Page = Infer<typeof vResealablePage>;

export async function resealablePage(
  ctx: QueryCtx,
  { kind, cursor }: { kind: Kind; cursor: string | null },
): Promise<Page> {
  const options = { numItems: PAGE, cursor };
  switch (kind) {
    case "ownKey": {
      const { page, ...rest } = await ctx.db.query("providerKeys").paginate(options);
      const rows = page.map(({ _id: rowId, userId, providerId, sealed }) => ({
        ...{ kind, rowId, userId, providerId, sealed },
      }));
      return { rows, cursor: rest.isDone ? null : rest.continueCursor };
    }
    case "signIn": {
      const { page, ...rest } = await ctx.db.query("mcpSignIns").paginate(options);
      const rows = page.flatMap(({ _id: rowId, userId, server, signIn }) =>
        signIn.kind === "signedIn" ? [{ kind, rowId, userId, server, sealed: signIn.sealed }] : [],
      );
      return { rows, cursor: rest.isDone ? null : rest.continueCursor };
    }
    case "serverKey": {
      const { page, ...rest } = await ctx.db.query("addedProviders").paginate(options);
      const rows = page.flatMap(({ _id: rowId, config, sealed }) =>
        sealed === undefined ? [] : [{ kind, rowId, config, sealed }],
      );
      return { rows, cursor: rest.isDone ? null : rest.continueCursor };
    }
    default:
      return kind satisfies never;
  }
}

/** What is sealed with the first secret already stays as it is. */
export async function resealAll(
  ctx: Pick<ActionCtx, "runQuery" | "runMutation">,
): Promise<{ resealed: number; unreadable: number }> {
  const secret = await sealingSecret();
  const count = { resealed: 0, unreadable: 0 };
  const added: Added[] = await ctx.runQuery(internal.modelProviders.added, {});
  const connected = withSealedKeys(added);
  for (const kind of ["ownKey", "signIn", "serverKey"] as const) {
    let cursor: string | null = null;
    do {
      const page: Page = await ctx.runQuery(internal.keys.resealable, { kind, cursor });
      for (const before of page.rows) {
        if (before.sealed.secretId === secret?.id) continue;
        const sealed = await sealedAnew(before, connected);
        if (sealed === null) count.unreadable++;
        else if (await ctx.runMutation(internal.keys.replace, { before, sealed })) count.resealed++;
      }
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return count;
}

async function sealedAnew(row: Resealable, connected: Connected): Promise<SealedKey | null> {
  const use = useOf(row, connected);
  if (use === null) return null;
  const text = await openKey(row.sealed, use);
  return text === null ? null : await sealKey(text, use);
}

/** Null when its address is no longer known: its provider, or server, is not connected here any more. */
function useOf(row: Resealable, { providers }: Connected): KeyUse | null {
  switch (row.kind) {
    case "ownKey": {
      const provider = providers.find(({ id }) => id === row.providerId);
      return provider === undefined ? null : keyUse(row.userId, provider);
    }
    case "signIn": {
      const server = findSignInServer(row.server);
      return server && signInUse({ userId: row.userId, server });
    }
    case "serverKey":
      return serverKeyUse(addedProvider(row.config, { state: "sealed" }));
    default:
      return row satisfies never;
  }
}

/** False when another one is there by now: its person has set it anew, or it was renewed. */
export async function replaceSealed(
  ctx: MutationCtx,
  { before, sealed }: { before: Resealable; sealed: SealedKey },
): Promise<boolean> {
  switch (before.kind) {
    case "ownKey": {
      const row = await ctx.db.get("providerKeys", before.rowId);
      if (!row || !isSame(row.sealed, before.sealed)) return false;
      await ctx.db.patch("providerKeys", row._id, { sealed });
      return true;
    }
    case "signIn": {
      const row = await ctx.db.get("mcpSignIns", before.rowId);
      if (row?.signIn.kind !== "signedIn" || !isSame(row.signIn.sealed, before.sealed)) return false;
      await ctx.db.patch("mcpSignIns", row._id, { signIn: { ...row.signIn, sealed } });
      return true;
    }
    case "serverKey": {
      const row = await ctx.db.get("addedProviders", before.rowId);
      if (!row?.sealed || !isSame(row.sealed, before.sealed)) return false;
      await ctx.db.patch("addedProviders", row._id, { sealed });
      return true;
    }
    default:
      return before satisfies never;
  }
}

/** Each sealing has random bytes of its own. */
function isSame(a: SealedKey, b: SealedKey): boolean {
  const [first, second] = [new Uint8Array(a.iv), new Uint8Array(b.iv)];
  return first.length === second.length && first.every((byte, index) => byte === second[index]);
}
