import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The page. The server (`npm start`) serves what this builds; in development it mounts Vite itself. */
export default defineConfig({
  plugins: [react()],
  // Grammars are loaded one by one, also in the worker that colours code.
  worker: { format: "es" },
  build: {
    outDir: "dist/page",
    emptyOutDir: true,
    // Browsers of 2024 and later: `light-dark()`, `content-visibility` and `dvh` are used without a fallback.
    target: ["chrome123", "firefox125", "safari18"],
    // Fonts stay files of their own: a `data:` font is refused by the page's content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Mermaid and the grammars of rarer languages are large, and loaded only when an answer needs them.
    chunkSizeWarningLimit: 2_000,
    // What is loaded first is one file: cut where a part that is loaded later shares something, it compresses worse by kilobytes.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
});
