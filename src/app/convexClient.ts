import { SessionClient } from "../session/SessionClient.ts";
import { CONVEX_URL } from "./convexUrl.ts";

/**
 * `unsavedChangesWarning` is off: a prompt that is on its way is kept in the outbox and sent again after a reload,
 * so there is nothing to warn about.
 */
export const convex = new SessionClient(CONVEX_URL, { unsavedChangesWarning: false });
