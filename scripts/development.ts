/** `npm run dev`: the page by Vite with hot reload. */
import type { RequestListener, Server } from "node:http";
import type { ViteDevServer } from "vite";

export interface Development {
  /** For the backend's `page`: Vite answers for the page, and its hot reload uses the same port. */
  readonly page: { attach: (server: Server) => Promise<RequestListener> };
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
    close: async () => {
      await vite?.close();
    },
  };
}
