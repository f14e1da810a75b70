import { v, type Infer } from "convex/values";

/** What the audit list tells of. Validators alone, which the schema needs too. */
export const vAuditKind = v.union(
  v.literal("signedIn"),
  v.literal("signInFailed"),
  v.literal("joined"),
  v.literal("invited"),
  v.literal("invitationWithdrawn"),
  v.literal("roleChanged"),
  v.literal("disabled"),
  v.literal("enabled"),
  v.literal("resetLinkMade"),
  v.literal("passwordReset"),
  v.literal("passwordChanged"),
  v.literal("personDeleted"),
  v.literal("guestsDeleted"),
  v.literal("chatDeleted"),
  v.literal("chatsExported"),
  v.literal("keySet"),
  v.literal("keyRemoved"),
  v.literal("tokenMade"),
  v.literal("tokenRevoked"),
  v.literal("budgetChanged"),
  v.literal("modelsChanged"),
  v.literal("providerAdded"),
  v.literal("providerChanged"),
  v.literal("providerRemoved"),
  v.literal("toolChanged"),
  v.literal("doorChanged"),
  v.literal("limitChanged"),
);
export type AuditKind = Infer<typeof vAuditKind>;

/** Somebody, by the name that they had then. */
export const vAuditPerson = v.object({ userId: v.id("users"), name: v.string() });
export type AuditPerson = Infer<typeof vAuditPerson>;
