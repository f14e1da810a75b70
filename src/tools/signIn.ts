import { parseRoute, type Route } from "../app/route.ts";

/** The way to a tool server's page, where a person signs in, and back to `/connected`. */

const PLACE_KEY = "verbatim:signInPlace";

/** What a server's page has sent the person back with. */
export type Back =
  | { kind: "code"; code: string; state: string; issuer: string | null }
  /** They have said no there, or its page has failed. */
  | { kind: "refused" };

/** Leaves for the server's page. Coming back, one is where one was. */
export function goToServer(url: string): void {
  try {
    sessionStorage.setItem(PLACE_KEY, window.location.pathname);
  } catch {
    // One comes back to a new chat.
  }
  window.location.assign(url);
}

/** `search`: of the address that this page was opened with. */
export function readBack(search: string): Back {
  const params = new URLSearchParams(search);
  const [code, state] = [params.get("code"), params.get("state")];
  if (code === null || state === null) return { kind: "refused" };
  return { kind: "code", code, state, issuer: params.get("iss") };
}

/** Where one has left from. */
export function placeBefore(): Route {
  try {
    const place = sessionStorage.getItem(PLACE_KEY);
    sessionStorage.removeItem(PLACE_KEY);
    return parseRoute(place ?? "/");
  } catch {
    return { kind: "newChat" };
  }
}
