/** `npm run dev`: the page by Vite with hot reload, and functions that are replaced when their files change. */
import type { RequestListener, Server } from "node:http";
import path from "node:path";
import type { ViteDevServer } from "vite";

/** Editors write several files at once; one rebuild is enough for them. */
const SETTLE_MS = 50;

export interface Development {
  /** For the backend's `page`: Vite answers for the page, and its hot reload uses the same port. */
  readonly page: { attach: (server: Server) => Promise<RequestListener> };
  /** Calls `rebuild` after functions have changed; calls never overlap. */
  watchFunctions(functionsDir: string, rebuild: () => Promise<void>): void;
  close(): Promise<void>;
}

export function startDevelopment(root: string): Development {
  let vite: ViteDevServer | undefined;
  return {
    page: {
      attach: async (server) => {
        // Loaded here, so that `npm start` never does.
        const { createServer } = await import("vite");
        vite = await createServer({
          root,
          appType: "spa",
          // The page finds its backend where it came from; a deployment's URL in `.env.local` is for `dev:convex`.
          envDir: false,
          // The backend has checked the host by the time Vite sees a request.
          server: { middlewareMode: true, hmr: { server }, allowedHosts: true },
          clearScreen: false,
        });
        return vite.middlewares;
      },
    },
    watchFunctions(functionsDir, rebuild) {
      if (vite) watch(vite, functionsDir, rebuild);
    },
    close: async () => {
      await vite?.close();
    },
  };
}

function watch(vite: ViteDevServer, functionsDir: string, rebuild: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined;
  let rebuilt: Promise<void> = Promise.resolve();
  vite.watcher.add(functionsDir);
  vite.watcher.on("all", (_event, file) => {
    const relative = path.relative(functionsDir, file);
    if (relative.startsWith("..") || relative.startsWith("_generated")) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      rebuilt = rebuilt.then(rebuild);
    }, SETTLE_MS);
  });
}
