/** The renderer is a large part of the page and not needed to show it: it is loaded beside the first paint. */
export const loadRenderer = async () => (await import("./StreamingMarkdown.tsx")).StreamingMarkdown;

/** Begins loading the renderer, so that it is there when the first answer is. */
export function preloadMarkdown() {
  loadRenderer().catch(() => undefined);
}
