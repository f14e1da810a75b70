"use node";

import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { v } from "convex/values";
import { internalAction, type ActionCtx } from "./_generated/server";
import { HashLine } from "./model/accounts/hashLine";
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

const inLine = async <T>(ctx: ActionCtx, work: () => Promise<T>): Promise<T> =>
  await line.run((await callersNetwork(ctx)) ?? "unknown", work);

/** The hash under which a password is stored. Errors: RATE_LIMITED. */
export const hash = internalAction({
  args: { password: v.string() },
  returns: v.string(),
  handler: (ctx, args) => inLine(ctx, () => hashPassword(args.password)),
});

/** Is it the password of this hash? Takes as long for `null`: an account that does not exist. Errors: RATE_LIMITED. */
export const verify = internalAction({
  args: { password: v.string(), hash: v.union(v.string(), v.null()) },
  returns: v.boolean(),
  handler: (ctx, args) => inLine(ctx, () => verifyPassword(args.password, args.hash)),
});
