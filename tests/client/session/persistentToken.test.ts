import { describe, expect, test, vi } from "vitest";
import { persistently, type FetchToken } from "../../../src/session/persistentToken.ts";

const dependencies = () => ({ pause: vi.fn(() => Promise.resolve()), onRefused: vi.fn() });
const refusal = () => new Error("Uncaught Error: Can't parse refresh token");

describe("renewing a session", () => {
  test("no network: waited out, however long, and the session stays", async () => {
    const fetchToken = vi.fn<FetchToken>();
    for (let outage = 0; outage < 20; outage++)
      fetchToken.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    fetchToken.mockResolvedValue("token");
    const given = dependencies();
    expect(await persistently(fetchToken, given)({ forceRefreshToken: true })).toBe("token");
    expect(given.onRefused).not.toHaveBeenCalled();
  });

  test("refused three times: there is no session any more", async () => {
    const fetchToken = vi.fn<FetchToken>(() => Promise.reject(refusal()));
    const given = dependencies();
    expect(await persistently(fetchToken, given)({ forceRefreshToken: true })).toBeNull();
    expect(fetchToken).toHaveBeenCalledTimes(3);
    expect(given.onRefused).toHaveBeenCalledOnce();
  });

  test("a refusal between outages is no refusal for good", async () => {
    const fetchToken = vi
      .fn<FetchToken>()
      .mockRejectedValueOnce(refusal())
      .mockRejectedValueOnce(refusal())
      .mockRejectedValueOnce(new TypeError("Failed to fetch"))
      .mockRejectedValueOnce(refusal())
      .mockResolvedValue("token");
    const given = dependencies();
    expect(await persistently(fetchToken, given)({ forceRefreshToken: true })).toBe("token");
    expect(given.onRefused).not.toHaveBeenCalled();
  });
});
