import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { persistently, type FetchToken } from "../../../src/session/persistentToken.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dependencies = () => ({
  pause: vi.fn((ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))),
  onTrouble: vi.fn<(troubled: boolean) => void>(),
});

/** The call's result, once fake time has passed that is enough for 30 pauses. */
async function settled(call: Promise<string | null | undefined>) {
  await vi.advanceTimersByTimeAsync(30 * 30_000);
  return await call;
}

describe("[G14] renewing a session", () => {
  test.each([
    ["no network", new TypeError("Failed to fetch")],
    [
      "a function that throws",
      new Error("[Request ID: 1f] Server Error\nUncaught Error: Missing JWT_PRIVATE_KEY"),
    ],
    ["a proxy's error page", new Error("<html>502 Bad Gateway</html>")],
  ])("thirty failing refreshes (%s): still signed in", async (_name, error) => {
    const fetchToken = vi.fn<FetchToken>();
    for (let failures = 0; failures < 30; failures++) fetchToken.mockRejectedValueOnce(error);
    fetchToken.mockResolvedValue("token");
    const given = dependencies();
    expect(await settled(persistently(fetchToken, given)({ forceRefreshToken: true }))).toBe("token");
    expect(fetchToken).toHaveBeenCalledTimes(31);
    expect(Math.max(...given.pause.mock.calls.map(([ms]) => ms))).toBeLessThanOrEqual(30_000);
  });

  test("trouble is said from the third failure on, and taken back at the end of it", async () => {
    const fetchToken = vi.fn<FetchToken>();
    for (let failures = 0; failures < 5; failures++) fetchToken.mockRejectedValueOnce(new Error("no"));
    fetchToken.mockResolvedValue("token");
    const given = dependencies();
    await settled(persistently(fetchToken, given)({ forceRefreshToken: true }));
    expect(given.onTrouble.mock.calls).toEqual([[true], [false]]);
  });

  test("the server's answer that there is no session is passed on at once", async () => {
    const fetchToken = vi.fn<FetchToken>().mockResolvedValue(null);
    const given = dependencies();
    expect(await persistently(fetchToken, given)({ forceRefreshToken: true })).toBeNull();
    expect(fetchToken).toHaveBeenCalledOnce();
    expect(given.onTrouble).not.toHaveBeenCalled();
  });
});
