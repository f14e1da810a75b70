/** `@convex-dev/crons`. */
import { Crons } from "@convex-dev/crons";
import { v } from "convex/values";
import { api } from "./api.ts";
import { components, internalMutation, mutation, note, query } from "./server.ts";

const crons = new Crons(components["crons"] as ConstructorParameters<typeof Crons>[0]);

export const register = mutation({
  args: {},
  handler: async (ctx): Promise<string[]> => [
    await crons.register(ctx, { kind: "interval", ms: 1000 }, api.jobs.tick, { name: "often" }, "often"),
    await crons.register(ctx, { kind: "cron", cronspec: "0 0 * * *" }, api.jobs.tick, { name: "daily" }),
  ],
});

export const registerTwice = mutation({
  args: {},
  handler: async (ctx) => {
    await crons.register(ctx, { kind: "interval", ms: 5000 }, api.jobs.tick, { name: "x" }, "often");
  },
});

/** Deletes its own cron the second time. */
export const tick = internalMutation({
  args: { name: v.string() },
  handler: async (ctx, { name }) => {
    if ((await note(ctx, `tick ${name}`)) === 2) await crons.delete(ctx, { name });
  },
});

export const list = query({
  args: {},
  handler: async (ctx): Promise<string[]> =>
    (await crons.list(ctx)).map(({ name, schedule }) =>
      schedule.kind === "interval" ? `${name ?? "-"} ${schedule.ms}` : `${name ?? "-"} ${schedule.cronspec}`,
    ),
});
