/** `@convex-dev/aggregate`, mounted twice: over all, and by game. */
import { TableAggregate } from "@convex-dev/aggregate";
import { v } from "convex/values";
import { components, mutation, query, type DataModel } from "./server.ts";

type Component = ConstructorParameters<typeof TableAggregate>[0];

const leaderboard = new TableAggregate<{ Key: number; DataModel: DataModel; TableName: "scores" }>(
  components["leaderboard"] as Component,
  { sortKey: ({ score }) => score, sumValue: ({ score }) => score },
);
const leaderboardByGame = new TableAggregate<{
  Namespace: string;
  Key: [player: string, score: number];
  DataModel: DataModel;
  TableName: "scores";
}>(components["leaderboardByGame"] as Component, {
  namespace: ({ game }) => game,
  sortKey: ({ player, score }) => [player, score],
});

export const add = mutation({
  args: { scores: v.array(v.object({ game: v.string(), player: v.string(), score: v.number() })) },
  handler: async (ctx, { scores }) => {
    for (const score of scores) {
      const doc = (await ctx.db.get("scores", await ctx.db.insert("scores", score)))!;
      await leaderboard.insert(ctx, doc);
      await leaderboardByGame.insert(ctx, doc);
    }
  },
});

export const removeBelow = mutation({
  args: { score: v.number() },
  handler: async (ctx, { score }) => {
    for (const doc of await ctx.db.query("scores").collect()) {
      if (doc.score >= score) continue;
      await ctx.db.delete("scores", doc._id);
      await leaderboard.delete(ctx, doc);
      await leaderboardByGame.delete(ctx, doc);
    }
  },
});

export const figures = query({
  args: { above: v.number(), place: v.number() },
  handler: async (ctx, { above, place }) => {
    const bounds = { lower: { key: above, inclusive: false } };
    return {
      count: await leaderboard.count(ctx),
      sum: await leaderboard.sum(ctx),
      countAbove: await leaderboard.count(ctx, { bounds }),
      sumAbove: await leaderboard.sum(ctx, { bounds }),
      max: (await leaderboard.max(ctx))?.key,
      at: (await leaderboard.at(ctx, place)).key,
      indexOf: await leaderboard.indexOf(ctx, above),
    };
  },
});

export const ofPlayer = query({
  args: { game: v.string(), player: v.string() },
  handler: async (ctx, { game, player }) => {
    const bounds = { prefix: [player] as [string] };
    const best = await leaderboardByGame.max(ctx, { namespace: game, bounds });
    return { count: await leaderboardByGame.count(ctx, { namespace: game, bounds }), best: best?.key[1] };
  },
});
