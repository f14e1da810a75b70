/** Functions that fail in every way a function can be called. */
import {
  actionGeneric,
  anyApi,
  internalActionGeneric,
  internalMutationGeneric,
  mutationGeneric,
  queryGeneric,
  type ApiFromModules,
} from "convex/server";
import { ConvexError } from "convex/values";
import * as names from "./names.ts";
import type * as self from "./failing.ts";

const { failing } = anyApi as unknown as ApiFromModules<{ failing: typeof self }>;

export const query = queryGeneric(async (ctx) => {
  const { length } = await ctx.db.query("notes").collect();
  throw new Error(`the query failed with ${length > 1 ? "many" : "few"} notes`);
});

export const mutation = mutationGeneric({
  args: {},
  handler: async (ctx) => {
    await ctx.db.insert("notes", {});
    throw new ConvexError({ code: "REFUSED", size: 7n });
  },
});

export const action = actionGeneric(async (ctx) => {
  await ctx.runMutation(failing.inner, {});
});

export const inner = internalMutationGeneric({
  args: {},
  handler: (): null => {
    throw new TypeError("the inner mutation failed");
  },
});

export const add = mutationGeneric(async (ctx) => {
  await ctx.db.insert("notes", {});
});

export const schedule = mutationGeneric(async (ctx) => {
  await ctx.scheduler.runAfter(0, failing.scheduledMutation, {});
  await ctx.scheduler.runAfter(0, failing.scheduledAction, {});
});

export const scheduledMutation = internalMutationGeneric(() => {
  throw new RangeError("the scheduled mutation failed");
});

export const scheduledAction = internalActionGeneric(() => {
  throw new RangeError("the scheduled action failed");
});

export const jobs = queryGeneric(async (ctx) => await ctx.db.system.query("_scheduled_functions").collect());

export const catches = mutationGeneric(async (ctx) => {
  try {
    await ctx.runMutation(failing.inner, {});
    return "not reached";
  } catch {
    return "caught";
  }
});

/** Classes of one name in two files, and a function and a class that know their own names. */
export const classNames = queryGeneric(() => {
  class NotFoundError extends Error {}
  const arrow = () => 1;
  return [
    NotFoundError.name,
    names.NotFoundError.name,
    new names.NotFoundError().constructor.name,
    arrow.name,
  ];
});

export const throwsNamed = queryGeneric(() => {
  throw new names.NotFoundError("no such note");
});

class Service {
  async find(): Promise<never> {
    await Promise.resolve();
    return this.fail();
  }

  private fail(): never {
    throw new Error("no service");
  }
}

export const method = queryGeneric({ args: {}, handler: async () => await new Service().find() });

export const constructs = queryGeneric(() => {
  class Broken {
    readonly isBroken = true;
    constructor() {
      throw new Error("not constructible");
    }
  }
  return new Broken();
});

async function deep(): Promise<never> {
  await Promise.resolve();
  throw new Error("deep");
}

export const anonymous = queryGeneric(async () => {
  await deep();
});

export const calledByAnonymous = mutationGeneric(async (ctx) => {
  await ctx.runQuery(failing.anonymous, {});
});
