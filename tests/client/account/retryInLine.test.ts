/** [G11] A page in the line of those who sign in. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure } from "../../../convex/shared/errors";
import { retryInLine } from "../../../src/account/retryInLine.ts";

const inLine = (retryAfterMs: number) => failure("RATE_LIMITED", "Soon.", { retryAfterMs, scope: "line" });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("[G11] comes back when it is told to, says so meanwhile, and then gets in", async () => {
  const call = vi.fn<() => Promise<void>>();
  call.mockRejectedValueOnce(inLine(5_000)).mockRejectedValueOnce(inLine(2_000)).mockResolvedValue();
  const onWait = vi.fn();
  const entered = retryInLine(call, onWait, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(4_999);
  expect([call.mock.calls.length, onWait.mock.calls.length]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(2_001);
  await entered;
  expect([call.mock.calls.length, onWait.mock.calls.length]).toEqual([3, 2]);
});

test("[G11] tells at once of what waiting does not help with", async () => {
  const call = vi.fn(() => Promise.reject(failure("WRONG_CREDENTIALS", "Wrong.")));
  await expect(retryInLine(call, vi.fn(), new AbortController().signal)).rejects.toThrow("Wrong.");
  expect(call).toHaveBeenCalledTimes(1);
});

test("[G11] gives up after three minutes, and when its form has gone", async () => {
  const patient = vi.fn(() => Promise.reject(inLine(50_000)));
  const refused = expect(retryInLine(patient, vi.fn(), new AbortController().signal)).rejects.toThrow(
    "Soon.",
  );
  await vi.advanceTimersByTimeAsync(180_000);
  await refused;
  expect(patient).toHaveBeenCalledTimes(4);

  const form = new AbortController();
  const left = vi.fn(() => Promise.reject(inLine(50_000)));
  const gone = expect(retryInLine(left, vi.fn(), form.signal)).rejects.toThrow("Soon.");
  await vi.advanceTimersByTimeAsync(1_000);
  form.abort();
  await gone;
  expect(left).toHaveBeenCalledTimes(1);
});
