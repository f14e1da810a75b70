"use node";

import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Id } from "./_generated/dataModel";
import { internalAction, type ActionCtx } from "./_generated/server";
import { HashLine } from "./model/accounts/hashLine";
import type { Account } from "./model/accounts/signIn";
import { vShown } from "./model/accounts/tries";
import { callersNetwork } from "./model/budgets/address";

/**
 * Password hashes: scrypt, with one of the settings that OWASP's Password Storage Cheat Sheet gives (32 MiB, three rounds). Native, and away
 * from the thread that runs functions. Stored as `scrypt$<N>$<r>$<p>$<salt>$<key>`, so that later versions can raise the cost.
 */

const COST = { N: 32_768, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** What N and r need, with room. */
const MAX_MEMORY = 64 * 1024 * 1024;

/** A new hash, with its own salt. */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), key.toString("base64")].join("$");
}

/** Is it the password? `hash` null: of an account that does not exist, which takes as long to find out. */
async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const [kind, N, r, p, salt, key] = (hash ?? "").split("$");
  if (kind !== "scrypt" || salt === undefined || key === undefined) {
    await derive(password, randomBytes(SALT_BYTES), COST);
    return false;
  }
  const expected = Buffer.from(key, "base64");
  const actual = await derive(password, Buffer.from(salt, "base64"), {
    ...{ N: Number(N), r: Number(r), p: Number(p) },
  });
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The same letters may be typed as different characters. */
const bytesOf = (password: string) => Buffer.from(password.normalize("NFKC"), "utf8");

function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(bytesOf(password), salt, KEY_BYTES, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

const line = new HashLine();

/** Has `pay` and then, when it is the caller's turn, `work` done; who is sent away has paid nothing. Errors: RATE_LIMITED, and those of both. */
async function inLine<P, T>(
  ctx: ActionCtx,
  pay: () => Promise<P>,
  work: (paid: P) => Promise<T>,
): Promise<T> {
  const place = line.enter((await callersNetwork(ctx)) ?? "unknown");
  try {
    const paid = await pay();
    await place.turn();
    return await work(paid);
  } finally {
    place.leave();
  }
}

/** Pays for what somebody shows, and returns the hash under which their password is stored. Errors: RATE_LIMITED. */
export const hash = internalAction({
  args: { shown: vShown, password: v.string() },
  returns: v.string(),
  handler: (ctx, { shown, password }): Promise<string> =>
    inLine(
      ctx,
      () => ctx.runMutation(internal.accounts.takeTry, { shown }),
      () => hashPassword(password),
    ),
});

/**
 * Pays for a try, and returns whose account it opens; null for a wrong name or password. Takes as long for an account that does not exist.
 * Errors: RATE_LIMITED.
 */
export const verify = internalAction({
  args: { login: v.string(), password: v.string() },
  returns: v.union(v.id("users"), v.null()),
  handler: (ctx, { login, password }): Promise<Id<"users"> | null> =>
    inLine(
      ctx,
      (): Promise<Account | null> => ctx.runMutation(internal.accounts.beginSignIn, { login }),
      async (account) => {
        const isRight = await verifyPassword(password, account?.hash ?? null);
        return account !== null && isRight ? account.userId : null;
      },
    ),
});

/**
 * Pays for a try of the caller's own password, and returns the hash of their new one; null if `current` is wrong. Errors: NOT_FOUND,
 * RATE_LIMITED.
 */
export const change = internalAction({
  args: { current: v.string(), password: v.string() },
  returns: v.union(v.string(), v.null()),
  handler: (ctx, { current, password }): Promise<string | null> =>
    inLine(
      ctx,
      (): Promise<string> => ctx.runMutation(internal.accounts.beginChange, {}),
      async (stored) => ((await verifyPassword(current, stored)) ? await hashPassword(password) : null),
    ),
});
