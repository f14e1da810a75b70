/** `@convex-dev/resend`: its queue, and what its webhook reports. */
import { Resend, vEmailId, vOnEmailEventArgs, type EmailId } from "@convex-dev/resend";
import { v } from "convex/values";
import { api } from "./api.ts";
import { components, internalMutation, mutation, note, query } from "./server.ts";

export const resend: Resend = new Resend(components["resend"] as ConstructorParameters<typeof Resend>[0], {
  testMode: false,
  initialBackoffMs: 10,
  onEmailEvent: api.mails.handleEmailEvent,
});

export const send = mutation({
  args: { to: v.array(v.string()), idempotencyKey: v.optional(v.string()) },
  handler: (ctx, { to, idempotencyKey }): Promise<EmailId[]> =>
    Promise.all(
      to.map((address) =>
        resend.sendEmail(ctx, {
          from: "Me <me@a.example>",
          to: address,
          subject: "Hi there",
          html: `<p>for ${address}</p>`,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        }),
      ),
    ),
});

export const cancel = mutation({
  args: { id: vEmailId },
  handler: async (ctx, { id }) => {
    await resend.cancelEmail(ctx, id);
  },
});

export const statuses = query({
  args: { ids: v.array(vEmailId) },
  handler: (ctx, { ids }): Promise<(string | undefined)[]> =>
    Promise.all(ids.map(async (id) => (await resend.status(ctx, id))?.status)),
});

export const handleEmailEvent = internalMutation({
  args: vOnEmailEventArgs,
  handler: async (ctx, { event }) => {
    await note(ctx, "email event", event.type);
  },
});
