import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { forgetOldAudit, listAudit, vAuditEvent } from "./model/accounts/audit";
import { vAuditKind } from "./model/accounts/auditKinds";
import { findOwner } from "./model/accounts/people";
import { adminQuery } from "./model/functions";

/** What was done to accounts, newest first; `kind`: of these alone. */
export const list = adminQuery({
  args: { kind: v.union(vAuditKind, v.null()), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(vAuditEvent),
  handler: async (ctx, args) => listAudit(ctx, { ...args, ownersId: (await findOwner(ctx))?.userId ?? null }),
});

/** Deletes old entries; called by a cron. */
export const forgetOld = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => forgetOldAudit(ctx),
});
