import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure } from "../../../convex/shared/errors";
import { SessionClient } from "../../../src/session/SessionClient.ts";

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

test("[G14] a function says that there is no session: it is renewed at once, once for many who say so", () => {
  const ended = failure("UNAUTHENTICATED", "Your session has ended.");
  for (let i = 0; i < 10; i++) client.noteFailure(ended);
  expect(fetchToken.mock.calls).toEqual([[{ forceRefreshToken: true }]]);
  vi.advanceTimersByTime(5_000);
  client.noteFailure(ended);
  expect(fetchToken).toHaveBeenCalledTimes(2);
});

test("[G14] other errors say nothing about the session", () => {
  for (const error of [new Error("Server Error"), failure("NOT_FOUND", "…"), null]) client.noteFailure(error);
  expect(fetchToken).not.toHaveBeenCalled();
});
