import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { usableWith, type Provider } from "../providers/settings";
import { storedId } from "../providers/modelIds";
import { failure } from "../shared/errors";
import { MAX_MODEL_ID_CHARS } from "../shared/limits";
import { matchesStoredId } from "../shared/modelPatterns";
import { recordAudit } from "./accounts/audit";
import { findPerson } from "./accounts/people";
import { connectedHere } from "./modelProviders/added";

/**
 * Which models are there for whom, as long as the owner pays: all of them, unless the environment or the owner's page names some for guests,
 * members or admins. Nobody keeps the owner from any, nor people from those that they ask with keys of their own.
 */

export const vModelAudience = v.union(v.literal("guests"), v.literal("members"), v.literal("admins"));
type Audience = Infer<typeof vModelAudience>;

/** Each with the variable that goes before what is set on the page. */
const AUDIENCES: readonly { audience: Audience; variable: string }[] = [
  { audience: "guests", variable: "VERBATIM_MODELS_GUESTS" },
  { audience: "members", variable: "VERBATIM_MODELS_MEMBERS" },
  { audience: "admins", variable: "VERBATIM_MODELS_ADMINS" },
];

/** Names for one audience; more are a mistake. */
const MAX_PATTERNS = 200;

/** The models of one audience. */
export const vModelAccess = v.object({
  audience: vModelAudience,
  /** Names, with `*` for any text; null: all models. */
  show: v.union(v.array(v.string()), v.null()),
  /** The variable that says so, so that it cannot be set here. */
  fixedBy: v.union(v.string(), v.null()),
});

/** Who may ask what, as it is set now. */
export const readModelAccess = (ctx: QueryCtx): Promise<Infer<typeof vModelAccess>[]> =>
  Promise.all(AUDIENCES.map(({ audience }) => accessOf(ctx, audience)));

async function accessOf(ctx: QueryCtx, audience: Audience): Promise<Infer<typeof vModelAccess>> {
  const variable = AUDIENCES.find((known) => known.audience === audience)?.variable ?? "";
  const fixed = patternsIn(process.env[variable]);
  if (fixed !== null) return { audience, show: fixed, fixedBy: variable };
  return { audience, show: (await findRow(ctx, audience))?.show ?? null, fixedBy: null };
}

/** Separated by commas; `all` is every model. Null where nothing is set. */
function patternsIn(text = ""): string[] | null {
  const patterns = text.split(",").flatMap((pattern) => pattern.trim() || []);
  if (patterns.length === 0) return null;
  return patterns.includes("all") ? ["*"] : patterns.filter((pattern) => pattern !== "none");
}

async function findRow(ctx: QueryCtx, audience: Audience): Promise<Doc<"modelAccess"> | null> {
  return await ctx.db
    .query("modelAccess")
    .withIndex("by_audience", (q) => q.eq("audience", audience))
    .unique();
}

/** Sets the models of one audience; null for all. Errors: INVALID_INPUT; NOT_ALLOWED for what the environment sets. */
export async function setModelAccess(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  { audience, show }: { audience: Audience; show: string[] | null },
): Promise<null> {
  const { fixedBy } = await accessOf(ctx, audience);
  if (fixedBy !== null) throw failure("NOT_ALLOWED", `${fixedBy} sets this where the server is started.`);
  const patterns = show === null ? null : [...new Set(show.map((pattern) => pattern.trim()))];
  if (patterns !== null && patterns.length > MAX_PATTERNS)
    throw failure("INVALID_INPUT", `At most ${MAX_PATTERNS} names of models can be set.`);
  if (patterns?.some((pattern) => pattern === "" || pattern.length > MAX_MODEL_ID_CHARS) === true)
    throw failure("INVALID_INPUT", `A model's name has 1 to ${MAX_MODEL_ID_CHARS} characters.`);
  const row = await findRow(ctx, audience);
  if (row && patterns === null) await ctx.db.delete("modelAccess", row._id);
  else if (row && patterns !== null) await ctx.db.patch("modelAccess", row._id, { show: patterns });
  else if (patterns !== null) await ctx.db.insert("modelAccess", { audience, show: patterns });
  await recordAudit(ctx, { kind: "modelsChanged", actorId: ownerId, detail: audience });
  return null;
}

/** The models that this person may ask at the owner's cost, by their names; null: all. */
export async function shownTo(ctx: QueryCtx, userId: Id<"users">): Promise<string[] | null> {
  // The demo is for everybody.
  if (usableWith(await connectedHere(ctx)).providers.length === 0) return null;
  const role = (await findPerson(ctx, userId))?.role ?? "guest";
  switch (role) {
    case "owner":
      return null;
    case "admin":
      return (await accessOf(ctx, "admins")).show;
    case "member":
      return (await accessOf(ctx, "members")).show;
    case "guest":
      return (await accessOf(ctx, "guests")).show;
    default:
      return role satisfies never;
  }
}

/** Is this model of the provider among those? */
export const isFor = (provider: Provider, modelId: string, shown: readonly string[] | null): boolean =>
  shown === null || provider.ownKey !== undefined || matchesStoredId(storedId(provider, modelId), shown);
