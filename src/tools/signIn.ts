import { navigate, parseRoute } from "../app/route.ts";
import { newChatTools } from "../composer/newChatTools.ts";

/** The way to a tool server's page, where a person signs in, and back to `/connected`. */

const PLACE_KEY = "verbatim:signInPlace";

/** What a server's page has sent the person back with. */
export type Back =
  | { kind: "code"; code: string; state: string; issuer: string | null }
  /** They have said no there, or its page has failed. */
  | { kind: "refused" };

/** Leaves for the server's page. Coming back, one is where one was, with the tools that were chosen for a new chat. */
export function goToServer(url: string): void {
  try {
    const place = { path: window.location.pathname, tools: newChatTools.get() };
    sessionStorage.setItem(PLACE_KEY, JSON.stringify(place));
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

/** Back to where one has left from. */
export function returnToPlace(): void {
  const { path, tools } = placeBefore();
  newChatTools.set(tools);
  navigate(parseRoute(path), "replace");
}

const NOWHERE = { path: "/", tools: [] };

function placeBefore(): { path: string; tools: string[] } {
  try {
    const stored = JSON.parse(sessionStorage.getItem(PLACE_KEY) ?? "null") as Partial<Place> | null;
    sessionStorage.removeItem(PLACE_KEY);
    const tools = Array.isArray(stored?.tools) ? stored.tools.filter((id) => typeof id === "string") : [];
    return typeof stored?.path === "string" ? { path: stored.path, tools } : NOWHERE;
  } catch {
    return NOWHERE;
  }
}

type Place = { path: unknown; tools: unknown[] };
