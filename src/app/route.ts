import { createStore, useStore } from "../lib/store.ts";

/** What the address bar says. A chat's URL can be opened, shared with oneself and gone back to. */
export type Route =
  | { kind: "newChat" }
  /** `messageId`: opened at that message, as from a search; it is the address's fragment. */
  | { kind: "chat"; taskId: string; messageId?: string }
  | { kind: "archive" }
  /** What the owner and admins decide; `section`: the part that is open, "" for the first. */
  | { kind: "owner"; section: string };

const CHAT_PATH = /^\/chat\/([^/]+)\/?$/;
const OWNER_PATH = /^\/owner(?:\/([a-z]+))?\/?$/;

/** An unknown path is the new chat: there is nothing to warn about. */
export function parseRoute(pathname: string, hash = ""): Route {
  const chat = CHAT_PATH.exec(pathname)?.[1];
  if (chat !== undefined) {
    try {
      const taskId = decodeURIComponent(chat);
      return hash.length <= 1 ? { kind: "chat", taskId } : { kind: "chat", taskId, messageId: hash.slice(1) };
    } catch {
      return { kind: "newChat" };
    }
  }
  const owner = OWNER_PATH.exec(pathname);
  if (owner) return { kind: "owner", section: owner[1] ?? "" };
  return pathname.replace(/\/$/, "") === "/archive" ? { kind: "archive" } : { kind: "newChat" };
}

export function formatRoute(route: Route): string {
  switch (route.kind) {
    case "newChat":
      return "/";
    case "chat":
      return `/chat/${encodeURIComponent(route.taskId)}${route.messageId === undefined ? "" : `#${route.messageId}`}`;
    case "archive":
      return "/archive";
    case "owner":
      return route.section === "" ? "/owner" : `/owner/${route.section}`;
    default:
      return route satisfies never;
  }
}

const shownRoute = () => parseRoute(window.location.pathname, window.location.hash);
const routeStore = createStore(shownRoute());
window.addEventListener("popstate", () => routeStore.set(shownRoute()));

export const useRoute = () => useStore(routeStore);
export const currentRoute = () => routeStore.get();

/** `replace` keeps the history's length: used when a new chat gets its address. */
export function navigate(route: Route, how: "push" | "replace" = "push") {
  const path = formatRoute(route);
  if (path === window.location.pathname + window.location.hash) how = "replace";
  window.history[how === "push" ? "pushState" : "replaceState"](null, "", path);
  routeStore.set(route);
}
