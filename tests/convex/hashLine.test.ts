/** [G11] Who hashes passwords when: one at a time, networks in turn, and a whole office gets in. */
import { expect, test } from "vitest";
import { internal } from "../../convex/_generated/api";
import { HashLine } from "../../convex/model/accounts/hashLine";
import { failureData, type ErrorData } from "../../convex/shared/errors";
import { newBackend } from "../helpers/backend.ts";

/** Somebody's whole way through the line. */
async function pass(line: HashLine, network: string, work: () => Promise<void>): Promise<void> {
  const place = line.enter(network);
  try {
    await place.turn();
    await work();
  } finally {
    place.leave();
  }
}

/** What somebody is told who is not let in line; null for who is. */
function refusalOf(line: HashLine, network: string): ErrorData | null {
  try {
    line.enter(network);
    return null;
  } catch (error) {
    return failureData(error);
  }
}

test("[G11] passwords are hashed one at a time, networks take turns, and one that fails holds up nobody", async () => {
  const line = new HashLine();
  const begun: string[] = [];
  let running = 0;
  const add = (network: string, name: string) =>
    pass(line, network, async () => {
      expect(++running).toBe(1);
      begun.push(name);
      await Promise.resolve();
      running--;
      if (name === "b1") throw new Error("No memory");
    });
  const names = ["a1", "a2", "a3", "b1", "b2", "c1"];
  const results = await Promise.allSettled(names.map((name) => add(name.charAt(0), name)));
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
  expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, true, true, false, true, true]);
  await add("a", "a4");
  expect(begun.at(-1)).toBe("a4");
});

test("[G11] a hundred people of one office all get their turn within half a minute: each further one is told when to come back", async () => {
  let now = 0;
  const line = new HashLine(() => now);
  const gotIn: number[] = [];
  const rings: { at: number; person: number }[] = [];
  const running: Promise<void>[] = [];
  let calls = 0;
  const come = (person: number): void => {
    calls++;
    let isIn = false;
    const work = async (): Promise<void> => {
      isIn = true;
      gotIn.push(person);
      now += 300;
      await Promise.resolve();
    };
    const passed = pass(line, "office", work).catch((error: unknown) => {
      const { scope, retryAfterMs = 0 } = failureData(error) ?? {};
      expect({ isIn, scope }).toEqual({ isIn: false, scope: "line" });
      rings.push({ at: now + retryAfterMs, person });
    });
    running.push(passed);
  };
  for (let person = 0; person < 100; person++) come(person);
  while (running.length > 0) {
    await Promise.all(running.splice(0));
    rings.sort((a, b) => a.at - b.at);
    now = Math.max(now, rings[0]?.at ?? now);
    while (rings[0] !== undefined && rings[0].at <= now) come(rings.shift()?.person ?? -1);
  }
  expect(calls).toBe(100 + 92);
  // In the order in which they came, and nobody twice.
  expect(gotIn).toEqual(Array.from({ length: 100 }, (_, person) => person));
  expect(now).toBeLessThanOrEqual(31_000);
});

test("[G11] nobody is asked to wait for more than a minute, and one network's line keeps no other network waiting", () => {
  const line = new HashLine(() => 0);
  const told = Array.from({ length: 1_000 }, () => refusalOf(line, "attacker"));
  expect(told.filter((refusal) => refusal === null)).toHaveLength(8);
  const waits = told.flatMap((refusal) => refusal?.retryAfterMs ?? []);
  expect(Math.max(...waits)).toBe(60_000);
  expect(told.at(-1)).toMatchObject({ code: "RATE_LIMITED", scope: "address" });
  expect(refusalOf(line, "office")).toBeNull();
});

test("[G11] who is sent away has not paid for a try", async () => {
  const t = newBackend();
  const login = "ada@example.org";
  await t.run(async (ctx) => {
    const userId = await ctx.db.insert("users", {});
    // A hash that is cheap to compare with.
    const secret = "scrypt$2$1$1$AAAA$AAAA";
    await ctx.db.insert("authAccounts", { userId, provider: "password", providerAccountId: login, secret });
  });
  const verify = () => t.action(internal.passwords.verify, { login, password: "x" });
  const results = await Promise.allSettled(Array.from({ length: 40 }, verify));
  const scopes = results.map((result) =>
    result.status === "fulfilled" ? "let in" : failureData(result.reason)?.scope,
  );
  expect(scopes).toContain("line");
  let letIn = scopes.filter((scope) => scope === "let in").length;
  // Ten tries of a person from an address are looked at, however many have been sent away.
  while (letIn < 10) {
    expect(await verify()).toBeNull();
    letIn++;
  }
  await expect(verify()).rejects.toMatchObject({ data: { code: "RATE_LIMITED", scope: "address" } });
});
