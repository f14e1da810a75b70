import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createLog } from "../../embedded/log.ts";
import { withoutFloods } from "../../embedded/logFlood.ts";

function open(linesPerSecond: number) {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const lines: string[] = [];
  const { log, stop } = withoutFloods(
    createLog("info", (_level, line) => lines.push(line)),
    linesPerSecond,
  );
  const client = (payer: string) => ({ ip: null, userAgent: null, authToken: null, payer });
  const fail = (payer: string, message: string): void =>
    log.functionFailed({ address: { component: "", path: "m:f" }, client: client(payer) }, { message });
  return { log, lines, fail, stop };
}

describe("[E1.12] nobody can flood the log", () => {
  test("each client's functions have so many lines a second; the rest is told in one line", () => {
    const { lines, fail } = open(5);
    for (let i = 0; i < 1000; i++) fail("person a", `error ${i}`);
    fail("person b", "error of b");
    expect(lines).toHaveLength(6);
    expect(lines[5]).toContain("error of b");
    vi.advanceTimersByTime(1000);
    expect(lines).toHaveLength(7);
    expect(lines[6]).toContain("995 more lines like this function=m:f");
    fail("person a", "again");
    expect(lines).toHaveLength(8);
  });

  test("long lines count as several", () => {
    const { lines, fail } = open(20);
    for (let i = 0; i < 100; i++) fail("person a", "x".repeat(60_000));
    expect(lines).toHaveLength(1);
  });

  test("what the server says of its clients is bounded too, and what is left out is told at the end", () => {
    const { log, lines, stop } = open(2);
    for (let i = 0; i < 100; i++) log.warn("sync", "A client's socket failed");
    expect(lines).toHaveLength(20);
    stop();
    expect(lines[20]).toContain("80 more lines like this");
  });
});
