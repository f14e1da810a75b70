/** [G11] Who hashes passwords when: one at a time, networks in turn. */
import { expect, test } from "vitest";
import { internal } from "../../convex/_generated/api";
import { HashLine } from "../../convex/model/accounts/hashLine";
import { newBackend } from "../helpers/backend.ts";
import { expectFailure } from "./support.ts";

test("[G11] passwords are hashed one at a time, networks take turns, and one that fails holds up nobody", async () => {
  const line = new HashLine();
  const begun: string[] = [];
  let running = 0;
  const add = (network: string, name: string) =>
    line.run(network, async () => {
      expect(++running).toBe(1);
      begun.push(name);
      await Promise.resolve();
      running--;
      if (name === "b1") throw new Error("No memory");
      return name;
    });
  const names = ["a1", "a2", "a3", "b1", "b2", "c1"];
  const results = await Promise.allSettled(names.map((name) => add(name.charAt(0), name)));
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
  expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, true, true, false, true, true]);
  expect(await add("a", "a4")).toBe("a4");
});

test("[G11] of one network sixteen wait; more are refused at once, and others are let in", async () => {
  const t = newBackend();
  // One that is cheap to compare with.
  const hash = "scrypt$2$1$1$AAAA$AAAA";
  const verify = () => t.action(internal.passwords.verify, { password: "x", hash });
  const tries = Array.from({ length: 40 }, verify);
  const results = await Promise.allSettled(tries);
  const refused = results.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(40 - 17);
  await expectFailure(tries[results.findIndex(({ status }) => status === "rejected")]!, "RATE_LIMITED");
  expect(await verify()).toBe(false);
});
