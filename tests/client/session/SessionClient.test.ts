import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConvexReactClient } from "convex/react";
import { api } from "../../../convex/_generated/api";
import { failure } from "../../../convex/shared/errors";
import { renewalTroubled, SessionClient } from "../../../src/session/SessionClient.ts";

let client: SessionClient;
const fetchToken = vi.fn(() => Promise.resolve(null));

beforeEach(async () => {
  vi.useFakeTimers();
  client = new SessionClient("http://127.0.0.1:9");
  client.setAuth(fetchToken);
  // Its own requests of a first token.
  await vi.advanceTimersByTimeAsync(0);
  fetchToken.mockClear();
});
afterEach(async () => {
  await client.close();
  vi.useRealTimers();
});

describe("[G14] a function says that there is no session", () => {
  const ended = failure("UNAUTHENTICATED", "Your session has ended.");
  const fails = (error: Error) => () => Promise.reject(error);
  const call = vi.spyOn(ConvexReactClient.prototype, "mutation");
  const act = vi.spyOn(ConvexReactClient.prototype, "action");
  const watch = vi.spyOn(ConvexReactClient.prototype, "watchQuery");
  const queryFails = (error: unknown) =>
    watch.mockReturnValue({
      localQueryResult: () => {
        throw error;
      },
    } as never);
  afterAll(() => [call, act, watch].forEach((spy) => spy.mockRestore()));
  const read = () => client.watchQuery(api.accounts.me, {}).localQueryResult();

  test("by a query, a mutation or an action: it is renewed at once, and the caller is told", async () => {
    call.mockImplementation(fails(ended));
    act.mockImplementation(fails(ended));
    queryFails(ended);
    const calls = [
      () => client.mutation(api.accounts.signOutOthers, {}),
      () => client.action(api.accounts.invite, { role: "member" }),
      async () => await Promise.resolve().then(read),
    ];
    for (const [index, one] of calls.entries()) {
      client.setAuth(fetchToken);
      await vi.advanceTimersByTimeAsync(0);
      fetchToken.mockClear();
      await expect(one(), String(index)).rejects.toBe(ended);
      expect(fetchToken.mock.calls, String(index)).toEqual([[{ forceRefreshToken: true }]]);
    }
  });

  test("many say so: it is renewed once, and once more for those who said so after that; a new session ends it", async () => {
    queryFails(ended);
    for (let i = 0; i < 10; i++) expect(read).toThrow(ended);
    expect(fetchToken).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetchToken).toHaveBeenCalledTimes(2);
    for (let i = 0; i < 10; i++) expect(read).toThrow(ended);
    client.clearAuth();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetchToken).toHaveBeenCalledTimes(3);
  });

  test("other errors say nothing about the session", () => {
    for (const error of [new Error("Server Error"), failure("NOT_FOUND", "…"), null]) {
      queryFails(error);
      expect(read).toThrow();
    }
    expect(fetchToken).not.toHaveBeenCalled();
  });
});

describe("[G14] a server that refuses a token which it has itself renewed", () => {
  /** What the official client is given, and what it would say of it. */
  const official = vi.spyOn(ConvexReactClient.prototype, "setAuth");
  const says = async (isAuthenticated: boolean) => {
    const [fetch, onChange] = official.mock.lastCall!;
    await fetch({ forceRefreshToken: true });
    onChange?.(isAuthenticated);
    await vi.advanceTimersByTimeAsync(0);
  };
  const onChange = vi.fn();
  beforeEach(() => {
    renewalTroubled.set(false);
    official.mockReset();
    onChange.mockReset();
  });

  test("it is tried again until it is accepted, and the page says that signing in fails", async () => {
    client.setAuth(() => Promise.resolve("token"), onChange);
    for (let tries = 1; tries <= 3; tries++) {
      await says(false);
      expect(renewalTroubled.get()).toBe(true);
      expect(official).toHaveBeenCalledTimes(tries);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(official).toHaveBeenCalledTimes(tries + 1);
    }
    await says(true);
    expect(renewalTroubled.get()).toBe(false);
    expect(onChange.mock.calls).toEqual([[false], [false], [false], [true]]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(official).toHaveBeenCalledTimes(4);
  });

  test("a session that the server has ended is not tried again; nor is one that was signed out meanwhile", async () => {
    client.setAuth(() => Promise.resolve(null), onChange);
    await says(false);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(official).toHaveBeenCalledOnce();
    client.setAuth(() => Promise.resolve("token"), onChange);
    await says(false);
    client.clearAuth();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(official).toHaveBeenCalledTimes(2);
  });
});
