import { createStore, useStore } from "../lib/store.ts";

/** What the address bar says. A chat's URL can be opened, shared with oneself and gone back to. */
export type Route = { kind: "newChat" } | { kind: "chat"; taskId: string } | { kind: "archive" };

const CHAT_PATH = /^\/chat\/([^/]+)\/?$/;

/** An unknown path is the new chat: there is nothing to warn about. */
export function parseRoute(pathname: string): Route {
  const chat = CHAT_PATH.exec(pathname)?.[1];
  if (chat !== undefined) {
    try {
      return { kind: "chat", taskId: decodeURIComponent(chat) };
    } catch {
      return { kind: "newChat" };
    }
  }
  return pathname.replace(/\/$/, "") === "/archive" ? { kind: "archive" } : { kind: "newChat" };
}

export function formatRoute(route: Route): string {
  switch (route.kind) {
    case "newChat":
      return "/";
    case "chat":
      return `/chat/${encodeURIComponent(route.taskId)}`;
    case "archive":
      return "/archive";
    default:
      return route satisfies never;
  }
}

const routeStore = createStore(parseRoute(window.location.pathname));
window.addEventListener("popstate", () => routeStore.set(parseRoute(window.location.pathname)));

export const useRoute = () => useStore(routeStore);
export const currentRoute = () => routeStore.get();

/** `replace` keeps the history's length: used when a new chat gets its address. */
export function navigate(route: Route, how: "push" | "replace" = "push") {
  const path = formatRoute(route);
  if (path === window.location.pathname) how = "replace";
  window.history[how === "push" ? "pushState" : "replaceState"](null, "", path);
  routeStore.set(route);
}
