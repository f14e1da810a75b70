import { v, type Infer } from "convex/values";
import { internal } from "../../../_generated/api";
import type { Doc, Id } from "../../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../../_generated/server";
import { secretIds } from "../../keys/keySecrets";
import { vSealedKey, type SealedKey } from "../../keys/sealedKey";
import { findSignInServer } from "./mcpSettings";

/**
 * People's sign-ins to MCP servers, one for each person and server. What a sign-in holds is sealed and opened in actions alone (`signInData.ts`).
 *
 *   (none) ──mcpSignIn.finish──► signedIn ──refused by its server──► ended ──mcpSignIn.finish──► signedIn         each ──mcp.signOut──► (none)
 *                                 │    ▲
 *                                 └────┘ renewed: another `version`, by one action at a time
 *
 * What is forgotten here is revoked at its server, too (`revokeSignIn.ts`).
 */

/** `needed`: never signed in. `done`: its tools can be used. `again`: its server no longer takes the sign-in. */
export const vSignInState = v.union(v.literal("needed"), v.literal("done"), v.literal("again"));
export type SignInState = Infer<typeof vSignInState>;

/** How a row is stored. */
export const vSignIn = v.union(
  v.object({
    kind: v.literal("signedIn"),
    sealed: vSealedKey,
    /** Another one after each renewal. */
    version: v.string(),
    /** An action is renewing it, until then at most. Milliseconds since the epoch. */
    renewingUntil: v.optional(v.number()),
  }),
  v.object({ kind: v.literal("ended") }),
);

/** As an action gets it. */
export const vStoredSignIn = v.object({ sealed: vSealedKey, version: v.string() });
export type StoredSignIn = Infer<typeof vStoredSignIn>;

/** More than there can be servers. */
const MAX_ROWS = 50;

/** A renewal is given up after so long, milliseconds; then another action may try. */
const RENEWAL_LIMIT_MS = 20_000;

/** By the name of their server. */
export async function signInsOf(ctx: QueryCtx, userId: Id<"users">): Promise<Map<string, SignInState>> {
  const rows = await ctx.db
    .query("mcpSignIns")
    .withIndex("by_user_server", (q) => q.eq("userId", userId))
    .take(MAX_ROWS);
  const known = rows.length === 0 ? [] : await secretIds();
  return new Map(
    rows.map(({ server, signIn }) => {
      const isOpen = signIn.kind === "signedIn" && known.includes(signIn.sealed.secretId);
      return [server, isOpen ? "done" : "again"];
    }),
  );
}

/** Null for a server that nobody signs in to. */
export const signInState = (server: string, signIns: Map<string, SignInState>): SignInState | null =>
  findSignInServer(server) === null ? null : (signIns.get(server) ?? "needed");

type Which = { userId: Id<"users">; server: string };

export const findSignIn = (ctx: QueryCtx, { userId, server }: Which): Promise<Doc<"mcpSignIns"> | null> =>
  ctx.db
    .query("mcpSignIns")
    .withIndex("by_user_server", (q) => q.eq("userId", userId).eq("server", server))
    .unique();

/** Null when the person is not signed in. */
export async function readSignIn(ctx: QueryCtx, which: Which): Promise<StoredSignIn | null> {
  const signIn = (await findSignIn(ctx, which))?.signIn;
  return signIn?.kind === "signedIn" ? { sealed: signIn.sealed, version: signIn.version } : null;
}

/** Keeps a new sign-in, in place of the one before. */
export async function storeSignIn(ctx: MutationCtx, args: Which & { stored: StoredSignIn }): Promise<null> {
  const { userId, server, stored } = args;
  const row = await findSignIn(ctx, args);
  const signIn = { kind: "signedIn" as const, ...stored };
  if (row) await ctx.db.patch("mcpSignIns", row._id, { signIn });
  else await ctx.db.insert("mcpSignIns", { userId, server, signIn });
  return null;
}

/** One that is not there is no error. */
export async function removeSignIn(ctx: MutationCtx, which: Which): Promise<null> {
  const row = await findSignIn(ctx, which);
  if (row) await deleteSignIn(ctx, row);
  return null;
}

/** Forgets a sign-in, and has it revoked at its server. */
export async function deleteSignIn(ctx: MutationCtx, row: Doc<"mcpSignIns">): Promise<void> {
  const { userId, server, signIn } = row;
  await ctx.db.delete("mcpSignIns", row._id);
  if (signIn.kind === "signedIn") await revoke(ctx, { userId, server, sealed: signIn.sealed });
}

const revoke = (ctx: MutationCtx, args: Which & { sealed: SealedKey }) =>
  ctx.scheduler.runAfter(0, internal.mcpSignIn.revoke, args);

export const vRenewal = v.union(
  /** The caller renews it. */
  v.object({ kind: v.literal("yours") }),
  /** Somebody else is at it. */
  v.object({ kind: v.literal("wait") }),
  /** Somebody else has done it. */
  v.object({ kind: v.literal("renewed"), stored: vStoredSignIn }),
  v.object({ kind: v.literal("ended") }),
);
export type Renewal = Infer<typeof vRenewal>;

/**
 * Asks for leave to renew the sign-in of this version. One at a time: many servers take a refresh token once, and end the whole sign-in when it
 * comes again.
 */
export async function claimRenewal(ctx: MutationCtx, args: Which & { version: string }): Promise<Renewal> {
  const row = await findSignIn(ctx, args);
  if (row?.signIn.kind !== "signedIn") return { kind: "ended" };
  const { sealed, version, renewingUntil = 0 } = row.signIn;
  if (version !== args.version) return { kind: "renewed", stored: { sealed, version } };
  const now = Date.now();
  if (renewingUntil > now) return { kind: "wait" };
  await ctx.db.patch("mcpSignIns", row._id, {
    signIn: { ...row.signIn, renewingUntil: now + RENEWAL_LIMIT_MS },
  });
  return { kind: "yours" };
}

export const vRenewalEnd = v.union(
  v.object({ kind: v.literal("renewed"), stored: vStoredSignIn }),
  /** Its server takes it no more. */
  v.object({ kind: v.literal("refused") }),
  /** It may go better another time. */
  v.object({ kind: v.literal("failed") }),
);
type RenewalEnd = Infer<typeof vRenewalEnd>;

/** What became of a renewal. Nothing changes when there is another sign-in by now; when there is none, what came of it is revoked. */
export async function endRenewal(
  ctx: MutationCtx,
  args: Which & { version: string; end: RenewalEnd },
): Promise<null> {
  const { userId, server, end } = args;
  const row = await findSignIn(ctx, args);
  if (row === null && end.kind === "renewed") {
    await revoke(ctx, { userId, server, sealed: end.stored.sealed });
  }
  if (row?.signIn.kind !== "signedIn" || row.signIn.version !== args.version) return null;
  const { sealed, version } = row.signIn;
  await ctx.db.patch("mcpSignIns", row._id, { signIn: after(end, { sealed, version }) });
  return null;
}

function after(end: RenewalEnd, before: { sealed: SealedKey; version: string }): Infer<typeof vSignIn> {
  switch (end.kind) {
    case "renewed":
      return { kind: "signedIn", ...end.stored };
    case "refused":
      return { kind: "ended" };
    case "failed":
      return { kind: "signedIn", ...before };
    default:
      return end satisfies never;
  }
}
