import { useAction } from "convex/react";
import { api } from "../../convex/_generated/api";

/** The way to the OpenID Connect provider and back: what this tab keeps meanwhile. */

/** By which somebody new comes in, or `own`: whose account the provider shall open. */
export type ProviderRight =
  | { kind: "setUp"; code: string }
  | { kind: "invitation"; secret: string }
  | { kind: "signUp" }
  | { kind: "own" };

type Trip = {
  secret: string;
  right: ProviderRight | null;
  /** Where one was, to go on there. */
  from: string;
};

/** In the tab's own storage: no other tab can come back in its place. */
const KEY = "verbatim:provider-trip";
const RETURN_PATH = /^\/oidc\/?$/;

/** Has the provider sent the browser here? */
export const isProviderReturn = (): boolean => RETURN_PATH.test(window.location.pathname);

/** Leaves for the provider. Rejects with what the server says against it. */
export function useLeaveForProvider(): (right: ProviderRight | null) => Promise<void> {
  const begin = useAction(api.oidc.begin);
  return async (right) => {
    const { url, secret } = await begin({ origin: window.location.origin });
    const { pathname, hash } = window.location;
    // Links that let somebody in are used up by then.
    const from = right === null || right.kind === "own" ? pathname + hash : "/";
    sessionStorage.setItem(
      KEY,
      JSON.stringify({ secret, right, from: from.startsWith("/oidc") ? "/" : from }),
    );
    window.location.assign(url);
  };
}

/** What `auth.signIn` needs of a return, once: the address shows none of it any more. Null for one that did not begin in this tab. */
export function takeReturn(): (Trip & { query: string }) | null {
  const query = window.location.search.slice(1);
  window.history.replaceState(null, "", window.location.pathname);
  const stored = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return stored === null || query === "" ? null : { ...(JSON.parse(stored) as Trip), query };
}
