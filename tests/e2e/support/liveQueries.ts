import type { Page } from "playwright-core";

interface Modification {
  readonly type: "Add" | "Remove" | "Failed";
  readonly queryId: number;
  readonly udfPath?: string;
}

/**
 * Counts what a page asks of its server, from what it sends over its socket. For `Person.openTab`; a reload, which is
 * another connection, begins anew.
 */
export function countLiveQueries(isCounted: (path: string) => boolean) {
  let live = new Set<number>();
  let asked = 0;
  const modify = ({ type, queryId, udfPath = "" }: Modification) => {
    if (type !== "Add") live.delete(queryId);
    else if (isCounted(udfPath)) {
      live.add(queryId);
      asked++;
    }
  };
  const prepare = (page: Page): Promise<void> => {
    page.on("websocket", (socket) => {
      live = new Set();
      socket.on("framesent", ({ payload }) => {
        const message = JSON.parse(String(payload)) as { type: string; modifications?: Modification[] };
        if (message.type === "ModifyQuerySet") message.modifications?.forEach(modify);
      });
    });
    return Promise.resolve();
  };
  return { prepare, live: () => live.size, asked: () => asked };
}
