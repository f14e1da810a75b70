/** [G11] A token is read as the auth library reads it, which has made it. */
import { getAuthSessionId, getAuthUserId } from "@convex-dev/auth/server";
import type { UserIdentity } from "convex/server";
import { expect, test, vi } from "vitest";
import { namedByToken } from "../../convex/model/sessions/namedByToken.ts";

function callerWith(subject: string | null) {
  const identity = subject === null ? null : ({ subject } as UserIdentity);
  return { auth: { getUserIdentity: vi.fn(async () => identity) } };
}

test.each([null, "person|session", "person", "person|", "|session", "", "person|session|more"])(
  "[G11] a token of %j names whom the library says, and is asked for once",
  async (subject) => {
    const caller = callerWith(subject);
    const named = await namedByToken(caller);
    expect(caller.auth.getUserIdentity).toHaveBeenCalledTimes(1);
    expect(named?.userId ?? null).toBe(await getAuthUserId(caller));
    expect(named?.sessionId ?? null).toBe((await getAuthSessionId(caller)) || null);
  },
);
