import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { metaContentSecurityPolicy } from "./embedded/http/page/securityHeaders.ts";

const CHARSET = '<meta charset="utf-8" />';

/** Puts the page's policy into it, so that it holds on a static host too. In development Vite runs scripts of its own. */
function policyInPage(): Plugin {
  let backend: string | null = null;
  return {
    name: "policy-in-page",
    apply: "build",
    configResolved({ env }) {
      backend = (env["VITE_CONVEX_URL"] as string | undefined) ?? null;
    },
    transformIndexHtml: {
      order: "post",
      handler(html) {
        const policy = metaContentSecurityPolicy(html, backend);
        return html.replace(
          CHARSET,
          `${CHARSET}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        );
      },
    },
  };
}

/** The page. The server (`npm start`) serves what this builds; in development it mounts Vite itself. */
export default defineConfig({
  plugins: [react(), policyInPage()],
  css: {
    postcss: {
      plugins: [
        {
          // Vite puts what a module composes of another file into it without its origin, and then warns that it has none.
          postcssPlugin: "origin-of-composed",
          OnceExit(root) {
            const { source } = root;
            if (source === undefined) return;
            root.walk((node) => {
              if (node.source?.input.file === undefined) node.source = source;
            });
          },
        },
      ],
    },
  },
  // Grammars are loaded one by one, also in the worker that colours code.
  worker: { format: "es" },
  build: {
    outDir: "dist/static",
    emptyOutDir: true,
    // Browsers of 2024 and later: `light-dark()`, `content-visibility` and `dvh` are used without a fallback.
    target: ["chrome123", "firefox125", "safari18"],
    // Fonts stay files of their own: a `data:` font is refused by the page's content security policy.
    assetsInlineLimit: 0,
    // All of these browsers preload modules by themselves.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Mermaid and the grammars of rarer languages are large, and loaded only when an answer needs them.
    chunkSizeWarningLimit: 2_000,
    // What is loaded first is one file: cut where a part that is loaded later shares something, it compresses worse by kilobytes.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
});
