import { SessionClient } from "../session/SessionClient.ts";

/** The page is served by its backend, unless it was built for a deployment elsewhere. */
const CONVEX_URL = import.meta.env.VITE_CONVEX_URL ?? window.location.origin;

/**
 * `unsavedChangesWarning` is off: a prompt that is on its way is kept in the outbox and sent again after a reload,
 * so there is nothing to warn about.
 */
export const convex = new SessionClient(CONVEX_URL, { unsavedChangesWarning: false });
