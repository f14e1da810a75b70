import { describe, expect, test } from "vitest";
import { Line } from "../../../embedded/engine/line.ts";
import type { Work } from "../../../embedded/engine/work.ts";

/** A work that says what it is when it is asked for. */
const work = (name: string, signal: AbortSignal | null = null): Work & { name: string } => ({
  name,
  kind: "query",
  call: { address: { component: "", path: name }, args: {}, identity: null, visibility: "public" },
  journal: null,
  signal,
  settle: { resolve: () => {}, reject: () => {} },
});

/** Takes `count` works, each of which takes as long as `ms` says, by a clock of its own. */
function take(line: Line, count: number, ms: (name: string) => number): string[] {
  const names: string[] = [];
  let now = 0;
  for (let i = 0; i < count; i++) {
    const next = line.next(now) as (Work & { name: string }) | null;
    if (next === null) break;
    line.shift(now);
    names.push(next.name);
    now += ms(next.name);
  }
  line.pay(now);
  return names;
}

describe("[E6.15] the line", () => {
  test("who has much in line does not keep others waiting; each one's works keep their order", () => {
    const line = new Line();
    for (let i = 0; i < 1000; i++) line.push("person greedy", work(`greedy ${i}`));
    for (let i = 0; i < 3; i++) line.push("person modest", work(`modest ${i}`));
    const names = take(line, 1003, () => 1);
    expect(names.indexOf("modest 2")).toBeLessThan(10);
    const greedy = names.filter((name) => name.startsWith("greedy"));
    expect(greedy).toEqual(Array.from({ length: 1000 }, (_, i) => `greedy ${i}`));
  });

  test("turns are shared by time, not by number", () => {
    const line = new Line();
    for (let i = 0; i < 200; i++) line.push("person slow", work("slow"));
    for (let i = 0; i < 2000; i++) line.push("person quick", work("quick"));
    const names = take(line, 1100, (name) => (name === "slow" ? 20 : 0.2));
    const slowMs = 20 * names.filter((name) => name === "slow").length;
    const quickMs = 0.2 * names.filter((name) => name === "quick").length;
    expect(slowMs / quickMs).toBeGreaterThan(0.7);
    expect(slowMs / quickMs).toBeLessThan(1.4);
  });

  test("the server's own work has every second turn, however many clients there are", () => {
    const line = new Line();
    for (let client = 0; client < 100; client++)
      for (let i = 0; i < 100; i++) line.push(`address ${client}`, work("client"));
    for (let i = 0; i < 5; i++) line.push("", work("server"));
    const names = take(line, 40, () => 1);
    expect(names.filter((name) => name === "server")).toHaveLength(5);
    expect(names.slice(0, 30).filter((name) => name === "client").length).toBeGreaterThanOrEqual(5);
  });

  test("[E16.4] what nobody waits for any more is thrown out, without a turn", () => {
    const line = new Line();
    const left = new AbortController();
    for (let i = 0; i < 100; i++) line.push("person a", work("gone", left.signal));
    line.push("person a", work("wanted"));
    left.abort();
    expect(take(line, 10, () => 1)).toEqual(["wanted"]);
    expect(line.length).toBe(0);
  });

  test("[E16.4] one client's works in line are bounded, the server's are not", () => {
    const line = new Line();
    for (let i = 0; i < 4096; i++) line.push("person a", work("a"));
    expect(() => line.push("person a", work("a"))).toThrow("Too many concurrent requests");
    for (let i = 0; i < 5000; i++) line.push("", work("server"));
    line.push("person b", work("b"));
    expect(line.length).toBe(9097);
    expect(line.drain()).toHaveLength(9097);
    expect(line.next(0)).toBeNull();
  });
});
