import { lazy, Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { PlainText } from "./PlainText.tsx";

/** The renderer is a large part of the page and not needed to show it: it is loaded beside the first paint. */
const loadRenderer = () => import("./StreamingMarkdown.tsx");
const StreamingMarkdown = lazy(loadRenderer);

/** Begins loading the renderer, so that it is there when the first answer is. */
export function preloadMarkdown() {
  loadRenderer().catch(() => undefined);
}

/**
 * Markdown of a model. Until the renderer is there, and should it fail, the same text is readable as it is.
 * `live` while more may come, `cut` if it broke off: half-open markup at the end is closed for display. `cited`: see StreamingMarkdown.
 */
export function Markdown({
  text,
  live,
  cited = "",
  cut = false,
}: {
  text: string;
  live: boolean;
  cited?: string;
  cut?: boolean;
}) {
  const plain = <PlainText text={text} />;
  return (
    <ErrorBoundary fallback={plain}>
      <Suspense fallback={plain}>
        <StreamingMarkdown text={text} live={live} cited={cited} cut={cut} />
      </Suspense>
    </ErrorBoundary>
  );
}
