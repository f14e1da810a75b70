import { describe, expect, test } from "vitest";
import { SERVER } from "../../embedded/functions/client.ts";
import { MemoryAccount } from "../../embedded/memoryAccount.ts";

describe("[E16.11] one account for the memory of all buffers", () => {
  test("one payer gets half of it, two get a third each, and there is always some left for the next", () => {
    const account = new MemoryAccount(1200);
    const first = account.open("person a", false);
    expect(first.resize(601)).toBe(false);
    expect(first.resize(600)).toBe(true);
    first.resize(0);
    const holdings = ["a", "b", "c"].map((name) => account.open(`person ${name}`, false));
    for (const holding of holdings) for (let bytes = 1; holding.resize(bytes); bytes++);
    const held = holdings.map(({ bytes }) => bytes);
    expect(held).toEqual([600, 300, 150]);
    expect(account.open("person d", false).resize(75)).toBe(true);
  });

  test("several holdings of one payer count together", () => {
    const account = new MemoryAccount(1000);
    const holdings = Array.from({ length: 10 }, () => account.open("person a", false));
    expect(holdings.filter((holding) => holding.resize(100))).toHaveLength(5);
  });

  test("nobody who is not signed in gets more than a quarter, all together; people go on", () => {
    const account = new MemoryAccount(4000);
    const nobodies = Array.from({ length: 200 }, (_, i) => account.open(`address ${i}`, true));
    for (const holding of nobodies) for (let bytes = 1; holding.resize(bytes); bytes++);
    expect(account.used).toBeLessThanOrEqual(1000);
    expect(nobodies[0]?.bytes).toBe(500);
    expect(account.open("person a", false).resize(1000)).toBe(true);
  });

  test("who signs in takes along what they hold; what is closed is free again, once", () => {
    const account = new MemoryAccount(4000);
    const holding = account.open("address 1", true);
    holding.resize(500);
    holding.moveTo("person a", false);
    expect(account.open("address 1", true).resize(500)).toBe(true);
    expect(account.used).toBe(1000);
    holding.close();
    holding.close();
    expect(holding.resize(100)).toBe(true);
    expect(account.used).toBe(500);
  });

  test("the server's own is never refused", () => {
    expect(new MemoryAccount(10).open(SERVER, false).resize(1000)).toBe(true);
  });
});
